import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Price, Usage } from "../../src/contracts/model.ts";
import { costMicroUsd, worstCaseMicroUsd } from "../../src/core/cost.ts";

const plain: Price = { table: "t", input: 2, cachedInput: 0.2, cacheWrite: 2.5, output: 10 };
const tiered: Price = {
  ...plain,
  long: { aboveInputTokens: 1_000, input: 4, cachedInput: 0.4, cacheWrite: 5, output: 15 },
};

function usage(given: Partial<Usage>): Usage {
  return { inputTokens: 0, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: 0, ...given };
}

describe("what a reply cost", () => {
  test("each kind of token has its own price, and cached and written ones are part of the input", () => {
    const used = usage({ inputTokens: 100, cachedInputTokens: 50, cacheWriteTokens: 10, outputTokens: 3 });
    expect(costMicroUsd(plain, used)).toBe(40 * 2 + 50 * 0.2 + 10 * 2.5 + 3 * 10);
  });

  test("a fraction of a micro-USD counts as a whole one", () => {
    expect(costMicroUsd(plain, usage({ inputTokens: 1, cachedInputTokens: 1 }))).toBe(1);
  });

  test("the error of binary fractions does not", () => {
    expect(costMicroUsd({ ...plain, input: 1.1 }, usage({ inputTokens: 10 }))).toBe(11);
  });

  test("a provider that counts more cached tokens than input is not paid a negative price", () => {
    expect(costMicroUsd(plain, usage({ inputTokens: 1, cachedInputTokens: 10 }))).toBe(2);
  });

  test("a prompt on the line costs the short rates, one above it the long ones for all of its tokens", () => {
    expect(costMicroUsd(tiered, usage({ inputTokens: 1_000, outputTokens: 1 }))).toBe(2_010);
    expect(costMicroUsd(tiered, usage({ inputTokens: 1_001, outputTokens: 1 }))).toBe(4_019);
  });

  test("nothing costs nothing", () => {
    expect(costMicroUsd(tiered, usage({}))).toBe(0);
  });
});

describe("the worst that a call can cost (B1)", () => {
  test("is its bytes at the dearest kind of input, plus all of its output", () => {
    expect(worstCaseMicroUsd(plain, 100, 20)).toBe(100 * 2.5 + 20 * 10);
    expect(worstCaseMicroUsd(tiered, 1_001, 20)).toBe(1_001 * 5 + 20 * 15);
  });

  test("is never below what any reply within its bytes and output costs", () => {
    const rate = fc.integer({ min: 0, max: 200_000 }).map((n) => n / 1_000);
    const rates = { input: rate, cachedInput: rate, cacheWrite: rate, output: rate };
    const price = fc.record(
      {
        ...rates,
        table: fc.constant("t"),
        long: fc.record({ ...rates, aboveInputTokens: fc.integer({ min: 1, max: 500 }) }),
      },
      { requiredKeys: ["input", "cachedInput", "cacheWrite", "output", "table"] },
    );
    const call = fc.record({
      inputBytes: fc.integer({ min: 0, max: 1_000 }),
      outputMax: fc.integer({ min: 0, max: 1_000 }),
      shares: fc.tuple(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
      ),
    });
    fc.assert(
      fc.property(price, call, (anyPrice, { inputBytes, outputMax, shares }) => {
        const inputTokens = Math.floor(inputBytes * shares[0]);
        const cachedInputTokens = Math.floor(inputTokens * shares[1]);
        const cacheWriteTokens = Math.floor((inputTokens - cachedInputTokens) * shares[2]);
        const used = { inputTokens, cachedInputTokens, cacheWriteTokens, outputTokens: outputMax };
        expect(costMicroUsd(anyPrice, used)).toBeLessThanOrEqual(
          worstCaseMicroUsd(anyPrice, inputBytes, outputMax),
        );
      }),
      { numRuns: 500 },
    );
  });
});
