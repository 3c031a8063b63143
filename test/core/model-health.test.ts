import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Observation, observe, vitalsOf } from "../../src/core/health.ts";
import { UNSEEN, informed, slowAfterMs, told } from "../../src/core/model-health.ts";

const T0 = 1_700_000_000_000;

function calls(count: number, latencyMs: number, more: Partial<Observation> = {}): readonly Observation[] {
  return Array.from({ length: count }, () => ({ beganMs: T0, latencyMs, ...more }));
}

describe("a window", () => {
  test("tells half and nearly all of the latencies, a quarter too high at most", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 10, max: 500_000 }), { minLength: 1, maxLength: 200 }), (ms) => {
        const { p50Ms, p95Ms } = vitalsOf(
          observe(
            [],
            ms.map((latencyMs) => ({ beganMs: T0, latencyMs })),
            T0,
          ),
          T0,
        );
        const sorted = ms.toSorted((a, b) => a - b);
        for (const [share, boundMs] of [
          [0.5, p50Ms],
          [0.95, p95Ms],
        ] as const) {
          const exact = Number(sorted[Math.ceil(ms.length * share) - 1]);
          expect(boundMs).toBeGreaterThanOrEqual(exact);
          expect(boundMs).toBeLessThanOrEqual(exact * 1.25 + 1);
        }
      }),
    );
  });

  test("counts faults by kind, and the time to the first text", () => {
    const seen = [...calls(2, 40, { fault: "overloaded" }), ...calls(1, 50, { firstMs: 12 })];
    expect(vitalsOf(observe([], seen, T0), T0)).toEqual({
      calls: 3,
      faults: { overloaded: 2, unavailable: 0, timeout: 0, malformed: 0, refused: 0 },
      p50Ms: 60,
      p95Ms: 60,
      firstP50Ms: 13,
      firstP95Ms: 13,
    });
  });

  test("is empty before anything was seen, and half a minute after", () => {
    expect(vitalsOf([], T0)).toMatchObject({ calls: 0, p95Ms: null });
    const window = observe([], calls(3, 10), T0);
    expect(vitalsOf(window, T0 + 24_000).calls).toBe(3);
    expect(observe(window, [], T0 + 31_000)).toEqual([]);
  });

  test("takes what is longer than its last bound, and never grows", () => {
    let window = observe([], calls(1, 10_000_000), T0);
    for (let s = 1; s < 300; s++) window = observe(window, calls(2, 20), T0 + s * 1_000);
    expect(window.length).toBeLessThanOrEqual(6);
    expect(JSON.stringify(window).length).toBeLessThan(3_000);
  });
});

describe("a model", () => {
  test("whose calls take far more than their objective is out, whatever they used to take", () => {
    const late = informed(UNSEEN, calls(5, 401, { objectiveMs: 200 }), T0);
    expect(told(late, true, T0).view).toMatchObject({ at: "open", untilMs: T0 + 3_000, probe: false });
    const fine = informed(UNSEEN, calls(5, 400, { objectiveMs: 200 }), T0);
    expect(told(fine, true, T0).view).toMatchObject({ at: "closed", untilMs: null, p95Ms: 445 });
  });

  test("without an objective is held to what it used to take", () => {
    const usual = informed(UNSEEN, calls(20, 100), T0);
    const { slowMs } = told(usual, false, T0).view;
    expect(slowMs).toBe(4 * 117);
    expect(informed(usual, calls(20, 468), T0 + 5_000).breaker.at).toBe("closed");
    const after = informed(usual, calls(20, 469), T0 + 5_000);
    expect(after.breaker.at).toBe("open");
    expect(after.baseline).toEqual(usual.baseline);
  });

  test("may become slower slowly", () => {
    const usual = informed(UNSEEN, calls(20, 100), T0);
    const later = informed(usual, calls(100, 300), T0 + 40_000);
    expect(later.baseline?.ms).toBe(
      Math.round(117 + (Number(vitalsOf(later.window, T0 + 40_000).p95Ms) - 117) / 4),
    );
    expect(informed(usual, calls(3, 300), T0 + 40_000).baseline).toEqual(usual.baseline);
  });

  test("that fails is out; that it failed before it was tried again says nothing", () => {
    const out = informed(UNSEEN, calls(5, 5, { fault: "unavailable" }), T0);
    const { health, view } = told(out, true, T0 + 3_000);
    expect(view).toMatchObject({ at: "halfOpen", probe: true });
    expect(informed(health, calls(1, 5, { fault: "timeout" }), T0 + 3_500).breaker.at).toBe("halfOpen");
    const since = { beganMs: T0 + 3_100 };
    expect(informed(health, calls(1, 5, { ...since, fault: "timeout" }), T0 + 3_500).breaker.at).toBe("open");
    expect(informed(health, calls(3, 5, since), T0 + 3_500).breaker.at).toBe("closed");
  });

  test("lets no probe out to those who have no work for it", () => {
    const out = informed(UNSEEN, calls(5, 5, { fault: "malformed" }), T0);
    expect(told(out, false, T0 + 3_000).view).toMatchObject({ at: "halfOpen", probe: false });
  });

  test("is told of a late call once: while it is out by its lateness, and at its end by its latency", () => {
    const late = informed(UNSEEN, calls(5, 500, { objectiveMs: 200, about: "late" }), T0);
    expect(late).toMatchObject({ window: [], breaker: { at: "open" } });
    const ended = informed(UNSEEN, calls(5, 900, { objectiveMs: 200, about: "counted" }), T0);
    expect(ended.breaker).toEqual({ at: "closed", recent: [{ second: T0 / 1_000, good: 0, bad: 0 }] });
    expect(vitalsOf(ended.window, T0).calls).toBe(5);
  });
});

test("a call is far too slow at twice its objective, else by what is usual, else never", () => {
  expect([slowAfterMs(100, 900), slowAfterMs(undefined, 900), slowAfterMs(undefined, null)]).toEqual([
    200,
    900,
    null,
  ]);
});
