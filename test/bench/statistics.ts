/** The value below which `share` (0 to 1) of the samples lie, by nearest rank. Of no samples: NaN. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return sorted[rank - 1] ?? NaN;
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

export function sum(samples: readonly number[]): number {
  return samples.reduce((total, sample) => total + sample, 0);
}

/** A ratio as it came out in each round, summed up. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Compares two sides round by round, so that what slows a whole round strikes both. */
export function ratioOf(numerators: readonly number[], denominators: readonly number[]): Spread {
  const ratios = numerators.map((numerator, round) => numerator / (denominators[round] ?? NaN));
  return { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) };
}

/** The straight line through two points: what each further unit costs, and what is there without any. */
export function line(
  a: { readonly x: number; readonly y: number },
  b: { readonly x: number; readonly y: number },
): { readonly perUnit: number; readonly fixed: number } {
  const perUnit = (b.y - a.y) / (b.x - a.x);
  return { perUnit, fixed: a.y - perUnit * a.x };
}
