import type { Dimension } from "../../contracts/budget.ts";
import { firstExceeded, reactionOf, setAside } from "../budget.ts";
import type { GateContext } from "./context.ts";
import { type Finding, PASS, refuse } from "./verdict.ts";

/** B1. There is time left, and one more call fits the budget or is already set aside in it; else the agent's rule says whether to ask. */
export function budgetStage(context: GateContext): Finding {
  const { order } = context;
  const dimension = exceededBy(context);
  if (dimension === null) return PASS;
  if (reactionOf(order) !== "fail") return { result: "ask", about: { kind: "budget", dimension } };
  return refuse("budget_exhausted", `The task's limit of ${dimension} is reached.`);
}

/** Wall time that nobody is asked about ends the task by its timer. */
function exceededBy({ budget, order, elapsedMs, call, recruiting }: GateContext): Dimension | null {
  if (reactionOf(order) !== "fail" && elapsedMs >= budget.limit.wallMs) return "wallMs";
  return call.reserved === null ? firstExceeded(budget, setAside(recruiting?.grant?.limit)) : null;
}
