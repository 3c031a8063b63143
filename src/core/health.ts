/** What one call showed: how long it took, when its first text came, and its fault, if transport or validation found one. */
export interface Observation {
  readonly beganMs: number;
  readonly latencyMs: number;
  readonly firstMs?: number;
  readonly fault?: Fault;
  /** What a call should take, where that is declared. */
  readonly objectiveMs?: number;
  /** `late`: the call is still out, and already takes too long; `counted`: it has ended, and was told of as late before. */
  readonly about?: "late" | "counted";
}

/**
 * Kinds of ill health. A limit of requests that we reached is none, and neither is what only our request was to blame for: a prompt
 * that is too long, or an answer that its own limit cut off. `refused`: the provider serves our account no more.
 */
export type Fault = "overloaded" | "unavailable" | "timeout" | "malformed" | "refused";

/** What happened lately, in slots of equal length, oldest first. So many slots at most, whatever happens. */
export type Window = readonly Slot[];

interface Slot {
  readonly startMs: number;
  readonly calls: number;
  readonly faults: Readonly<Record<Fault, number>>;
  /** Calls whose latency, and whose first text, came within each bound. */
  readonly latency: readonly number[];
  readonly first: readonly number[];
}

/** Figures of a window. Latencies are upper bounds, a quarter too high at most; null when there was none. */
export interface Vitals {
  readonly calls: number;
  readonly faults: Readonly<Record<Fault, number>>;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly firstP50Ms: number | null;
  readonly firstP95Ms: number | null;
}

const SLOT_MS = 5_000;
const SLOTS_MAX = 6;
/** Each bound is a quarter above the one before: 10 ms to about 12 minutes. */
const BOUNDS_MS: readonly number[] = Array.from({ length: 51 }, (_, i) => Math.ceil(10 * 1.25 ** i));
const NO_FAULTS: Readonly<Record<Fault, number>> = {
  overloaded: 0,
  unavailable: 0,
  timeout: 0,
  malformed: 0,
  refused: 0,
};
const EMPTY: readonly number[] = BOUNDS_MS.map(() => 0);

/** The window with these calls in it, which ended now. */
export function observe(window: Window, seen: readonly Observation[], nowMs: number): Window {
  if (seen.length === 0) return current(window, nowMs);
  const startMs = nowMs - (nowMs % SLOT_MS);
  const kept = current(window, nowMs);
  const open = kept.find((slot) => slot.startMs === startMs) ?? emptySlot(startMs);
  const others = kept.filter((slot) => slot.startMs !== startMs);
  return [...others, added(open, seen)].slice(-SLOTS_MAX);
}

export function vitalsOf(window: Window, nowMs: number): Vitals {
  const slots = current(window, nowMs);
  const latency = summed(slots.map((slot) => slot.latency));
  const first = summed(slots.map((slot) => slot.first));
  const faultsOf = (fault: Fault): number => slots.reduce((sum, { faults }) => sum + faults[fault], 0);
  return {
    calls: slots.reduce((sum, { calls }) => sum + calls, 0),
    faults: {
      overloaded: faultsOf("overloaded"),
      unavailable: faultsOf("unavailable"),
      timeout: faultsOf("timeout"),
      malformed: faultsOf("malformed"),
      refused: faultsOf("refused"),
    },
    p50Ms: quantileMs(latency, 0.5),
    p95Ms: quantileMs(latency, 0.95),
    firstP50Ms: quantileMs(first, 0.5),
    firstP95Ms: quantileMs(first, 0.95),
  };
}

function current(window: Window, nowMs: number): Window {
  return window.filter(({ startMs }) => startMs > nowMs - SLOT_MS * SLOTS_MAX);
}

function emptySlot(startMs: number): Slot {
  return { startMs, calls: 0, faults: NO_FAULTS, latency: EMPTY, first: EMPTY };
}

function added(slot: Slot, seen: readonly Observation[]): Slot {
  const faults = { ...slot.faults };
  const latency = [...slot.latency];
  const first = [...slot.first];
  for (const { latencyMs, firstMs, fault } of seen) {
    if (fault === undefined) count(latency, latencyMs);
    else faults[fault] += 1;
    if (firstMs !== undefined) count(first, firstMs);
  }
  return { startMs: slot.startMs, calls: slot.calls + seen.length, faults, latency, first };
}

function count(histogram: number[], ms: number): void {
  const found = BOUNDS_MS.findIndex((boundMs) => ms <= boundMs);
  const at = found === -1 ? BOUNDS_MS.length - 1 : found;
  histogram.splice(at, 1, Number(histogram[at]) + 1);
}

function summed(histograms: readonly (readonly number[])[]): readonly number[] {
  return BOUNDS_MS.map((_, i) => histograms.reduce((sum, histogram) => sum + Number(histogram[i]), 0));
}

/** The bound within which this share of the counted ones came. */
function quantileMs(histogram: readonly number[], share: number): number | null {
  const total = histogram.reduce((sum, n) => sum + n, 0);
  let left = Math.ceil(total * share);
  const at = histogram.findIndex((n) => (left -= n) <= 0);
  return total === 0 ? null : Number(BOUNDS_MS[at]);
}
