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

/** Who has not asked again by then has gone: some ask every few seconds, and those at a ceiling every few minutes. */
const GONE_MS = { shared: 60_000, reached: 600_000 } as const;

/**
 * Tasks of one tenant that wait, by priority and then by who came first. Of what others hold, nobody behind takes what somebody before
 * needs, so that a large need is met in the end; whoever waits at its principal's ceiling holds up that principal's tasks alone, and
 * whoever waits for a ceiling to rise nobody. Kept in memory only: whoever waits asks again.
 */
export class AccountLine {
  readonly #standing = new Map<string, Standing>();

  join(one: InLine, nowMs: number): void {
    const sinceMs = this.#standing.get(one.task)?.sinceMs ?? nowMs;
    this.#standing.set(one.task, { ...one, sinceMs, seenMs: nowMs });
  }

  leave(task: string): void {
    this.#standing.delete(task);
  }

  /** What those before a task need together, of its tenant (`principal` null) or of its principal. */
  needBefore(
    one: Omit<InLine, "need" | "shared" | "account">,
    principal: string | null,
    nowMs: number,
  ): Funds {
    const own = this.#standing.get(one.task) ?? { ...one, sinceMs: nowMs };
    return this.#inOrder(nowMs)
      .filter((other) => other.shared && other.task !== one.task && isBefore(other, own))
      .filter((other) => (principal === null ? other.account === "tenant" : other.principal === principal))
      .reduce((sum, { need }) => plusFunds(sum, need), ZERO);
  }

  inOrder(nowMs: number): readonly InLine[] {
    return this.#inOrder(nowMs);
  }

  #inOrder(nowMs: number): readonly Standing[] {
    for (const [task, { seenMs, shared }] of this.#standing)
      if (nowMs - seenMs > GONE_MS[shared ? "shared" : "reached"]) this.#standing.delete(task);
    return [...this.#standing.values()].toSorted((a, b) => (isBefore(a, b) ? -1 : 1));
  }
}

type Rank = Pick<Standing, "task" | "priority" | "sinceMs">;

function isBefore(a: Rank, b: Rank): boolean {
  const byPriority = PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority);
  return (byPriority || a.sinceMs - b.sinceMs || (a.task < b.task ? -1 : 1)) < 0;
}
