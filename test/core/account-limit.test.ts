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

  test("what a human raised is lowered by whoever declares another ceiling, and raised anew from there", () => {
    const book = asking();
    book.asks("t1", cents(100));
    book.asks("t1", cents(100), { answered: { question, approved: true } });
    book.tenant = daily(30, { onLimit: "ask" });
    expect(limitsOf(book.account(), book.tenant)).toMatchObject([{ limit: 30, declared: 30 }]);
    expect(book.asks("t2", cents(10)).allowance.refused?.why).toMatchObject({ ceiling: 30 });
    book.asks("t1", null, { used: cents(100) });
    expect(book.asks("t2", cents(10)).allowance.refused?.reaction).toMatchObject({ proposed: 60 });
    const anew = { ...question, ceiling: 30, raiseTo: 200 };
    expect(
      book.asks("t2", cents(10), { answered: { question: anew, approved: true } }).allowance.held,
    ).toEqual(cents(15));
    expect(limitsOf(book.account(), book.tenant)).toMatchObject([{ limit: 200, declared: 30 }]);
  });

  test("whoever asked and is met without an answer asks for nobody any more", () => {
    const book = asking();
    book.asks("t1", cents(100));
    book.tenant = daily(150, { onLimit: "ask" });
    expect(book.asks("t1", cents(100)).allowance.refused).toBeUndefined();
    book.asks("t1", cents(20), { used: cents(100) });
    expect(book.asks("t2", cents(100)).allowance.refused?.reaction).toMatchObject({ kind: "ask" });
  });

  test("what a human raised does not come back with the ceiling of before", () => {
    const book = new BookUnderTest(daily(50, { onLimit: "ask" }), { mia: daily(500) });
    book.asks("t1", cents(100));
    book.asks("t1", cents(100), { answered: { question, approved: true } });
    book.book.declare(book.terms, book.calendar);
    expect(limitsOf(book.account(), book.tenant)).toMatchObject([{ limit: 150 }]);
    book.book.declare({ ...book.terms, tenant: daily(30) }, book.calendar);
    book.book.declare(book.terms, book.calendar);
    expect(limitsOf(book.account(), book.tenant)).toMatchObject([{ limit: 50 }]);
  });

  test("what a human says of a ceiling that is declared otherwise by then changes nothing, and others may ask", () => {
    for (const approved of [true, false]) {
      const book = asking();
      book.asks("t1", cents(100));
      book.tenant = daily(60, { onLimit: "ask" });
      const again = book.asks("t1", cents(100), { answered: { question, approved } });
      expect(again.allowance.refused?.why).toMatchObject({ ceiling: 60 });
      book.asks("t1", null, { answered: { question, approved } });
      expect(book.asks("t2", cents(100)).allowance.refused?.reaction).toMatchObject({ kind: "ask" });
      book.tenant = { onLimit: "ask" };
      expect(
        book.asks("t3", cents(100), { answered: { question, approved } }).allowance.refused,
      ).toBeUndefined();
    }
  });

  test("a no is the answer for all in that period", () => {
    const book = asking();
    book.asks("t1", cents(100));
    book.asks("t1", null, { answered: { question, approved: false } });
    expect(book.asks("t2", cents(100)).allowance.refused?.reaction).toEqual({ kind: "fail" });
    expect(book.passes(DAY_MS).asks("t2", cents(100)).allowance.refused?.reaction).toMatchObject({
      kind: "ask",
    });
  });

  test("a no is said of one ceiling: when another is declared, or another is met, a human is asked", () => {
    const book = asking({ day: { costMicroUsd: 50, tokens: 10 } });
    book.asks("t1", cents(100));
    book.asks("t1", null, { answered: { question, approved: false } });
    expect(book.asks("t2", cents(10, 20)).allowance.refused?.reaction).toMatchObject({ kind: "ask" });
    book.asks("t2", null);
    book.tenant = daily(80, { onLimit: "ask" });
    expect(book.asks("t3", cents(100)).allowance.refused?.reaction).toMatchObject({ kind: "ask" });
  });

  test("of a principal's ceiling, the answer is the principal's", () => {
    const book = new BookUnderTest(FAIL, { mia: daily(50, { onLimit: "escalate" }) });
    expect(book.asks("t1", cents(100)).allowance.refused?.reaction).toMatchObject({ kind: "escalate" });
    const answered = { question: { ...question, account: "principal" }, approved: true } as const;
    expect(book.asks("t1", cents(100), { answered }).allowance.held).toEqual(cents(103));
  });
});
