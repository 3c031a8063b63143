import fc from "fast-check";
import { expect, test } from "vitest";
import { retryAtMs } from "../../src/core/retry.ts";

const policy = { attemptsMax: 5, delayMsFirst: 1_000, delayMsMax: 5_000 };

test("there is no next time when no try is left", () => {
  expect(retryAtMs(policy, 4, 0, { seed: "a" })).not.toBe(null);
  expect(retryAtMs(policy, 5, 0, { seed: "a" })).toBe(null);
  expect(retryAtMs({ ...policy, attemptsMax: 1 }, 1, 0, { seed: "a" })).toBe(null);
});

test.each([
  [1, 500, 1_000],
  [2, 1_000, 2_000],
  [3, 2_000, 4_000],
  [4, 2_500, 5_000],
])("after try %i it waits between %i and %i ms", (tries, leastMs, mostMs) => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), (seed, nowMs) => {
      const atMs = retryAtMs(policy, tries, nowMs, { seed }) ?? -1;
      expect(atMs).toBeGreaterThanOrEqual(nowMs + leastMs);
      expect(atMs).toBeLessThanOrEqual(nowMs + mostMs);
    }),
  );
});

test("it waits as long as it is asked to, if that is longer", () => {
  expect(retryAtMs(policy, 1, 7, { seed: "a", retryAfterMs: 60_000 })).toBe(60_007);
  expect(retryAtMs(policy, 1, 0, { seed: "a", retryAfterMs: 1 })).toBe(
    retryAtMs(policy, 1, 0, { seed: "a" }),
  );
});

test("a replay waits the same, and near seeds do not wait alike", () => {
  const waits = Array.from({ length: 100 }, (_, i) => retryAtMs(policy, 3, 0, { seed: `t1.5.${i}` }));
  expect(waits).toEqual(
    Array.from({ length: 100 }, (_, i) => retryAtMs(policy, 3, 0, { seed: `t1.5.${i}` })),
  );
  expect(new Set(waits).size).toBeGreaterThan(80);
});

test("the jitter of a seed is the same in every release: journals are replayed by it (J3)", () => {
  const waits = ["t1.3.1", "t1.3.2", "acme/7.12.1"].map((seed) => retryAtMs(policy, 3, 0, { seed }));
  expect(waits).toEqual([3_929, 3_045, 2_194]);
});

test("a time that is no number is nobody's to wait for", () => {
  for (const retryAfterMs of [Number.NaN, Infinity])
    expect(() => retryAtMs(policy, 1, 0, { seed: "a", retryAfterMs })).toThrow("a time to try again");
  expect(() => retryAtMs(policy, 1, Number.NaN, { seed: "a" })).toThrow("a time to try again");
});
