import type { Claim } from "./command.ts";
import type { TaskRefusal } from "./refusal.ts";
import type { Draft } from "./draft.ts";
import { advance, judgeCall, noteRights } from "./judging.ts";
import { type Call, isLive } from "./state.ts";
import { modelOf } from "./model-call.ts";

/** What a lease has beyond the time-out of what it is for: the way there and back. */
export const LEASE_SLACK_MS = 15_000;

/**
 * A consumer asks for what a message told it to carry out. Each is claimed at most once an attempt, and a call goes through the gate
 * again with the rights of now (P1); a claim of anything else changes nothing.
 */
export function decideClaim(draft: Draft, { claims, rights }: Claim): TaskRefusal | null {
  if (!isLive(draft.state)) return null;
  noteRights(draft, rights);
  for (const { id, attempt } of claims) {
    const call = draft.call(id);
    if (call === undefined) claimModelCall(draft, id, attempt);
    else if (call.attempt === attempt && isWaiting(call)) claimCall(draft, call, rights);
  }
  advance(draft);
  return null;
}

function claimCall(draft: Draft, call: Call, rights: Claim["rights"]): void {
  const tool = judgeCall(draft, call, rights);
  if (tool === null) return;
  draft.emit({
    type: "callClaimed",
    call: call.id,
    attempt: call.attempt,
    leaseUntilMs: draft.nowMs + tool.timeoutMs + LEASE_SLACK_MS,
  });
}

function claimModelCall(draft: Draft, id: string, attempt: number): void {
  const model = modelOf(draft.state);
  if (
    model?.id !== id ||
    model.attempt !== attempt ||
    model.progress.at !== "intended" ||
    model.progress.placement !== "queued"
  )
    return;
  const leaseUntilMs = draft.nowMs + draft.state.order.model.timeoutMs + LEASE_SLACK_MS;
  draft.emit({ type: "modelCallClaimed", call: id, attempt, leaseUntilMs });
}

function isWaiting({ progress }: Call): boolean {
  return progress.at === "intended" && progress.placement === "queued";
}
