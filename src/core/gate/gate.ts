import { approvalStage } from "./approval-stage.ts";
import { budgetStage } from "./budget-stage.ts";
import { delegationStage } from "./delegation-stage.ts";
import type { ErrorEnvelope } from "../../contracts/outcome.ts";
import type { GateContext, KnownContext } from "./context.ts";
import { known } from "./known.ts";
import { loops } from "./loops.ts";
import { permission } from "./permission.ts";
import { schema } from "./schema.ts";
import type { Ask, CodedFinding, Finding, StageName, Verdict } from "./verdict.ts";

/** The stages behind the first, in their order. */
const STAGES_OF_KNOWN: readonly (readonly [StageName, (context: KnownContext) => Finding])[] = [
  ["schema", schema],
  ["permission", permission],
  ["delegation", delegationStage],
  ["budget", budgetStage],
  ["loops", loops],
  ["approval", approvalStage],
];

/** From a proposal to a verdict (P1). Pure: the same context always gives the same verdict. */
export function judge(context: GateContext): Verdict {
  const inside = known(context);
  if ("result" in inside) return refused([], "known", inside.error);
  const findings: CodedFinding[] = [{ stage: "known", code: "ok" }];
  let ask: Ask | undefined;
  for (const [stage, judgedBy] of STAGES_OF_KNOWN) {
    const finding = judgedBy(inside);
    if (finding.result === "refuse") return refused(findings, stage, finding.error);
    if (finding.result === "ask") ask ??= finding.about;
    findings.push({ stage, code: codeOf(finding) });
  }
  return ask === undefined ? { decision: "allow", findings } : { decision: "ask", findings, ask };
}

function refused(before: readonly CodedFinding[], stage: StageName, error: ErrorEnvelope): Verdict {
  return { decision: "refuse", findings: [...before, { stage, code: error.code }], error };
}

function codeOf(finding: Exclude<Finding, { result: "refuse" }>): CodedFinding["code"] {
  if (finding.result === "pass") return "ok";
  return finding.about.kind === "call" ? "ask_call" : "ask_budget";
}
