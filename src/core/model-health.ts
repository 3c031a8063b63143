import { type Breaker, BREAKER_RULES, CLOSED, type Ended, afterCalls, atTime, probing } from "./breaker.ts";
import { type Observation, type Vitals, type Window, observe, vitalsOf } from "./health.ts";

/** Far above what a call should take: so many times its objective or, where none is declared, what it used to take. */
const OBJECTIVE_TIMES = 2;
const BASELINE_TIMES = 4;
/** What calls used to take is noted from so many of them at least, and not more often than that. */
const BASELINE_CALLS_MIN = 20;
const BASELINE_EVERY_MS = 10_000;

/** All that is kept of one provider's model, or of one host of tools: of fixed size, and nothing in it says whose calls they were. */
export interface ModelHealth {
  readonly window: Window;
  readonly breaker: Breaker;
  /** The p95 of better times. */
  readonly baseline: { readonly ms: number; readonly atMs: number } | null;
}

/** What is told of it to those who route by it. */
export interface HealthView extends Vitals {
  readonly at: Breaker["at"];
  /** When an open breaker begins to let probes out. */
  readonly untilMs: number | null;
  /** One probe may go out, by whoever was told this. */
  readonly probe: boolean;
  /** A call without an objective that takes longer is far too slow. */
  readonly slowMs: number | null;
}

export const UNSEEN: ModelHealth = { window: [], breaker: CLOSED, baseline: null };

/** What calls showed, wherever they were made, changes what is known. */
export function informed(before: ModelHealth, seen: readonly Observation[], nowMs: number): ModelHealth {
  const window = observe(
    before.window,
    seen.filter(({ about }) => about !== "late"),
    nowMs,
  );
  const breaker = afterCalls(before.breaker, endedOf(before, seen, nowMs), nowMs, BREAKER_RULES);
  return { window, breaker, baseline: baselineAfter({ ...before, window, breaker }, nowMs) };
}

/** What is told now; `wantsProbe`: whoever asks has work for a probe. */
export function told(
  before: ModelHealth,
  wantsProbe: boolean,
  nowMs: number,
): { readonly health: ModelHealth; readonly view: HealthView } {
  const { breaker, granted } = wantsProbe
    ? probing(before.breaker, nowMs, BREAKER_RULES)
    : { breaker: atTime(before.breaker, nowMs), granted: false };
  const { baseline } = before;
  const view: HealthView = {
    ...vitalsOf(before.window, nowMs),
    at: breaker.at,
    untilMs: breaker.at === "open" ? breaker.untilMs : null,
    probe: granted,
    slowMs: baseline === null ? null : baseline.ms * BASELINE_TIMES,
  };
  return { health: { ...before, breaker }, view };
}

/** When a call is far too slow; null when nobody can say. */
export function slowAfterMs(objectiveMs: number | undefined, slowMs: number | null): number | null {
  return objectiveMs === undefined ? slowMs : objectiveMs * OBJECTIVE_TIMES;
}

function endedOf({ breaker, baseline }: ModelHealth, seen: readonly Observation[], nowMs: number): Ended {
  const now = atTime(breaker, nowMs);
  const sinceMs = now.at === "halfOpen" ? now.sinceMs : 0;
  const counting = seen.filter(({ about, beganMs }) => about !== "counted" && beganMs >= sinceMs);
  const usualMs = baseline === null ? null : baseline.ms * BASELINE_TIMES;
  const bad = counting.filter(({ fault, latencyMs, objectiveMs }) => {
    const slowMs = slowAfterMs(objectiveMs, usualMs);
    return fault !== undefined || (slowMs !== null && latencyMs > slowMs);
  });
  return { good: counting.length - bad.length, bad: bad.length };
}

/** Moves slowly, and only while all is well: what is slow now must not become what is usual. */
function baselineAfter({ window, breaker, baseline }: ModelHealth, nowMs: number): ModelHealth["baseline"] {
  if (breaker.at !== "closed" || nowMs - (baseline?.atMs ?? 0) < BASELINE_EVERY_MS) return baseline;
  const { calls, p95Ms } = vitalsOf(window, nowMs);
  if (p95Ms === null || calls < BASELINE_CALLS_MIN) return baseline;
  const ms = baseline === null ? p95Ms : Math.round(baseline.ms + (p95Ms - baseline.ms) / 4);
  return { ms, atMs: nowMs };
}
