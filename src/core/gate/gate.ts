import { approvalStage } from "./approval-stage.ts";
import { budgetStage } from "./budget-stage.ts";
import type { GateContext } from "./context.ts";
import { known } from "./known.ts";
import { loops } from "./loops.ts";
import { permission } from "./permission.ts";
import { schema } from "./schema.ts";
import { type Ask, type Finding, STAGES, type StageName, type Verdict } from "./verdict.ts";

const STAGE_OF: Readonly<Record<StageName, (context: GateContext) => Finding>> = {
  known,
  schema,
  permission,
  budget: budgetStage,
  loops,
  approval: approvalStage,
};

/** From a proposal to a verdict (P1). Pure: the same context always gives the same verdict. */
export function judge(context: GateContext): Verdict {
  const findings: Verdict["findings"][number][] = [];
  let ask: Ask | undefined;
  for (const stage of STAGES) {
    const finding = STAGE_OF[stage](context);
    findings.push({ stage, code: codeOf(finding) });
    if (finding.result === "refuse") return { decision: "refuse", findings, error: finding.error };
    if (finding.result === "ask") ask ??= finding.about;
  }
  return ask === undefined ? { decision: "allow", findings } : { decision: "ask", findings, ask };
}

function codeOf(finding: Finding): Verdict["findings"][number]["code"] {
  switch (finding.result) {
    case "pass":
      return "ok";
    case "refuse":
      return finding.error.code;
    case "ask":
      return finding.about.kind === "call" ? "ask_call" : "ask_budget";
  }
}
