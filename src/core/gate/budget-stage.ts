import { NOTHING, firstExceeded } from "../budget.ts";
import type { GateContext } from "./context.ts";
import { type Finding, PASS, refuse } from "./verdict.ts";

export const ONE_CALL = { ...NOTHING, toolCalls: 1 };

/** B1. One more call fits the budget; else the agent's own rule says whether a human may be asked to extend it. */
export function budgetStage({ budget, order }: GateContext): Finding {
  const dimension = firstExceeded(budget, ONE_CALL);
  if (dimension === null) return PASS;
  if (order.agent.limits.onLimit === "ask") return { result: "ask", about: { kind: "budget", dimension } };
  return refuse("budget_exhausted", `The task's limit of ${dimension} is reached.`);
}
