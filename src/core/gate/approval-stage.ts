import { bindingOf } from "../binding.ts";
import type { KnownContext } from "./context.ts";
import { type Finding, PASS, refuse } from "./verdict.ts";

/** A question whose ground has changed is asked again, at most so often. */
export const ASKED_MAX = 3;

/**
 * A1. What needs a human has an answer that still holds: approved, for exactly this proposal and these terms, by someone entitled
 * now. Otherwise a human is asked (again). `guarded` asks as well, as long as no policy can decide in a human's place.
 */
export function approvalStage(context: KnownContext): Finding {
  const { tool, call } = context;
  if (tool.mode === "auto" || stillHolds(context)) return PASS;
  if (call.asked >= ASKED_MAX)
    return refuse("refused_by_policy", "The approval for this call was overtaken too often.");
  return { result: "ask", about: { kind: "call" } };
}

function stillHolds({ approval, call, rights, tool, fns }: KnownContext): boolean {
  if (approval === null || approval.state !== "approved" || approval.question.kind === "budget") return false;
  const current = {
    ...approval,
    question: { ...approval.question, tool: call.tool, args: call.args, proposalHash: call.proposalHash },
    approver: tool.approval?.approver ?? approval.approver,
    assurance: tool.approval?.assurance ?? approval.assurance,
  };
  return (
    bindingOf(current, fns) === approval.binding &&
    (rights.entitledApprovers ?? []).includes(approval.approver)
  );
}
