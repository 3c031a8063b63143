import type { ErrorEnvelope } from "../../contracts/outcome.ts";
import { NOTHING, reactionOf } from "../budget.ts";
import { expire } from "./answer.ts";
import type { TaskRefusal } from "./refusal.ts";
import type { Draft } from "./draft.ts";
import { fail } from "./ending.ts";
import { advance, giveUp } from "./judging.ts";
import { joinsDueMs } from "./joining.ts";
import { readBack, resolveUnknown } from "./settle.ts";
import { type Call, type ModelCall, type Stray, type TaskState, isLive } from "./state.ts";
import { RESEND_MS, failModelCall, intendModelCall, modelOf } from "./model-call.ts";

/** How often a message that nobody claims is sent again before its call is given up. */
export const RESENDS_MAX = 20;

const LEASE_ENDED = {
  code: "timeout",
  message: "The call was claimed and never settled.",
  retryable: true,
} as const satisfies ErrorEnvelope;
const UNCLAIMED = {
  code: "unavailable",
  message: "Nobody carried the call out.",
  retryable: true,
} as const satisfies ErrorEnvelope;
const UNFINISHED = {
  code: "timeout",
  message: "The provider did not finish its response in time.",
  retryable: true,
} as const satisfies ErrorEnvelope;

/** Time has passed: everything that is due happens, in a fixed order. */
export function decideTimer(draft: Draft): TaskRefusal | null {
  if (!isLive(draft.state)) return null;
  const { order } = draft.state;
  if (order.deadlineAtMs !== undefined && draft.nowMs >= order.deadlineAtMs)
    fail(draft, "timeout", "The task's deadline has passed.");
  else if (draft.nowMs >= (wallEndMs(draft.state) ?? Infinity)) failForWallTime(draft);
  if (!isLive(draft.state)) return null;
  expireApprovals(draft);
  wakeModelCall(draft);
  for (const call of actingCalls(draft.state)) wakeCall(draft, call);
  for (const stray of draft.state.strays)
    if (draft.nowMs >= strayDueMs(stray)) draft.emit({ type: "strayOverdue", call: stray.id });
  advance(draft);
  return null;
}

/** When something of this task is next due; null when nothing but a message from outside can move it. */
export function nextTimerMs(state: TaskState): number | null {
  if (!isLive(state)) return null;
  const model = modelOf(state);
  const due = [
    state.order.deadlineAtMs ?? Infinity,
    wallEndMs(state) ?? Infinity,
    ...state.approvals.map((approval) => (approval.state === "open" ? approval.expiresAtMs : Infinity)),
    model === null ? Infinity : modelDueMs(state, model),
    ...actingCalls(state).map((call) => dueMs(call.progress)),
    joinsDueMs(state),
    ...state.strays.map(strayDueMs),
  ];
  const next = Math.min(...due);
  return next === Infinity ? null : next;
}

/** A child that may finish has the time that it was granted. */
function strayDueMs({ finishes, grant }: Stray): number {
  return finishes === true && grant !== null ? grant.deadlineAtMs : Infinity;
}

/** Nothing new is asked of the model while the task is paused. */
function modelDueMs({ paused }: TaskState, { progress }: ModelCall): number {
  return paused && progress.at === "retrying" ? Infinity : dueMs(progress);
}

/** The calls of a task that is at work: one that is queued again leaves them until it starts. */
function actingCalls({ phase }: TaskState): readonly Call[] {
  return phase.kind === "acting" ? phase.open.calls : [];
}

/** Wall time ends a task whose agent says `fail`; one that asks is asked when it next wants to think. */
function wallEndMs({ order, startedAtMs, budget }: TaskState): number | null {
  return startedAtMs === null || reactionOf(order) !== "fail" ? null : startedAtMs + budget.limit.wallMs;
}

function failForWallTime(draft: Draft): void {
  const limit = draft.state.budget.limit.wallMs;
  draft.emit({ type: "limitReached", dimension: "wallMs", limit, needed: 1, reaction: "fail" });
  fail(draft, "budget_exhausted", "The task's limit of wallMs is reached.");
}

type AnyProgress = Call["progress"] | NonNullable<ReturnType<typeof modelOf>>["progress"];

function dueMs(progress: AnyProgress): number {
  switch (progress.at) {
    case "retrying":
      return progress.atMs;
    case "claimed":
      return progress.leaseUntilMs;
    case "submitted":
      return progress.untilMs;
    case "intended":
      return progress.placement === "queued" ? progress.resendAtMs : Infinity;
    case "ready":
    case "held":
    case "unfunded":
    case "readingBack":
    case "settled":
      return Infinity;
  }
}

function expireApprovals(draft: Draft): void {
  for (const approval of draft.state.approvals) {
    if (approval.state === "open" && draft.nowMs >= approval.expiresAtMs && isLive(draft.state))
      expire(draft, approval);
  }
}

function wakeModelCall(draft: Draft): void {
  const model = modelOf(draft.state);
  if (model === null || draft.nowMs < modelDueMs(draft.state, model)) return;
  const { progress } = model;
  if (progress.at === "retrying") return intendModelCall(draft);
  if (progress.at === "intended" && progress.resends < RESENDS_MAX) {
    return draft.emit({ type: "modelCallResent", call: model.id, resendAtMs: draft.nowMs + RESEND_MS });
  }
  const claimed = progress.at === "claimed" ? LEASE_ENDED : UNFINISHED;
  failModelCall(draft, model, {
    failure: progress.at === "intended" ? UNCLAIMED : claimed,
    // B1. Nobody can have run what nobody claimed.
    used: progress.at === "intended" ? NOTHING : { ...model.reserved, turns: 0 },
    interrupted: false,
  });
}

function wakeCall(draft: Draft, call: Call): void {
  const { id, progress } = call;
  if (draft.nowMs < dueMs(progress)) return;
  // A lease is longer than the time-out of what it is for.
  if (progress.at === "claimed") return resolveUnknown(draft, call, LEASE_ENDED, Infinity);
  if (progress.at === "retrying" && progress.next === "readBack")
    return readBack(draft, call, call.conclusiveAtMs);
  if (progress.at === "retrying") return draft.emit({ type: "callReadied", call: id, interrupted: false });
  if (progress.at === "intended" && progress.resends < RESENDS_MAX) {
    return draft.emit({ type: "callResent", call: id, resendAtMs: draft.nowMs + RESEND_MS });
  }
  giveUp(draft, call, UNCLAIMED);
}
