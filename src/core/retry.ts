import type { RetryPolicy } from "../contracts/retry.ts";

/**
 * When to try again after the `tries`-th try failed; null when no try is left. Exponential, capped, with jitter over the upper half
 * of the delay; never sooner than the other side asked for. The jitter comes from `seed`, so that a replay waits the same.
 */
export function retryAtMs(
  policy: RetryPolicy,
  tries: number,
  nowMs: number,
  from: { seed: string; retryAfterMs?: number | undefined },
): number | null {
  if (tries >= policy.attemptsMax) return null;
  const delayMs = Math.min(policy.delayMsFirst * 2 ** (tries - 1), policy.delayMsMax);
  const jitteredMs = Math.ceil(delayMs * (0.5 + fraction(`${from.seed}#${tries}`) / 2));
  const atMs = nowMs + Math.max(jitteredMs, from.retryAfterMs ?? 0);
  // A timer of no time never fires, and its task would wait for ever.
  if (!Number.isFinite(atMs)) throw new Error("a time to try again is a finite number");
  return atMs;
}

/** How long and how often someone stands in line anew at a guard: for a quarter of an hour in all, at least. */
const STANDING: RetryPolicy = { attemptsMax: 40, delayMsFirst: 500, delayMsMax: 30_000 };

/**
 * When to ask for a place again that a guard did not have; null when it was asked for often enough. Counted apart from the tries of a
 * policy: contention is nobody's failure.
 */
export function placeAgainAtMs(
  of: { readonly id: string; readonly turnedAway: number },
  nowMs: number,
  retryAfterMs: number | undefined,
): number | null {
  return retryAtMs(STANDING, of.turnedAway + 1, nowMs, { seed: of.id, retryAfterMs });
}

/** A number in [0, 1) that depends on the text alone (FNV-1a, 32 bits, with a final mix so that near texts lie far apart). */
function fraction(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
}
