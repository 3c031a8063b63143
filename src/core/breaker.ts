/** When a breaker opens, for how long, and what closes it again. */
export interface BreakerRules {
  /** What is judged: the last calls, of as many seconds as it takes for so many of them, and of so long at most. */
  readonly callsMin: number;
  readonly windowMs: number;
  /** It opens when this share of them was bad. */
  readonly badShare: number;
  /** Open for so long, and twice as long each time that a probe finds it still ill. */
  readonly openMsFirst: number;
  readonly openMsMax: number;
  /** While half open, one probe in so long may go out, and so many good ones in a row close it. */
  readonly probeEveryMs: number;
  readonly probesMin: number;
}

/**
 * Back within half a minute: after a provider has recovered, at most ten seconds until probes begin, and three seconds of probes.
 * Away within five: where there is much traffic, one second of bad calls is enough.
 */
export const BREAKER_RULES: BreakerRules = {
  callsMin: 5,
  windowMs: 10_000,
  badShare: 0.5,
  openMsFirst: 3_000,
  openMsMax: 10_000,
  probeEveryMs: 1_000,
  probesMin: 3,
};

/** Moved by facts of transport and validation, and by time; never by what a text says. Plain data of bounded size. */
export type Breaker =
  | { readonly at: "closed"; readonly recent: readonly Beat[] }
  | { readonly at: "open"; readonly sinceMs: number; readonly untilMs: number; readonly trips: number }
  | {
      readonly at: "halfOpen";
      readonly sinceMs: number;
      readonly trips: number;
      readonly good: number;
      readonly nextProbeMs: number;
    };

/** Calls of one second. */
interface Beat {
  readonly second: number;
  readonly good: number;
  readonly bad: number;
}

/** Calls that have just ended. While it is half open, only those count that began since: others tell of what was. */
export interface Ended {
  readonly good: number;
  readonly bad: number;
}

export const CLOSED: Breaker = { at: "closed", recent: [] };

/** What time alone makes of it: one that has been open for long enough is half open. */
export function atTime(breaker: Breaker, nowMs: number): Breaker {
  if (breaker.at !== "open" || nowMs < breaker.untilMs) return breaker;
  return { at: "halfOpen", sinceMs: nowMs, trips: breaker.trips, good: 0, nextProbeMs: nowMs };
}

/** What ended calls make of it. While it is open they say nothing new. */
export function afterCalls(before: Breaker, ended: Ended, nowMs: number, rules: BreakerRules): Breaker {
  const breaker = atTime(before, nowMs);
  switch (breaker.at) {
    case "open":
      return breaker;
    case "halfOpen": {
      if (ended.bad > 0) return opened(breaker.trips, nowMs, rules);
      const good = breaker.good + ended.good;
      return good >= rules.probesMin ? CLOSED : { ...breaker, good };
    }
    case "closed":
      return judged(withBeat(breaker.recent, ended, nowMs, rules), nowMs, rules);
  }
}

/** Hands a probe out, if one may go out now. */
export function probing(
  before: Breaker,
  nowMs: number,
  { probeEveryMs }: BreakerRules,
): { readonly breaker: Breaker; readonly granted: boolean } {
  const breaker = atTime(before, nowMs);
  if (breaker.at !== "halfOpen" || nowMs < breaker.nextProbeMs) return { breaker, granted: false };
  return { breaker: { ...breaker, nextProbeMs: nowMs + probeEveryMs }, granted: true };
}

function withBeat(
  recent: readonly Beat[],
  { good, bad }: Ended,
  nowMs: number,
  { windowMs }: BreakerRules,
): readonly Beat[] {
  const second = Math.floor(nowMs / 1_000);
  const kept = recent.filter((beat) => beat.second * 1_000 > nowMs - windowMs);
  const same = kept.filter((beat) => beat.second === second);
  const sum = same.reduce((a, b) => ({ good: a.good + b.good, bad: a.bad + b.bad }), { good, bad });
  return [...kept.filter((beat) => beat.second !== second), { second, ...sum }];
}

function judged(recent: readonly Beat[], nowMs: number, rules: BreakerRules): Breaker {
  let calls = 0;
  let bad = 0;
  for (const beat of recent.toReversed()) {
    if (calls >= rules.callsMin) break;
    calls += beat.good + beat.bad;
    bad += beat.bad;
  }
  const trips = calls >= rules.callsMin && bad >= calls * rules.badShare;
  return trips ? opened(0, nowMs, rules) : { at: "closed", recent };
}

function opened(trips: number, nowMs: number, { openMsFirst, openMsMax }: BreakerRules): Breaker {
  const lastsMs = Math.min(openMsMax, openMsFirst * 2 ** trips);
  return { at: "open", sinceMs: nowMs, untilMs: nowMs + lastsMs, trips: Math.min(trips + 1, 10) };
}
