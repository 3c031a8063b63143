import type { Approval } from "../../contracts/approval.ts";
import type { ErrorEnvelope } from "../../contracts/outcome.ts";
import type { ApprovalAnswered } from "./command.ts";
import { askFurtherUp } from "./asking.ts";
import type { TaskRefusal } from "./refusal.ts";
import type { Draft } from "./draft.ts";
import { fail } from "./ending.ts";
import { advance, giveUp, noteAuthority } from "./judging.ts";
import { failFor } from "./funding.ts";
import { failForJoin } from "./join-question.ts";
import { type Call, openCalls } from "./state.ts";
import { failStep, intendModelCall, modelOf } from "./model-call.ts";

/** A1. Answered at most once, in time, by the one who was asked and may answer now, as surely known as the question demands. */
export function decideAnswer(draft: Draft, command: ApprovalAnswered): TaskRefusal | null {
  const approval = draft.state.approvals.find(({ id }) => id === command.approval);
  const refusal = refusalOf(approval, command, draft.nowMs);
  if (refusal !== null || approval === undefined) return refusal;
  noteAuthority(draft, command.rights.authorityActive);
  draft.emit({ type: "approvalAnswered", approval: approval.id });
  if (command.decision === "approve") approved(draft, approval);
  else turnedDown(draft, approval, "denied");
  return null;
}

/** A question that nobody answered in time is answered no, and the record says which. */
export function expire(draft: Draft, approval: Approval): void {
  draft.emit({
    type: "approvalClosed",
    approval: approval.id,
    state: "expired",
    reason: "not_answered_in_time",
  });
  const next = askFurtherUp(draft, approval);
  if (next === null) turnedDown(draft, approval, "expired");
  else waitFor(draft, approval, next);
}

/** Whoever waited for one answer waits for another. */
function waitFor(draft: Draft, { id, question }: Approval, next: string): void {
  for (const call of heldBy(draft, id))
    draft.emit({ type: "callHeld", call: call.id, approval: next, about: question.kind });
  const model = modelOf(draft.state);
  if (model?.progress.at === "held" && model.progress.approval === id)
    draft.emit({ type: "modelCallHeld", call: model.id, turn: model.turn, approval: next });
}

function refusalOf(
  approval: Approval | undefined,
  command: ApprovalAnswered,
  nowMs: number,
): TaskRefusal | null {
  if (approval === undefined) return { code: "not_found", detail: "There is no such approval." };
  if (command.by !== approval.approver || !command.rights.entitledApprovers.includes(command.by)) {
    return { code: "forbidden", detail: "This approval is not yours to answer." };
  }
  if (command.assurance === "link" && approval.assurance === "signedIn") {
    return { code: "assurance_too_low", detail: "This approval must be answered signed in." };
  }
  if (approval.state === "expired" || (approval.state === "open" && nowMs >= approval.expiresAtMs)) {
    return { code: "approval_expired", detail: "This approval was not answered in time." };
  }
  return approval.state === "open"
    ? null
    : { code: "approval_closed", detail: "This approval is already answered or closed." };
}

function approved(draft: Draft, { id, question }: Approval): void {
  if (question.kind === "budget")
    draft.emit({ type: "limitExtended", dimension: question.dimension, to: question.proposed });
  for (const call of heldBy(draft, id))
    draft.emit({ type: "callReadied", call: call.id, interrupted: false });
  const model = modelOf(draft.state);
  if (model?.progress.at !== "held" || model.progress.approval !== id) return;
  if (draft.state.paused) draft.emit({ type: "modelCallReadied", call: model.id });
  else intendModelCall(draft);
}

function turnedDown(draft: Draft, { id, question }: Approval, how: "denied" | "expired"): void {
  if (question.kind === "budget") {
    const limit = draft.state.budget.limit[question.dimension];
    draft.emit({ type: "limitReached", dimension: question.dimension, limit, needed: 1, reaction: "fail" });
    return fail(
      draft,
      "budget_exhausted",
      `The task's limit of ${question.dimension} is reached and was not extended.`,
    );
  }
  if (question.kind === "funds") return failFor(draft, question);
  if (question.kind === "handOff")
    return how === "denied"
      ? fail(draft, "denied_by_human", "A human did not let the task go on with a step that failed.")
      : failStep(draft, "rung", "approval_expired", "Nobody took on a step that failed.");
  if (question.kind === "join") return failForJoin(draft, question, how);
  for (const call of heldBy(draft, id)) giveUp(draft, call, how === "denied" ? DENIED : EXPIRED);
  advance(draft);
}

function heldBy(draft: Draft, approval: string): readonly Call[] {
  return openCalls(draft.state).filter(
    ({ progress }) => progress.at === "held" && progress.approval === approval,
  );
}

const DENIED: ErrorEnvelope = {
  code: "denied_by_human",
  message: "A human denied this call.",
  retryable: false,
};
const EXPIRED: ErrorEnvelope = {
  code: "approval_expired",
  message: "Nobody approved this call in time.",
  retryable: false,
};
