import type { GateContext, KnownContext } from "./context.ts";
import { type Finding, refuse } from "./verdict.ts";

/** The tool is one of the agent's. What it lacks is told like what does not exist (H1). */
export function known(context: GateContext): KnownContext | Extract<Finding, { result: "refuse" }> {
  const { tool } = context;
  return tool === null ? refuse("not_found", "There is no tool of that name.") : { ...context, tool };
}
