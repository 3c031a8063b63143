import { calendarAt } from "../../../durable-objects/calendar.ts";
import { FUNDS, type Funds } from "../../../src/contracts/allowance.ts";
import type { Amounts } from "../../../src/contracts/budget.ts";
import { ZERO, eachFund } from "../../../src/core/account.ts";
import { WHOLE } from "../../../src/core/account-book.ts";
import type { Command } from "../../../src/core/task/command.ts";
import type { Event } from "../../../src/core/task/event.ts";
import type { SimulatedAllowances } from "../allowances.ts";
import type { Check, Report, Witness } from "./witness.ts";

const ENDS: ReadonlySet<Event["type"]> = new Set(["taskCompleted", "taskFailed", "taskCanceled"]);

/** A second book of what a task holds and what its own model calls came to, kept from its events alone. */
export class AllowanceBook {
  used: Funds = ZERO;
  reserved: Funds = ZERO;
  #held: Funds = ZERO;
  #counted: Funds = ZERO;
  #placed = false;

  take(event: Event, command: Command): void {
    if (event.type === "modelCallIntended") this.reserved = fundsOf(event.reserved);
    if (event.type === "modelReplied" || event.type === "modelCallFailed") this.#charge(fundsOf(event.used));
    if (ENDS.has(event.type)) this.#charge(this.reserved);
    if (event.type === "allowanceReturned") {
      this.#held = ZERO;
      this.#placed = false;
    }
    if (event.type !== "allowanceAnswered" || command.type !== "allowanceAnswered") return;
    const { held, counted, placed } = command.allowance;
    this.#held = held;
    this.#counted = counted;
    this.#placed = placed;
  }

  /** What the call that is out may cost is held, and the task has a place. */
  covers({ budgets, capacity }: { readonly budgets: boolean; readonly capacity: boolean }): boolean {
    const left = eachFund((d) => this.#held[d] - (this.used[d] - this.#counted[d]));
    return (!budgets || FUNDS.every((d) => left[d] >= this.reserved[d])) && (!capacity || this.#placed);
  }

  #charge(used: Funds): void {
    this.used = eachFund((d) => this.used[d] + used[d]);
    this.reserved = ZERO;
  }
}

function fundsOf({ costMicroUsd, tokens }: Amounts): Funds {
  return { costMicroUsd, tokens };
}

/** B1. A model is asked only for what its task holds, and by a task that has a place. */
export const asksOnlyCovered: Check = ({ events, after: { order } }, { allowances }, report) => {
  if (order.allowance === undefined || !events.some(({ type }) => type === "modelCallIntended")) return;
  if (allowances.reserved !== ZERO && !allowances.covers(order.allowance))
    report("B1", "asks its model without an allowance that covers the call");
};

/** B1. When all is over nobody holds anything, and what is counted as spent is what the tasks used. */
export function gaveAllBack(
  { books, admission }: SimulatedAllowances,
  witnesses: readonly Witness[],
  { report, nowMs }: { readonly report: Report; readonly nowMs: number },
): void {
  if (admission.atWork > 0) report("B1", `${admission.atWork} tasks keep their place`);
  for (const [tenant, book] of books) {
    const of = witnesses.filter(({ order }) => order.tenant === tenant && order.allowance?.budgets === true);
    const used = eachFund((d) => of.reduce((sum, { allowances }) => sum + allowances.used[d], 0));
    for (const principal of [WHOLE, ...book.principals()]) {
      const { held, month } = book.account(principal, calendarAt(nowMs));
      for (const d of FUNDS) {
        const spent = month.spent[d] + month.overrun[d];
        if (held[d] !== 0 || spent !== used[d])
          report("B1", `${tenant}: ${held[d]} ${d} held, ${spent} spent of ${used[d]} used`);
      }
    }
  }
}
