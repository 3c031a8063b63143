import type { TaskStatus } from "../../src/contracts/task.ts";
import type { LedgerRow } from "../../src/tools/shop/sample-case.ts";

/** What the shop and the runtime say at the end. */
export interface Facts {
  readonly ledger: readonly LedgerRow[];
  readonly refundedCents: number;
  readonly paidCents: number;
  readonly status: TaskStatus;
  /** Whether the runtime was killed between the booking of the refund and its answer, so that it had to ask again. */
  readonly killed: boolean;
}

export function ledgerLines(ledger: readonly LedgerRow[]): readonly string[] {
  return [
    "",
    "The shop's own ledger",
    line("write", "arrivals", "booked", "idempotency key"),
    ...(ledger.length === 0 ? ["  nothing arrived"] : []),
    ...ledger.map(({ action, arrivals, booked, key }) => line(action, String(arrivals), String(booked), key)),
  ];
}

/** Whether every write took effect exactly once and the money moved once; and the sentence that says so. */
export function judgeLedger(facts: Facts): { readonly ok: boolean; readonly text: string } {
  const { ledger, refundedCents, paidCents, status, killed } = facts;
  const refunds = ledger.filter(({ action }) => action === "refund");
  const arrivals = refunds.reduce((sum, refund) => sum + refund.arrivals, 0);
  const booked = refunds.reduce((sum, refund) => sum + refund.booked, 0);
  const faults = [
    ...(status === "completed" ? [] : [`the task is ${status}`]),
    ...(arrivals === (killed ? 2 : 1) ? [] : [`the refund arrived ${arrivals} times`]),
    ...(refundedCents === paidCents ? [] : [`${euros(refundedCents)} of ${euros(paidCents)} are refunded`]),
    ...(booked === 1 ? [] : [`${booked} refunds are booked`]),
    ...ledger
      .filter((write) => write.booked !== 1)
      .map(({ action, key }) => `${action} ${key} took effect more or less than once`),
    ...(ledger.some(({ action }) => action === "message") ? [] : ["no message was sent"]),
  ];
  const summary = `refund: arrivals ${arrivals}, refunds ${booked}, money refunded ${euros(refundedCents)} of ${euros(paidCents)} paid`;
  return faults.length === 0
    ? { ok: true, text: `${summary}, once` }
    : { ok: false, text: `${summary}. WRONG: ${faults.join("; ")}` };
}

function line(...[write, arrivals, booked, key]: readonly [string, string, string, string]): string {
  return `  ${write.padEnd(10)}${arrivals.padStart(8)}${booked.padStart(8)}  ${key}`;
}

function euros(cents: number): string {
  return `EUR ${(cents / 100).toFixed(2)}`;
}
