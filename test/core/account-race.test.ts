import fc from "fast-check";
import { expect, test } from "vitest";
import { FUNDS, type Funds } from "../../src/contracts/allowance.ts";
import { ZERO, limitsOf } from "../../src/core/account.ts";
import { BookUnderTest, cents } from "./fixtures/book.ts";

const DAY_MS = 86_400_000;

/** What a task does next: it asks for a call, and has used a part of what it held; or it gives back; and either is said again, or late. */
const Step = fc.record({
  task: fc.integer({ min: 0, max: 5 }),
  wanted: fc.option(fc.integer({ min: 1, max: 300 }), { nil: null }),
  part: fc.double({ min: 0, max: 1, noNaN: true }),
  again: fc.boolean(),
  passesMs: fc.constantFrom(0, 1_000, DAY_MS / 3),
});

test("whatever tasks ask for, use and repeat, spent and held stay within each ceiling, and all that was used is counted", () => {
  fc.assert(
    fc.property(fc.array(Step, { maxLength: 80 }), fc.integer({ min: 50, max: 2_000 }), (steps, limit) => {
      const terms = {
        onLimit: "ask",
        day: { tokens: limit, costMicroUsd: limit },
        month: { tokens: limit * 2 },
      } as const;
      const book = new BookUnderTest(terms, { mia: terms });
      const used = new Map<string, Funds>();
      const held = new Map<string, Funds>();
      for (const { task: number, wanted, part, again, passesMs } of steps) {
        const task = `t${number}`;
        book.passes(passesMs);
        const of = held.get(task) ?? ZERO;
        const before = used.get(task) ?? ZERO;
        const now = cents(
          before.costMicroUsd + Math.floor(of.costMicroUsd * part),
          before.tokens + Math.floor(of.tokens * part),
        );
        used.set(task, now);
        const funds = wanted === null ? null : cents(wanted, wanted);
        held.set(task, book.asks(task, funds, { used: now }).allowance.held);
        if (again) book.says(task, funds, { n: 0, used: now });
        for (const principal of [undefined, "mia"]) {
          const account = book.account(principal);
          for (const { period, dimension, limit: most } of limitsOf(account, terms))
            expect(account[period].spent[dimension] + account.held[dimension]).toBeLessThanOrEqual(most);
          for (const d of FUNDS) expect(account.held[d]).toBeGreaterThanOrEqual(0);
        }
      }
      for (const [task] of used) book.asks(task, null, { used: used.get(task) ?? ZERO });
      expect(book.account().held).toEqual(ZERO);
      expect(book.account().month.overrun).toEqual(ZERO);
    }),
    { numRuns: 300 },
  );
});

test("two hundred tasks race for the last cent: never overshot, and none is stuck", () => {
  const limit = 10_000;
  const book = new BookUnderTest({ onLimit: "fail", day: { costMicroUsd: limit } });
  const tasks = Array.from({ length: 200 }, (_, n) => ({
    task: `t${n}`,
    calls: 0,
    used: 0,
    queued: true,
    failed: false,
  }));
  for (let round = 0; round < 60; round++)
    for (const one of tasks) {
      if (one.failed || one.calls === 3) continue;
      const { refused } = book.asks(one.task, cents(100), {
        used: cents(one.used),
        queued: one.queued,
      }).allowance;
      if (refused === undefined) {
        one.calls += 1;
        one.used += 20 + (one.calls % 2);
        one.queued = false;
      } else if (refused.reaction.kind === "fail") one.failed = true;
      if (one.failed || one.calls === 3) book.asks(one.task, null, { used: cents(one.used) });
      const { day, held } = book.account();
      expect(day.spent.costMicroUsd + held.costMicroUsd).toBeLessThanOrEqual(limit);
    }
  const done = tasks.filter(({ calls }) => calls === 3).length;
  const left = limit - book.account().day.spent.costMicroUsd;
  expect(done).toBeGreaterThan(100);
  expect(left).toBeLessThan(100);
  expect(tasks.filter(({ calls, failed, queued }) => calls < 3 && !failed && !queued)).toEqual([]);
});
