import { type AccountName, type Funds, PRIORITIES, type Priority } from "../contracts/allowance.ts";
import { ZERO, plusFunds } from "./account.ts";

/** A task that waits at a ceiling of one of its accounts, and what it needs. `shared`: for what others hold; else the ceiling is reached. */
export interface InLine {
  readonly account: AccountName;
  readonly task: string;
  readonly principal: string;
  readonly priority: Priority;
  readonly need: Funds;
  readonly shared: boolean;
}

interface Standing extends InLine {
  readonly sinceMs: number;
  readonly seenMs: number;
}

/** What those before a task need of each of its accounts. */
export type NeedBefore = Readonly<Record<AccountName, Funds>>;

/** Who has not asked again by then has gone: some ask every few seconds, and those at a ceiling every few minutes. */
const GONE_MS = { shared: 60_000, reached: 600_000 } as const;
/** More than so many do not stand in line: the rest comes back later. */
const LINE_MAX = 2_000;

/**
 * Tasks of one tenant that wait, by priority and then by who came first. Of what others hold, nobody behind takes what somebody before
 * needs, so that a large need is met in the end; whoever waits at its principal's ceiling holds up that principal's tasks alone, and
 * whoever waits for a ceiling to rise nobody. Kept in memory only: whoever waits asks again.
 */
export class AccountLine {
  /** Always in order. */
  #standing: readonly Standing[] = [];

  /** Whether it stands in line now: where that is full, those who hold up nobody leave it first, and then the last. */
  join(one: InLine, nowMs: number): boolean {
    const sinceMs = this.#standing.find(({ task }) => task === one.task)?.sinceMs ?? nowMs;
    const own = { ...one, sinceMs, seenMs: nowMs };
    const others = this.#standing.filter((other) => other.task !== one.task && isThere(other, nowMs));
    const place = others.findIndex((other) => isBefore(own, other));
    const line = others.toSpliced(place === -1 ? others.length : place, 0, own);
    const excess = line.length > LINE_MAX ? (line.findLast(({ shared }) => !shared) ?? line.at(-1)) : null;
    this.#standing = line.filter((other) => other !== excess);
    return excess !== own;
  }

  leave(task: string): void {
    this.#standing = this.#standing.filter((other) => other.task !== task);
  }

  needBefore(one: Pick<InLine, "task" | "principal" | "priority">, nowMs: number): NeedBefore {
    const own = this.#standing.find(({ task }) => task === one.task) ?? { ...one, sinceMs: nowMs };
    const needs = new Needs();
    for (const other of this.#standing) {
      if (!isBefore(other, own)) break;
      if (isThere(other, nowMs)) needs.add(other);
    }
    return needs.before(one);
  }

  /** All who wait, in their order, each with what those before it need. */
  *inOrder(nowMs: number): Iterable<readonly [InLine, NeedBefore]> {
    const needs = new Needs();
    for (const one of this.#standing) {
      if (!isThere(one, nowMs)) continue;
      yield [one, needs.before(one)];
      needs.add(one);
    }
  }
}

/** Summed up while the line is gone through. */
class Needs {
  #tenant = ZERO;
  readonly #byPrincipal = new Map<string, Funds>();

  before({ principal }: Pick<InLine, "principal">): NeedBefore {
    return { tenant: this.#tenant, principal: this.#byPrincipal.get(principal) ?? ZERO };
  }

  add({ account, principal, need, shared }: InLine): void {
    if (!shared) return;
    if (account === "tenant") this.#tenant = plusFunds(this.#tenant, need);
    this.#byPrincipal.set(principal, plusFunds(this.#byPrincipal.get(principal) ?? ZERO, need));
  }
}

function isThere({ shared, seenMs }: Standing, nowMs: number): boolean {
  return nowMs - seenMs <= GONE_MS[shared ? "shared" : "reached"];
}

type Rank = Pick<Standing, "task" | "priority" | "sinceMs">;

function isBefore(a: Rank, b: Rank): boolean {
  const byPriority = PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority);
  return (byPriority || a.sinceMs - b.sinceMs || (a.task < b.task ? -1 : 1)) < 0;
}
