import { describe, expect, test } from "vitest";
import { ZERO } from "../../src/core/account.ts";
import { AccountBook } from "../../src/core/account-book.ts";
import { BookUnderTest, FAIL, cents, daily } from "./fixtures/book.ts";

const DAY_MS = 86_400_000;

describe("a task is given", () => {
  test("funds for some calls like the one it wants, while that is little of what is left", () => {
    const book = new BookUnderTest(daily(100_000));
    expect(book.asks("t1", cents(100)).allowance).toEqual({ held: cents(800), counted: ZERO });
    expect(book.account().held).toEqual(cents(800));
    expect(book.account("mia").held).toEqual(cents(800));
  });

  test("no more than it needs when not much is left", () => {
    const book = new BookUnderTest(daily(110));
    expect(book.asks("t1", cents(100)).allowance.held).toEqual(cents(100));
  });

  test("what it wants of whatever nobody limits, and that is counted all the same", () => {
    const book = new BookUnderTest();
    expect(book.asks("t1", cents(5, 7)).allowance.held).toEqual(cents(40, 56));
    book.asks("t1", null, { used: cents(3, 2) });
    expect(book.account().month).toMatchObject({ spent: cents(3, 2) });
  });

  test("anew what it wants, when it asks again: what it used is spent, and the rest was free", () => {
    const book = new BookUnderTest(daily(1_000));
    book.asks("t1", cents(100));
    const { allowance } = book.asks("t1", cents(100), { used: cents(60) });
    expect(allowance.counted).toEqual(cents(60));
    expect(book.account()).toMatchObject({ day: { spent: cents(60) }, held: allowance.held });
  });
});

describe("an asking", () => {
  test("that is said twice is answered as before, and counts once", () => {
    const book = new BookUnderTest(daily(1_000));
    const first = book.says("t1", cents(100), { n: 1 });
    expect(book.says("t1", cents(100), { n: 1 })).toEqual({ ...first, alerts: [] });
    expect(book.account().held).toEqual(first?.allowance.held);
    const back = book.says("t1", null, { n: 2, used: cents(30) });
    expect(book.says("t1", null, { n: 2, used: cents(30) })).toEqual({ ...back, freed: false });
    expect(book.account()).toMatchObject({ day: { spent: cents(30) }, held: ZERO });
  });

  test("that is old, or was taken back meanwhile, is not answered", () => {
    const book = new BookUnderTest(daily(1_000));
    book.says("t1", cents(100), { n: 2 });
    expect(book.says("t1", cents(100), { n: 1 })).toBeNull();
    book.says("t1", null, { n: 3 });
    expect(book.says("t1", cents(100), { n: 3 })).toBeNull();
    expect(book.account().held).toEqual(ZERO);
  });

  test("whose answer was lost is taken back by the same number", () => {
    const book = new BookUnderTest(daily(1_000));
    book.says("t1", cents(100), { n: 1 });
    expect(book.says("t1", null, { n: 1 })?.allowance.held).toEqual(ZERO);
    expect(book.account().held).toEqual(ZERO);
  });

  test("of a task that the book has forgotten counts what it used since it was last told", () => {
    const book = new BookUnderTest(daily(1_000));
    book.says("t1", cents(100), { n: 9, used: cents(70), counted: cents(50) });
    expect(book.account().day).toMatchObject({ spent: ZERO, overrun: cents(20) });
  });
});

describe("at a ceiling", () => {
  test("a task that is at work fails, if the terms say so", () => {
    const book = new BookUnderTest(daily(150));
    book.asks("t1", cents(100));
    book.asks("t1", null, { used: cents(100) });
    const { allowance, againInMs } = book.asks("t2", cents(100));
    expect(allowance).toMatchObject({
      held: ZERO,
      refused: {
        why: { account: "tenant", period: "day", dimension: "costMicroUsd", ceiling: 150, shared: false },
        reaction: { kind: "fail" },
      },
    });
    expect(againInMs).toBe(300_000);
  });

  test("one that has not begun waits for the next day, and begins then", () => {
    const book = new BookUnderTest(daily(150));
    book.asks("t1", cents(100));
    book.asks("t1", null, { used: cents(100) });
    book.passes(DAY_MS - 1_000);
    const { allowance, againInMs } = book.asks("t2", cents(100), { queued: true });
    expect(allowance.refused?.reaction).toEqual({ kind: "wait" });
    expect(againInMs).toBe(1_000);
    expect(book.passes(1_000).asks("t2", cents(100), { queued: true }).allowance.held).toEqual(cents(103));
  });

  test("one that has not begun, and needs more than there ever is, fails", () => {
    const { allowance } = new BookUnderTest(daily(50)).asks("t1", cents(100), { queued: true });
    expect(allowance.refused?.reaction).toEqual({ kind: "fail" });
  });

  test("of a principal, others of the tenant go on", () => {
    const book = new BookUnderTest(FAIL, { mia: daily(50) });
    expect(book.asks("t1", cents(100)).allowance.refused?.why).toMatchObject({ account: "principal" });
    expect(book.asks("t2", cents(100), { principal: "otto" }).allowance.refused).toBeUndefined();
  });

  test("of a month, what was spent on other days counts", () => {
    const book = new BookUnderTest({ onLimit: "fail", month: { tokens: 150 } });
    book.asks("t1", cents(0, 100));
    book.asks("t1", null, { used: cents(0, 100) });
    expect(book.passes(DAY_MS).asks("t2", cents(0, 100)).allowance.refused?.why).toMatchObject({
      period: "month",
      dimension: "tokens",
    });
    expect(book.passes(30 * DAY_MS).asks("t2", cents(0, 100)).allowance.refused).toBeUndefined();
  });

  test("what a task holds counts on the next day too", () => {
    const book = new BookUnderTest(daily(150));
    book.asks("t1", cents(100));
    expect(book.passes(DAY_MS).asks("t2", cents(100)).allowance.refused?.why).toMatchObject({ shared: true });
  });
});

