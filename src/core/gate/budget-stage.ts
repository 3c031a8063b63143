import { ONE_CALL, firstExceeded } from "../budget.ts";
import type { GateContext } from "./context.ts";
import { type Finding, PASS, refuse } from "./verdict.ts";

/** B1. One more call fits the budget, or is already set aside in it; else the agent's own rule says whether a human may extend it. */
export function budgetStage({ budget, order, call }: GateContext): Finding {
  const dimension = call.reserved ? null : firstExceeded(budget, ONE_CALL);
  if (dimension === null) return PASS;
  if (order.agent.limits.onLimit === "ask") return { result: "ask", about: { kind: "budget", dimension } };
  return refuse("budget_exhausted", `The task's limit of ${dimension} is reached.`);
}
