import fc from "fast-check";
import { expect, test } from "vitest";
import { type Breaker, BREAKER_RULES, CLOSED, afterCalls, atTime, probing } from "../../src/core/breaker.ts";

const R = BREAKER_RULES;
const T0 = 1_700_000_000_000;
const GOOD = { good: 1, bad: 0 };
const BAD = { good: 0, bad: 1 };

function fed(breaker: Breaker, ...what: readonly (readonly [ended: typeof GOOD, atMs: number])[]): Breaker {
  return what.reduce((b, [ended, atMs]) => afterCalls(b, ended, T0 + atMs, R), breaker);
}

const OPEN = fed(CLOSED, [{ good: 0, bad: 5 }, 0]);

test("a few bad calls among many good ones change nothing", () => {
  expect(fed(CLOSED, [{ good: 5, bad: 4 }, 0]).at).toBe("closed");
  expect(fed(CLOSED, [{ good: 5, bad: 5 }, 0]).at).toBe("open");
});

test("where there is much traffic, what was good a second ago does not make up for what is bad now", () => {
  expect(fed(CLOSED, [{ good: 500, bad: 0 }, 0], [{ good: 1, bad: 4 }, 1_000]).at).toBe("open");
  expect(fed(CLOSED, [{ good: 500, bad: 0 }, 0], [{ good: 0, bad: 4 }, 1_000]).at).toBe("closed");
});

test("fewer calls than that say nothing, and neither do those of long ago", () => {
  expect(fed(CLOSED, [{ good: 0, bad: 4 }, 0]).at).toBe("closed");
  expect(fed(CLOSED, [{ good: 0, bad: 4 }, 0], [BAD, R.windowMs + 1_000]).at).toBe("closed");
  expect(fed(CLOSED, [{ good: 0, bad: 4 }, 0], [BAD, 2_000]).at).toBe("open");
});

test("while it is open calls say nothing, and no probe goes out", () => {
  expect(fed(OPEN, [GOOD, 1_000], [BAD, 1_500])).toEqual(OPEN);
  expect(probing(OPEN, T0 + R.openMsFirst - 1, R).granted).toBe(false);
});

test("then it lets a probe out each second", () => {
  const first = probing(OPEN, T0 + R.openMsFirst, R);
  expect(first).toMatchObject({ granted: true, breaker: { at: "halfOpen" } });
  expect(probing(first.breaker, T0 + R.openMsFirst + R.probeEveryMs - 1, R).granted).toBe(false);
  expect(probing(first.breaker, T0 + R.openMsFirst + R.probeEveryMs, R).granted).toBe(true);
});

test("some good probes close it; a bad one opens it for twice as long, up to a bound", () => {
  const half = atTime(OPEN, T0 + 3_000);
  expect(fed(half, [GOOD, 3_100], [GOOD, 4_100], [GOOD, 5_100])).toEqual(CLOSED);
  expect(fed(half, [GOOD, 3_100], [BAD, 4_100])).toMatchObject({ at: "open", untilMs: T0 + 10_100 });
  let breaker: Breaker = OPEN;
  for (let i = 0, ms = 0; i < 20; i++, ms += R.openMsMax) breaker = fed(breaker, [BAD, ms + R.openMsMax]);
  expect(breaker).toMatchObject({ at: "open", untilMs: T0 + 21 * R.openMsMax, trips: 10 });
});

/** The same rules over everything that ever happened, without a bounded memory. */
class Reference {
  readonly calls: { atMs: number; bad: boolean }[] = [];
  closedSinceMs = 0;
  at: Breaker["at"] = "closed";
  untilMs = 0;
  lastsMs = R.openMsFirst;
  good = 0;
  nextProbeMs = 0;

  tick(nowMs: number): void {
    if (this.at !== "open" || nowMs < this.untilMs) return;
    Object.assign(this, { at: "halfOpen", good: 0, nextProbeMs: nowMs });
  }

  call(bad: boolean, nowMs: number): void {
    this.tick(nowMs);
    if (this.at === "open") return;
    if (this.at === "halfOpen") return bad ? this.open(nowMs, this.lastsMs * 2) : this.well();
    this.calls.push({ atMs: nowMs, bad });
    const second = (atMs: number): number => Math.floor(atMs / 1_000);
    const known = this.calls.filter(({ atMs }) => second(atMs) * 1_000 > nowMs - R.windowMs);
    const last = known.toReversed();
    const from = second(last[Math.min(R.callsMin, last.length) - 1]?.atMs ?? 0);
    const recent = known.filter(({ atMs }) => second(atMs) >= from);
    const ill = recent.filter((call) => call.bad).length;
    if (recent.length >= R.callsMin && ill >= recent.length / 2) this.open(nowMs, R.openMsFirst);
  }

  probe(nowMs: number): boolean {
    this.tick(nowMs);
    if (this.at !== "halfOpen" || nowMs < this.nextProbeMs) return false;
    this.nextProbeMs = nowMs + R.probeEveryMs;
    return true;
  }

  open(nowMs: number, lastsMs: number): void {
    this.lastsMs = Math.min(lastsMs, R.openMsMax);
    Object.assign(this, { at: "open", untilMs: nowMs + this.lastsMs });
  }

  well(): void {
    this.good += 1;
    if (this.good < R.probesMin) return;
    this.at = "closed";
    this.calls.length = 0;
  }
}

const happenings = fc.array(
  fc.record({
    waitMs: fc.integer({ min: 0, max: 3_000 }),
    what: fc.constantFrom("good", "bad", "bad", "probe"),
  }),
  { maxLength: 120 },
);

test("it does what the rules say over all that ever happened, in a memory of fixed size", () => {
  fc.assert(
    fc.property(happenings, (life) => {
      const reference = new Reference();
      let breaker: Breaker = CLOSED;
      let nowMs = T0;
      for (const { waitMs, what } of life) {
        nowMs += waitMs;
        if (what === "probe") {
          const asked = probing(breaker, nowMs, R);
          breaker = asked.breaker;
          expect(asked.granted).toBe(reference.probe(nowMs));
        } else {
          reference.call(what === "bad", nowMs);
          breaker = afterCalls(breaker, what === "bad" ? BAD : GOOD, nowMs, R);
        }
        expect(breaker.at).toBe(reference.at);
        if (breaker.at === "open") expect(breaker.untilMs).toBe(reference.untilMs);
        if (breaker.at === "closed") expect(breaker.recent.length).toBeLessThanOrEqual(11);
      }
    }),
    { numRuns: 500 },
  );
});
