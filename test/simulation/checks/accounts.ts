import { type Amounts, DIMENSIONS } from "../../../src/contracts/budget.ts";
import { NOTHING, ONE_CALL, plus } from "../../../src/core/budget.ts";
import type { Command } from "../../../src/core/task/command.ts";
import type { Event } from "../../../src/core/task/event.ts";
import type { Check } from "./witness.ts";

const ENDS: ReadonlySet<Event["type"]> = new Set(["taskCompleted", "taskFailed", "taskCanceled"]);

/** A second book of a task's budget, kept from its events alone: what is set aside and what was charged, call by call. */
export class Accounts {
  readonly #aside = new Map<string, Amounts>();
  readonly #charged = new Map<string, Amounts>();
  /** What the children of calls are given, and whose child may be there. */
  readonly #grants = new Map<string, Amounts>();
  readonly #recruited = new Set<string>();
  /** Those that are with a consumer. */
  readonly #out = new Set<string>();
  #forModel: Amounts = NOTHING;
  #spent: Amounts = NOTHING;

  get spent(): Amounts {
    return this.#spent;
  }

  get reserved(): Amounts {
    return [...this.#aside.values()].reduce(plus, this.#forModel);
  }

  /** All that its task has kept for a call: what is set aside, and what it was charged. */
  keptFor(call: string): Amounts {
    return plus(this.#aside.get(call) ?? NOTHING, this.#charged.get(call) ?? NOTHING);
  }

  take(event: Event, command: Command): void {
    if (event.type === "modelCallIntended") this.#forModel = event.reserved;
    if (event.type === "modelReplied" || event.type === "modelCallFailed") this.#modelAnswered(event.used);
    if (event.type === "callIntended") this.#intended(event);
    if (event.type === "callClaimed") this.#claimed(event.call);
    if (event.type === "callSettled") this.#settled(event, command);
    if (event.type === "strayEnded") this.#childTold(event.call, command);
    if (ENDS.has(event.type)) this.#ended();
    if (event.type === "taskResumed") this.#resumed();
  }

  #modelAnswered(used: Amounts): void {
    this.#forModel = NOTHING;
    this.#spent = plus(this.#spent, used);
  }

  #claimed(call: string): void {
    this.#out.add(call);
    if (this.#grants.has(call)) this.#recruited.add(call);
  }

  /** A child that nobody can have made is granted anew what fits then. */
  #resumed(): void {
    for (const call of this.#grants.keys()) if (!this.#recruited.has(call)) this.#grants.delete(call);
  }

  #intended({ call, grant }: Extract<Event, { type: "callIntended" }>): void {
    this.#out.delete(call);
    if (this.#aside.has(call)) return;
    if (grant !== undefined) this.#grants.set(call, grant.limit);
    const given = this.#grants.get(call);
    this.#aside.set(call, given === undefined ? ONE_CALL : withChild(given));
  }

  /** What is set aside for a child that no join waits for any more stays so until that has ended. */
  #settled({ call, straggler }: Extract<Event, { type: "callSettled" }>, command: Command): void {
    const wasOut = this.#out.delete(call);
    if (command.type === "childEnded" && command.call === call) return this.#childTold(call, command);
    const isToldSo = straggler === undefined && wasOut && command.type === "callsSettled";
    const isChildless = !this.#recruited.has(call) || isToldSo;
    if (isChildless && this.#aside.delete(call)) this.#charge(call, ONE_CALL);
  }

  /** What a child may use stays set aside until it has told what it used, whoever still waits for it. */
  #childTold(call: string, command: Command): void {
    if (command.type === "childEnded" && this.#aside.delete(call))
      this.#charge(call, withChild(command.used));
  }

  /** What is still out when a task ends was perhaps used; what children may use is theirs to tell. */
  #ended(): void {
    for (const call of [...this.#aside.keys()].filter((id) => !this.#recruited.has(id))) {
      this.#aside.delete(call);
      this.#charge(call, ONE_CALL);
    }
    this.#spent = plus(this.#spent, this.#forModel);
    this.#forModel = NOTHING;
  }

  #charge(call: string, used: Amounts): void {
    this.#spent = plus(this.#spent, used);
    this.#charged.set(call, plus(this.#charged.get(call) ?? NOTHING, used));
  }
}

/** A call, the child that carries it out, and what that is given or has used: its time is not its parent's. */
function withChild(amounts: Amounts): Amounts {
  return { ...amounts, toolCalls: amounts.toolCalls + 1, children: amounts.children + 1, wallMs: 0 };
}

/** B1. What the task believes to have set aside and spent is what its events say, to the last unit. Time is read off the clock. */
export const keepsItsAccounts: Check = ({ after }, { accounts }, report) => {
  const { spent, overrun, reserved } = after.budget;
  for (const d of DIMENSIONS) {
    if (d === "wallMs") continue;
    if (spent[d] + overrun[d] !== accounts.spent[d])
      report("B1", `${d}: ${spent[d]} + ${overrun[d]} spent, and ${accounts.spent[d]} was charged`);
    if (reserved[d] !== accounts.reserved[d])
      report("B1", `${d}: ${reserved[d]} reserved, and ${accounts.reserved[d]} is set aside`);
  }
};