describe("alerts", () => {
  test("tell each level once a period, and that nothing is left when somebody is turned away", () => {
    const book = new BookUnderTest(daily(1_000));
    const levels = (task: string, used: number) =>
      book.asks(task, cents(10), { used: cents(used) }).alerts.map(({ level, spent }) => [level, spent]);
    expect(levels("t1", 0)).toEqual([]);
    book.asks("t1", cents(600));
    expect(levels("t1", 500)).toEqual([[50, 500]]);
    expect(levels("t1", 500)).toEqual([]);
    book.asks("t1", cents(450), { used: cents(500) });
    expect(levels("t1", 950)).toEqual([[80, 950]]);
    const turnedAway = book.asks("t2", cents(100));
    expect(turnedAway.alerts).toEqual([
      {
        account: "tenant",
        period: "day",
        periodKey: "day 0",
        dimension: "costMicroUsd",
        level: 100,
        spent: 950,
        limit: 1_000,
      },
    ]);
  });
});

test("alerts tell what was used when a task gives back, too", () => {
  const book = new BookUnderTest(daily(1_000));
  book.asks("t1", cents(600));
  expect(book.asks("t1", null, { used: cents(600) }).alerts).toMatchObject([{ level: 50, spent: 600 }]);
});

describe("a book", () => {
  test("that was written down goes on where it was", () => {
    const before = new BookUnderTest(daily(1_000));
    before.asks("t1", cents(100));
    const { accounts, holdings, forgotten } = before.book.changes();
    expect(forgotten).toEqual([]);
    const after = new BookUnderTest(daily(1_000), {}, new AccountBook(accounts, holdings));
    expect(after.book.principals()).toEqual(["mia"]);
    expect(after.says("t1", null, { n: 2, used: cents(40) })?.allowance.counted).toEqual(cents(40));
    expect(after.account()).toMatchObject({ day: { spent: cents(40) }, held: ZERO });
  });

  test("has nothing to write down of what comes twice, or is refused again", () => {
    const book = new BookUnderTest(daily(150), { mia: daily(150, { onLimit: "ask" }) });
    const written = () => {
      const { accounts, holdings, forgotten } = book.book.changes();
      return [...accounts.map(([name]) => name), ...holdings.map(([task]) => task), ...forgotten];
    };
    book.asks("t1", cents(100));
    expect(written()).toEqual(["", "mia", "t1"]);
    book.says("t1", cents(100), { n: 1 });
    expect(written()).toEqual([]);
    book.asks("t2", cents(100));
    expect(written()).toEqual(["t2"]);
    book.passes(15_000).asks("t2", cents(100));
    expect(written()).toEqual([]);
    book.passes(1_800_000).asks("t2", cents(100));
    expect(written()).toEqual(["t2"]);
    book.asks("t1", null, { used: cents(100) });
    expect(written()).toEqual(["", "mia", "t1"]);
    book.asks("t3", cents(100), { queued: true });
    book.passes(300_000).asks("t3", cents(100), { queued: true });
    expect(written()).toEqual(["", "t3"]);
    book.passes(300_000).asks("t3", cents(100), { queued: true });
    expect(written()).toEqual([]);
  });
});

test("that a task gave back is forgotten after an hour", () => {
  const book = new BookUnderTest();
  book.asks("t1", cents(100));
  book.asks("t1", null, { used: cents(40) });
  book.book.changes();
  book.passes(3_600_000).book.sweep(book);
  expect(book.book.changes().forgotten).toEqual([]);
  book.passes(1).book.sweep(book);
  expect(book.book.changes().forgotten).toEqual(["t1"]);
  expect(book.account().month).toMatchObject({ spent: cents(40) });
});

test("whoever is silent for more than a day has used what it held", () => {
  const book = new BookUnderTest(daily(1_000));
  const { held } = book.asks("t1", cents(100)).allowance;
  book.passes(DAY_MS).book.sweep(book);
  expect(book.account().held).toEqual(held);
  book.passes(1).book.sweep(book);
  const { accounts, forgotten } = book.book.changes();
  expect([forgotten, accounts.map(([name]) => name)]).toEqual([["t1"], ["", "mia"]]);
  expect(book.account()).toMatchObject({ day: { spent: held }, held: ZERO });
});
