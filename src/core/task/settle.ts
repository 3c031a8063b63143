import type { ErrorEnvelope } from "../../contracts/outcome.ts";
import { placeAgainAtMs, retryAtMs } from "../retry.ts";
import { ask, closeQuestion } from "./asking.ts";
import type { CallSettlement, Command } from "./command.ts";
import type { TaskRefusal } from "./refusal.ts";
import type { Draft } from "./draft.ts";
import { advance, giveUp, toolOf } from "./judging.ts";
import type { outcomeOf } from "./outcome-of.ts";
import { type Call, type TaskState, isLive, isSettled, openCalls } from "./state.ts";
import { CHILD_ASK_MS } from "../delegation.ts";
import { INTERRUPTIONS_MAX, RESEND_MS, failModelCall, modelOf } from "./model-call.ts";

const INTERRUPTED: ErrorEnvelope = {
  code: "unavailable",
  message: "The runtime was restarted while the call was out.",
  retryable: true,
};

/** What attempts brought. Each is told once: a duplicate or superseded settlement changes nothing (commit protocol, 6). */
export function decideSettlements(draft: Draft, settlements: readonly CallSettlement[]): TaskRefusal | null {
  settlements.forEach((settlement, place) => settleOne(draft, settlement, place));
  advance(draft);
  return null;
}

/** E2. What a read-back of a write found. */
export function decideReadBack(
  draft: Draft,
  command: Extract<Command, { type: "readBackEnded" }>,
): TaskRefusal | null {
  const call = draft.call(command.call);
  if (call?.progress.at !== "readingBack" || call.attempt !== command.attempt) return null;
  const { finding } = command;
  if (finding.kind === "happened") settle(draft, call, { outcome: { ok: true, output: finding.output } });
  else if (!isLive(draft.state)) return null;
  else if (finding.kind === "pending")
    draft.emit({
      type: "readBackPostponed",
      call: call.id,
      attempt: call.attempt,
      atMs: draft.nowMs + CHILD_ASK_MS,
    });
  // A read-back that began too early looked too early, however late it answers.
  else if (finding.kind === "absent" && call.progress.sinceMs < call.conclusiveAtMs) {
    const atMs = Math.max(draft.nowMs, call.conclusiveAtMs);
    draft.emit({ type: "readBackPostponed", call: call.id, attempt: call.attempt, atMs });
  } else if (finding.kind === "absent")
    retryOrElse(draft, call, { error: INTERRUPTED, next: "send", inDoubt: false }, () =>
      settle(draft, call, { outcome: { ok: false, error: INTERRUPTED } }),
    );
  else
    retryOrElse(draft, call, { error: finding.error, next: "readBack", inDoubt: true }, () =>
      askToResend(draft, call),
    );
  advance(draft);
  return null;
}

/** The object was restarted: what it carried out itself is lost from sight, and goes the way of an unknown outcome. */
export function decideInterrupted(draft: Draft): TaskRefusal | null {
  if (!isLive(draft.state)) return null;
  interruptModelCall(draft);
  for (const call of openCalls(draft.state)) interruptCall(draft, call);
  advance(draft);
  return null;
}

/**
 * E2. A write that may have happened is never blindly retried: same key, else a read, else a human. `outForMs`: how long the attempt
 * has been out at least; what it does, it does within its tool's time-out.
 */
export function resolveUnknown(draft: Draft, call: Call, error: ErrorEnvelope, outForMs: number): void {
  // T1. A task that is queued again asks nothing of anybody; its start resolves what is in doubt.
  if (draft.state.phase.kind === "queued")
    return draft.emit({ type: "callReadied", call: call.id, interrupted: true });
  const tool = toolOf(draft.state, call.tool);
  const otherwise = () => (tool?.effect === "read" ? giveUp(draft, call, error) : askToResend(draft, call));
  if (tool?.effect === "read" || tool?.recovery === "key")
    retryOrElse(draft, call, { error, next: "send", inDoubt: true }, otherwise);
  else if (tool?.recovery === "read")
    readBack(draft, call, draft.nowMs + Math.max(0, tool.timeoutMs - outForMs));
  else askToResend(draft, call);
}

/** E2. When a resumed task starts, a write in doubt that honours no keys is read back or put to a human; the gate does not see it. */
export function resolveDoubts(draft: Draft): void {
  for (const call of openCalls(draft.state)) {
    if (call.inDoubt && call.progress.at === "ready" && !isRepeatable(draft.state, call))
      resolveUnknown(draft, call, INTERRUPTED, 0);
  }
}

/** What the command says of a child's end is the call's outcome. */
export function settleByChild(draft: Draft, call: Call): void {
  settle(draft, call, {});
}

/** E2. Asks whether an attempt took effect. */
export function readBack(draft: Draft, { id, attempt }: Call, conclusiveAtMs: number): void {
  draft.emit({ type: "readBackIntended", call: id, attempt, conclusiveAtMs });
}

