import { type Amounts, type Budget, DIMENSIONS, type Dimension, type OnLimit } from "../contracts/budget.ts";
import type { NewTask } from "../contracts/task.ts";

export const NOTHING: Amounts = {
  turns: 0,
  toolCalls: 0,
  tokens: 0,
  wallMs: 0,
  costMicroUsd: 0,
  children: 0,
};

/** What one tool call sets aside. */
export const ONE_CALL: Amounts = { ...NOTHING, toolCalls: 1 };

/** B1. What a call sets aside: itself, and the whole limit of the child task that carries it out. */
export function setAside(childLimit: Amounts | undefined): Amounts {
  return childLimit === undefined ? ONE_CALL : plus(ONE_CALL, ofChild(childLimit));
}

/** What a child task's amounts are to its parent: a child more, and no time of the parent's own. */
function ofChild(amounts: Amounts): Amounts {
  return { ...amounts, wallMs: 0, children: amounts.children + 1 };
}

/** A fresh budget under `limit`. A dimension that it does not know, since it is older than that, is closed. */
export function openBudget(limit: Partial<Amounts>): Budget {
  return { limit: { ...NOTHING, ...limit }, spent: NOTHING, reserved: NOTHING, overrun: NOTHING };
}

/** B1. What a task does at a ceiling. A child's are set aside in its parent, and nobody raises them: it fails there, whatever its agent says. */
export function reactionOf({ agent, parent }: NewTask): OnLimit {
  return parent === undefined ? agent.limits.onLimit : "fail";
}

/** B1. The first dimension in which `wanted` no longer fits beside what is spent and reserved; null when all of it fits. */
export function firstExceeded(budget: Budget, wanted: Amounts): Dimension | null {
  const { limit, spent, reserved } = budget;
  return DIMENSIONS.find((d) => spent[d] + reserved[d] + wanted[d] > limit[d]) ?? null;
}

/** B1. Sets the worst case aside before a call leaves. The caller has asked `firstExceeded`. */
export function reserve(budget: Budget, wanted: Amounts): Budget {
  return { ...budget, reserved: plus(budget.reserved, wanted) };
}

/** Turns a reservation into what was really used. Usage above it is kept apart as overrun, so that spent never passes the limit. */
export function settle(budget: Budget, reserved: Amounts, used: Amounts): Budget {
  return {
    limit: budget.limit,
    reserved: map((d) => budget.reserved[d] - reserved[d]),
    spent: map((d) => budget.spent[d] + Math.min(used[d], reserved[d])),
    overrun: map((d) => budget.overrun[d] + Math.max(0, used[d] - reserved[d])),
  };
}

/** Wall time is not reserved but read off the clock; it never counts beyond the limit. */
export function elapse(budget: Budget, elapsedMs: number): Budget {
  const wallMs = Math.max(budget.spent.wallMs, Math.min(elapsedMs, budget.limit.wallMs));
  return wallMs === budget.spent.wallMs ? budget : { ...budget, spent: { ...budget.spent, wallMs } };
}

/** Raises one ceiling. */
export function extend(budget: Budget, dimension: Dimension, to: number): Budget {
  return { ...budget, limit: { ...budget.limit, [dimension]: to } };
}

/** Whether usage went above a reservation between two budgets. */
export function overran(before: Budget, after: Budget): boolean {
  return DIMENSIONS.some((d) => after.overrun[d] > before.overrun[d]);
}

export function plus(a: Amounts, b: Amounts): Amounts {
  return map((d) => a[d] + b[d]);
}

function map(of: (dimension: Dimension) => number): Amounts {
  return {
    turns: of("turns"),
    toolCalls: of("toolCalls"),
    tokens: of("tokens"),
    wallMs: of("wallMs"),
    costMicroUsd: of("costMicroUsd"),
    children: of("children"),
  };
}
