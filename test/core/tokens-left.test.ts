import fc from "fast-check";
import { expect, test } from "vitest";
import { tokensBack, untilBackMs } from "../../src/core/tokens-left.ts";

const LITTLE = { left: 2_000, whole: 150_000, resetMs: 60_000 };

test.each([
  [2_000, 0, 0],
  [76_000, 0, 30_000],
  [76_000, 10_000, 20_000],
  [76_000, 30_000, 0],
  [150_000, 0, 60_000],
  [150_000, 60_000, 0],
  [150_001, 0, 0],
])("%i tokens are there, %i ms after little was left, in %i ms", (tokens, sinceMs, inMs) => {
  expect(untilBackMs(LITTLE, tokens, sinceMs)).toBe(inMs);
});

test("who waits as long as it is told finds enough, and never waits longer than all takes to be back", () => {
  const amount = fc.nat({ max: 200_000 });
  const said = fc.record({ left: amount, whole: amount, resetMs: fc.nat({ max: 60_000 }) });
  fc.assert(
    fc.property(said, amount, fc.nat({ max: 70_000 }), (of, tokens, sinceMs) => {
      const waitMs = untilBackMs(of, tokens, sinceMs);
      expect(waitMs).toBeGreaterThanOrEqual(0);
      expect(waitMs).toBeLessThanOrEqual(Math.max(0, of.resetMs - sinceMs) + 1);
      if (tokens <= of.whole) expect(tokensBack(of, sinceMs + waitMs)).toBeGreaterThan(tokens - 0.001);
    }),
  );
});
