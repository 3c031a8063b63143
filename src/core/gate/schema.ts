import type { KnownContext } from "./context.ts";
import { type Finding, PASS, refuse } from "./verdict.ts";

const ISSUES_TOLD_MAX = 8;

/** The arguments fit the tool's input schema; the issues go back to the model, so that it can mend them. */
export function schema({ tool, call, fns }: KnownContext): Finding {
  const issues = fns.validate(tool.inputSchema, call.args);
  if (issues.length === 0) return PASS;
  const told = issues.slice(0, ISSUES_TOLD_MAX).map((issue) => `${issue.path || "/"}: ${issue.message}`);
  return refuse(
    "invalid_input",
    `The arguments do not fit the tool's input schema. ${told.join("; ")}`,
    true,
  );
}
