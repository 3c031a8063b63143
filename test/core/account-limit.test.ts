import { describe, expect, test } from "vitest";
import type { AccountTerms } from "../../src/contracts/allowance.ts";
import { limitsOf } from "../../src/core/account.ts";
import { BookUnderTest, FAIL, cents, daily } from "./fixtures/book.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

describe("when a human is asked", () => {
  const asking = (of: Partial<AccountTerms> = {}) => new BookUnderTest(daily(50, { onLimit: "ask", ...of }));
  const question = {
    kind: "funds",
    account: "tenant",
    period: "day",
    periodKey: "day 0",
    dimension: "costMicroUsd",
    ceiling: 50,
    raiseTo: 150,
  } as const;

  test("one task asks for all, and the others wait", () => {
    const book = asking({ approver: "otto" });
    expect(book.asks("t1", cents(100)).allowance.refused?.reaction).toEqual({
      kind: "ask",
      proposed: 150,
      approver: "otto",
    });
    expect(book.asks("t2", cents(100)).allowance.refused?.reaction).toEqual({ kind: "wait" });
    expect(book.asks("t1", cents(100)).allowance.refused?.reaction).toMatchObject({ kind: "ask" });
  });

  test("the next one asks once the time for an answer is over, or whoever asked has gone", () => {
    const book = asking();
    book.asks("t1", cents(100));
    expect(book.passes(HOUR_MS).asks("t2", cents(100)).allowance.refused?.reaction).toMatchObject({
      kind: "ask",
    });
    book.asks("t2", null);
    expect(book.asks("t3", cents(100)).allowance.refused?.reaction).toMatchObject({ kind: "ask" });
  });

  test("a yes raises the ceiling for the rest of the period, once, for everybody", () => {
    const book = asking();
    book.asks("t1", cents(100));
    const answered = { question, approved: true };
    expect(book.asks("t1", cents(100), { answered }).allowance.held).toEqual(cents(103));
    book.asks("t1", null, { answered });
    expect(book.asks("t2", cents(100)).allowance.held).toEqual(cents(103));
    expect(limitsOf(book.account(), book.tenant)).toMatchObject([{ limit: 150, declared: 50 }]);
    expect(limitsOf(book.passes(DAY_MS).account(), book.tenant)).toMatchObject([{ limit: 50 }]);
  });

  test("a yes that comes on another day raises nothing", () => {
    const book = asking();
    book.asks("t1", cents(100));
    const answered = { question, approved: true };
    expect(book.passes(DAY_MS).asks("t1", cents(100), { answered }).allowance.refused).toBeDefined();
  });

  test("a no is the answer for all in that period", () => {
    const book = asking();
    book.asks("t1", cents(100));
    const answered = { question, approved: false };
    book.asks("t1", null, { answered });
    book.asks("t1", null, { answered });
    expect(book.asks("t2", cents(100)).allowance.refused?.reaction).toEqual({ kind: "fail" });
    expect(book.passes(DAY_MS).asks("t2", cents(100)).allowance.refused?.reaction).toMatchObject({
      kind: "ask",
    });
  });

  test("of a principal's ceiling, the answer is the principal's", () => {
    const book = new BookUnderTest(FAIL, { mia: daily(50, { onLimit: "escalate" }) });
    expect(book.asks("t1", cents(100)).allowance.refused?.reaction).toMatchObject({ kind: "escalate" });
    const answered = { question: { ...question, account: "principal" }, approved: true } as const;
    expect(book.asks("t1", cents(100), { answered }).allowance.held).toEqual(cents(103));
  });
});