function settleOne(draft: Draft, settlement: CallSettlement, place: number): void {
  const call = draft.call(settlement.call);
  if (call === undefined || isSettled(call) || call.attempt === 0) return;
  const { result } = settlement;
  // E1. A success is the call's outcome whichever attempt brought it; failures count only for the attempt that is out.
  if (result.kind === "done") return settle(draft, call, { settlement: place });
  if (!isOut(call) || settlement.attempt !== call.attempt) return;
  if (result.kind === "turnedAway") return standInLine(draft, call, { error: result.error, place });
  if (!isLive(draft.state)) {
    if (result.kind === "failed") settle(draft, call, { settlement: place });
  } else if (result.kind === "unknown") resolveUnknown(draft, call, result.error, settlement.latencyMs);
  else if (result.error.retryable)
    retryOrElse(draft, call, { error: result.error, next: "send", inDoubt: false }, () =>
      settle(draft, call, { settlement: place }),
    );
  else settle(draft, call, { settlement: place });
}

/** No attempt was made: what was in doubt before still is, and what the retry policy allows is not used up. */
function standInLine(
  draft: Draft,
  call: Call,
  { error, place }: { error: ErrorEnvelope; place: number },
): void {
  const { id, attempt, inDoubt } = call;
  const live = isLive(draft.state);
  const atMs = live ? placeAgainAtMs(call, draft.nowMs, error.retryAfterMs) : null;
  const again = { next: "send", error, inDoubt, turnedAway: true } as const;
  if (atMs !== null) draft.emit({ type: "callRetryScheduled", call: id, attempt, atMs, ...again });
  else if (!inDoubt) settle(draft, call, { settlement: place });
  else if (live) resolveUnknown(draft, call, error, 0);
}

function settle(
  draft: Draft,
  call: Call,
  by: { settlement?: number; outcome?: ReturnType<typeof outcomeOf> },
): void {
  const late = !isLive(draft.state);
  if (call.progress.at === "held" && !late) closeQuestion(draft, call.progress.approval);
  draft.emit({ type: "callSettled", call: call.id, attempt: call.attempt, ...by, late });
}

function isOut({ progress }: Call): boolean {
  return progress.at === "intended" || progress.at === "claimed";
}

function retryOrElse(
  draft: Draft,
  call: Call,
  retry: { error: ErrorEnvelope; next: "send" | "readBack"; inDoubt: boolean },
  otherwise: () => void,
): void {
  const policy = toolOf(draft.state, call.tool)?.retry;
  const { error } = retry;
  const atMs =
    policy &&
    retryAtMs(policy, call.tries + 1, draft.nowMs, { seed: call.id, retryAfterMs: error.retryAfterMs });
  if (atMs === null || atMs === undefined) otherwise();
  else draft.emit({ type: "callRetryScheduled", call: call.id, attempt: call.attempt, atMs, ...retry });
}

function askToResend(draft: Draft, call: Call): void {
  const { id, tool, args, proposalHash } = call;
  const rule = toolOf(draft.state, tool)?.approval ?? draft.state.order.agent.escalation;
  const approval = ask(draft, { kind: "resend", callId: id, tool, args, proposalHash }, rule);
  draft.emit({ type: "callHeld", call: id, approval, about: "resend" });
}

function interruptModelCall(draft: Draft): void {
  const model = modelOf(draft.state);
  if (model?.progress.at !== "intended") return;
  if (model.progress.placement === "queued")
    return draft.emit({ type: "modelCallResent", call: model.id, resendAtMs: draft.nowMs + RESEND_MS });
  const failure = { code: "interrupted", message: INTERRUPTED.message, retryable: true } as const;
  failModelCall(draft, model, { failure, used: { ...model.reserved, turns: 0 }, interrupted: true });
}

function readBackAgain(draft: Draft, call: Call): void {
  if (call.readBacks > INTERRUPTIONS_MAX && call.grant === null) askToResend(draft, call);
  else readBack(draft, call, call.conclusiveAtMs);
}

function interruptCall(draft: Draft, call: Call): void {
  const { progress } = call;
  if (progress.at === "readingBack") return readBackAgain(draft, call);
  if (progress.at !== "intended") return;
  if (progress.placement === "queued")
    return draft.emit({ type: "callResent", call: call.id, resendAtMs: draft.nowMs + RESEND_MS });
  if (!isRepeatable(draft.state, call)) resolveUnknown(draft, call, INTERRUPTED, 0);
  else if (call.interruptions < INTERRUPTIONS_MAX)
    draft.emit({ type: "callReadied", call: call.id, interrupted: true });
  else if (toolOf(draft.state, call.tool)?.effect === "read") giveUp(draft, call, INTERRUPTED);
  else askToResend(draft, call);
}

/** Carrying it out again changes nothing: it is a read, or the tool knows its key. */
function isRepeatable(state: TaskState, call: Call): boolean {
  const tool = toolOf(state, call.tool);
  return tool?.effect === "read" || tool?.recovery === "key";
}
