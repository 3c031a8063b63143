import type { GateContext } from "./context.ts";
import { type Finding, PASS, refuse } from "./verdict.ts";

/** The tool is one of the agent's. What it lacks is told like what does not exist (H1). */
export function known({ tool }: GateContext): Finding {
  return tool === null ? refuse("not_found", "There is no tool of that name.") : PASS;
}
