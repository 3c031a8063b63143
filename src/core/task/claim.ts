import type { Rights } from "../../contracts/access.ts";
import { CONSUMER_CALLS_MAX } from "../../contracts/queue.ts";
import type { Claim } from "./command.ts";
import type { TaskRefusal } from "./refusal.ts";
import type { Draft } from "./draft.ts";
import { advance, judgeCall, noteAuthority } from "./judging.ts";
import { CHILD_MISSED_MS } from "../delegation.ts";
import { type Call, isLive } from "./state.ts";
import { servingModel } from "./serving.ts";
import { modelOf, stopForAuthority } from "./model-call.ts";

/** What a lease has beyond the time-out of what it is for: the way there and back. */
export const LEASE_SLACK_MS = 15_000;

/**
 * A consumer asks for what a message told it to carry out. Each is claimed at most once an attempt, and a call goes through the gate
 * again with the rights of now (P1); a claim of anything else changes nothing.
 */
export function decideClaim(draft: Draft, { claims, rights }: Claim): TaskRefusal | null {
  if (!isLive(draft.state)) return null;
  if (rights !== null) noteAuthority(draft, rights.authorityActive);
  let earlierMs = 0;
  for (const { id, attempt } of claims) {
    const call = draft.call(id);
    if (call === undefined) claimModelCall(draft, id, attempt);
    else if (rights !== null && call.attempt === attempt && isWaiting(call))
      earlierMs += claimCall(draft, call, { rights, earlierMs });
  }
  advance(draft);
  return null;
}

/**
 * Says how long the call may take; `earlierMs`: how long those may take together that were claimed before it. A consumer carries them
 * out in this order, so many at a time, and each may take its tool's time-out from when its turn has come.
 */
function claimCall(draft: Draft, call: Call, of: { rights: Rights; earlierMs: number }): number {
  const tool = judgeCall(draft, call, of.rights);
  if (tool === null) return 0;
  // A child takes its own time; it is asked after so long whether it is there.
  if (call.grant !== null) {
    claimed(draft, call, draft.nowMs + CHILD_MISSED_MS);
    return 0;
  }
  const waitsMs = Math.ceil(of.earlierMs / CONSUMER_CALLS_MAX);
  claimed(draft, call, draft.nowMs + waitsMs + tool.timeoutMs + LEASE_SLACK_MS);
  return tool.timeoutMs;
}

function claimed(draft: Draft, { id: call, attempt }: Call, leaseUntilMs: number): void {
  draft.emit({ type: "callClaimed", call, attempt, leaseUntilMs });
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
  if (!draft.state.authority.active) return stopForAuthority(draft, model);
  const leaseUntilMs = draft.nowMs + servingModel(draft.state.order, model).timeoutMs + LEASE_SLACK_MS;
  draft.emit({ type: "modelCallClaimed", call: id, attempt, leaseUntilMs });
}

function isWaiting({ progress }: Call): boolean {
  return progress.at === "intended" && progress.placement === "queued";
}
