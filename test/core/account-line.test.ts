import { describe, expect, test } from "vitest";
import { BookUnderTest, FAIL, cents, daily } from "./fixtures/book.ts";

describe("of what others hold", () => {
  test("a task waits for its part, and is named when something comes back", () => {
    const book = new BookUnderTest(daily(150));
    book.asks("t1", cents(100));
    const { allowance, againInMs } = book.asks("t2", cents(100));
    expect(allowance.refused).toMatchObject({ why: { shared: true }, reaction: { kind: "wait" } });
    expect(againInMs).toBe(15_000);
    expect(book.couldGo()).toEqual([]);
    book.asks("t1", null, { used: cents(40) });
    expect(book.couldGo()).toEqual(["t2"]);
    expect(book.asks("t2", cents(100)).allowance.held).toEqual(cents(100));
  });

  test("a small need does not take what a large one before it waits for", () => {
    const book = new BookUnderTest(daily(150));
    book.asks("t1", cents(100));
    book.asks("large", cents(100));
    expect(book.asks("small", cents(20)).allowance.refused?.why).toMatchObject({ shared: true });
    expect(book.asks("urgent", cents(20), { priority: "high" }).allowance.refused).toBeUndefined();
  });

  test("who stands in line goes by priority, then by who came first, and is gone after a minute of silence", () => {
    const book = new BookUnderTest(daily(100));
    book.asks("t0", cents(100));
    book.asks("b", cents(10));
    book.asks("a", cents(10));
    book.passes(1).asks("late", cents(10));
    book.asks("low", cents(10), { priority: "low" });
    book.asks("high", cents(10), { priority: "high" });
    book.asks("t0", null);
    expect(book.couldGo()).toEqual(["high", "a", "b", "late", "low"]);
    expect(book.passes(60_001).couldGo()).toEqual([]);
  });

  test("whoever waits for a ceiling to rise holds up nobody", () => {
    const book = new BookUnderTest(daily(150), { mia: daily(100) });
    book.asks("t1", cents(100));
    book.asks("t1", null, { used: cents(100) });
    expect(book.asks("t2", cents(100), { queued: true }).allowance.refused?.why).toMatchObject({
      account: "tenant",
      shared: false,
    });
    expect(book.asks("t3", cents(40), { principal: "otto" }).allowance.refused).toBeUndefined();
  });

  test("whoever waits for what others of its principal hold holds up no other principal", () => {
    const book = new BookUnderTest(daily(1_000), { mia: daily(100) });
    book.asks("t0", cents(100));
    for (let n = 1; n <= 10; n++)
      expect(book.passes(1).asks(`t${n}`, cents(100)).allowance.refused?.why).toMatchObject({
        account: "principal",
      });
    expect(book.passes(1).asks("other", cents(100), { principal: "otto" }).allowance.refused).toBeUndefined();
  });

  test("whoever waits for both its principal's and its tenant's tasks waits for its principal's", () => {
    const book = new BookUnderTest(daily(150), { mia: daily(100) });
    book.asks("t0", cents(100));
    expect(book.asks("t1", cents(100)).allowance.refused?.why).toMatchObject({ account: "principal" });
    expect(book.asks("t2", cents(50), { principal: "otto" }).allowance.refused).toBeUndefined();
  });

  test("a large need of its tenant is not passed by a small one of its principal", () => {
    const book = new BookUnderTest(daily(150), { mia: daily(1_000) });
    book.asks("t0", cents(100), { principal: "otto" });
    expect(book.asks("large", cents(100)).allowance.refused?.why).toMatchObject({ account: "tenant" });
    expect(book.asks("small", cents(20)).allowance.refused?.why).toMatchObject({ account: "tenant" });
  });

  test("a principal's line holds up nobody else's account", () => {
    const book = new BookUnderTest(FAIL, { mia: daily(100), otto: daily(100) });
    book.asks("t1", cents(100));
    book.asks("t2", cents(50));
    expect(book.asks("t3", cents(100), { principal: "otto" }).allowance.refused).toBeUndefined();
  });
});

describe("a long line", () => {
  const long = (waiting = 2_000, of: Parameters<BookUnderTest["asks"]>[2] = {}) => {
    const book = new BookUnderTest(daily(10_000), { mia: daily(10) });
    book.asks("t0", cents(10_000), { principal: "otto" });
    for (let n = 0; n < waiting; n++) book.asks(`w${n}`, cents(1), { principal: "otto", ...of });
    return book;
  };

  test("has as many named as were asked for, and is looked through to its end", () => {
    const book = new BookUnderTest(daily(10_000), { mia: daily(10) });
    for (let n = 0; n < 150; n++) book.asks(`full${n}`, cents(20), { queued: true });
    book.asks("t0", cents(10_000), { principal: "otto" });
    for (let n = 0; n < 50; n++) book.asks(`w${n}`, cents(1), { principal: "otto", priority: "low" });
    book.asks("t0", null);
    expect(book.couldGo(3)).toEqual(["w0", "w1", "w10"]);
    expect(book.couldGo()).toHaveLength(50);
  });

  test("of ten times as many takes about ten times as long to go through, when something comes back", () => {
    const bestMs = (waiting: number): number => {
      const book = long(waiting);
      book.asks("t0", null);
      expect(book.couldGo(waiting + 1)).toHaveLength(waiting);
      const tookMs = Array.from({ length: 20 }, () => {
        const beganMs = performance.now();
        book.couldGo(waiting + 1);
        return performance.now() - beganMs;
      });
      return Math.min(...tookMs);
    };
    // To sort the line for each who waits takes more than a hundred times as long.
    expect(bestMs(2_000) / bestMs(200)).toBeLessThan(40);
  });

  test("has an end: who finds no place in it is told to come back later, and holds up nobody", () => {
    const book = long();
    expect(book.passes(1).asks("more", cents(9_000), { principal: "otto" })).toMatchObject({
      allowance: { refused: { why: { shared: true }, reaction: { kind: "wait" } } },
      againInMs: 60_000,
    });
    expect(book.passes(1).asks("last", cents(1), { principal: "otto" }).againInMs).toBe(60_000);
    book.asks("t0", null);
    expect(book.asks("last", cents(8_000), { principal: "otto" }).allowance.refused).toBeUndefined();
  });

  test("that is full is joined by whoever goes before others, and left by the last of them", () => {
    const book = long(2_000, { priority: "low" });
    const high = { principal: "otto", priority: "high" } as const;
    expect(book.passes(1).asks("high", cents(1), high).againInMs).toBe(15_000);
    book.asks("t0", null);
    const named = book.couldGo(3_000);
    expect(named[0]).toBe("high");
    expect(named).toHaveLength(2_000);
    expect(named).not.toContain("w999");
  });

  test("that is full is left first by whoever waits for a ceiling to rise", () => {
    const book = new BookUnderTest(daily(10_000), { mia: daily(10) });
    book.asks("full", cents(20), { queued: true, priority: "high" });
    book.asks("t0", cents(10_000), { principal: "otto" });
    for (let n = 0; n < 2_000; n++)
      expect(book.asks(`w${n}`, cents(1), { principal: "otto" }).againInMs).toBe(15_000);
    expect(book.asks("full", cents(20), { queued: true, priority: "high" }).againInMs).toBe(300_000);
    book.principals = {};
    book.asks("t0", null);
    expect(book.couldGo(1)).toEqual(["w0"]);
  });
});
