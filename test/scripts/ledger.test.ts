import { expect, test } from "vitest";
import { type Facts, judgeLedger, ledgerLines } from "../../scripts/local/ledger.ts";
import type { LedgerRow } from "../../src/tools/shop/sample-case.ts";

const write = (action: LedgerRow["action"], arrivals: number, booked = 1): LedgerRow => ({
  key: `tsk_1.${action}`,
  action,
  subject: "ord_1",
  arrivals,
  booked,
});
const KILLED: Facts = {
  ledger: [write("note", 1), write("refund", 2), write("message", 1)],
  refundedCents: 24_900,
  paidCents: 24_900,
  status: "completed",
  killed: true,
};

test("a refund that arrived twice and was booked once is what a kill must lead to", () => {
  expect(judgeLedger(KILLED)).toEqual({
    ok: true,
    text: "refund: arrivals 2, refunds 1, money refunded EUR 249.00 of EUR 249.00 paid, once",
  });
});

test("without a kill, nothing arrives twice", () => {
  const calm = { ...KILLED, killed: false, ledger: [write("refund", 1), write("message", 1)] };
  expect(judgeLedger(calm).ok).toBe(true);
  expect(judgeLedger({ ...KILLED, killed: false }).ok).toBe(false);
});

test.each<readonly [string, Partial<Facts>]>([
  ["the refund never arrived again", { ledger: [write("refund", 1), write("message", 1)] }],
  ["the refund was booked twice", { ledger: [write("refund", 2), write("refund", 1), write("message", 1)] }],
  ["the money moved twice", { refundedCents: 49_800 }],
  ["the refund was not booked", { ledger: [write("refund", 2, 0), write("message", 1)], refundedCents: 0 }],
  ["a message was lost", { ledger: [write("refund", 2)] }],
  ["a message was not booked", { ledger: [write("refund", 2), write("message", 1, 0)] }],
  ["the task failed", { status: "failed" }],
])("it is told as wrong when %s", (_name, fault) => {
  const { ok, text } = judgeLedger({ ...KILLED, ...fault });
  expect(ok).toBe(false);
  expect(text).toContain("WRONG");
});

test("the ledger is a table with one write a line", () => {
  expect(ledgerLines(KILLED.ledger).slice(1)).toEqual([
    "The shop's own ledger",
    "  write     arrivals  booked  idempotency key",
    "  note             1       1  tsk_1.note",
    "  refund           2       1  tsk_1.refund",
    "  message          1       1  tsk_1.message",
  ]);
});

test("an empty ledger says so", () => {
  expect(ledgerLines([]).at(-1)).toBe("  nothing arrived");
});
