import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Amounts, type Budget, DIMENSIONS } from "../../src/contracts/budget.ts";
import {
  NOTHING,
  ONE_CALL,
  elapse,
  extend,
  firstExceeded,
  openBudget,
  overran,
  reserve,
  settle,
} from "../../src/core/budget.ts";

const limit: Amounts = { turns: 3, toolCalls: 2, tokens: 100, wallMs: 1_000, costMicroUsd: 50, children: 0 };
const amounts = fc.record({
  turns: fc.nat(4),
  toolCalls: fc.nat(4),
  tokens: fc.nat(60),
  wallMs: fc.constant(0),
  costMicroUsd: fc.nat(30),
  children: fc.nat(1),
});

describe("a budget", () => {
  test("tells the first ceiling that something would pass, and nothing when all of it fits", () => {
    const budget = openBudget(limit);
    expect(firstExceeded(budget, { ...NOTHING, turns: 3, tokens: 100 })).toBe(null);
    expect(firstExceeded(budget, { ...NOTHING, tokens: 101, costMicroUsd: 51 })).toBe("tokens");
    expect(firstExceeded(reserve(budget, { ...NOTHING, turns: 3 }), { ...NOTHING, turns: 1 })).toBe("turns");
  });

  test("asks nothing of a ceiling that is not touched, even when it is reached", () => {
    const full = settle(reserve(openBudget(limit), ONE_CALL), ONE_CALL, ONE_CALL);
    expect(firstExceeded({ ...full, limit: { ...limit, toolCalls: 1 } }, { ...NOTHING, turns: 1 })).toBe(
      null,
    );
  });

  test("never has more spent and reserved than its ceiling, whatever is used (B1)", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(amounts, amounts)), (calls) => {
        let budget: Budget = openBudget(limit);
        for (const [wanted, used] of calls) {
          if (firstExceeded(budget, wanted) !== null) continue;
          const before = reserve(budget, wanted);
          budget = settle(before, wanted, used);
          expect(overran(before, budget)).toBe(DIMENSIONS.some((d) => used[d] > wanted[d]));
        }
        for (const d of DIMENSIONS) {
          expect(budget.spent[d] + budget.reserved[d]).toBeLessThanOrEqual(budget.limit[d]);
          expect(budget.reserved[d]).toBe(0);
        }
      }),
    );
  });

  test("counts wall time up to its ceiling, and never back", () => {
    const budget = elapse(openBudget(limit), 400);
    expect(budget.spent.wallMs).toBe(400);
    expect(elapse(budget, 300)).toBe(budget);
    expect(elapse(budget, 9_999).spent.wallMs).toBe(1_000);
  });

  test("may have one ceiling raised", () => {
    expect(extend(openBudget(limit), "turns", 9).limit).toEqual({ ...limit, turns: 9 });
  });
});
