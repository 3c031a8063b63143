import type { Allowance, Ceiling, Reaction } from "../../contracts/allowance.ts";
import { allowanceOf, isIdle, mayHold, waitsForAllowance } from "./allowance.ts";
import { ask, askUp } from "./asking.ts";
import type { Command } from "./command.ts";
import type { Draft } from "./draft.ts";
import { fail } from "./ending.ts";
import { intendModelCall, modelOf } from "./model-call.ts";
import type { TaskRefusal } from "./refusal.ts";
import { type ModelCall, type TaskState, isLive } from "./state.ts";
import { start } from "./thinking.ts";

/** Whoever keeps budgets and places has answered: the task begins, goes on, waits on, or does what its account's terms say. */
export function decideAllowance(
  draft: Draft,
  { n, gaveBack, allowance }: Extract<Command, { type: "allowanceAnswered" }>,
): TaskRefusal | null {
  const known = allowanceOf(draft.state);
  // What was granted to an asking that was taken back is no longer the task's.
  if (n !== known.n + 1 || gaveBack !== known.returning) return null;
  if (!gaveBack && !waitsForAllowance(draft.state)) return null;
  draft.emit({ type: "allowanceAnswered" });
  if (gaveBack) return null;
  if (allowance.refused !== undefined) refused(draft, allowance.refused);
  else if (draft.state.phase.kind === "queued") start(draft);
  else intendModelCall(draft);
  return null;
}

/**
 * B1. What a task does not need while it rests, others may have; that includes what it asked for and has not heard of yet, unless it was
 * paused already and asked for nothing. One that ends says so in any case, if it ever asked. Looked at after every decision, whatever
 * that was about.
 */
export function giveBack(draft: Draft, before: TaskState): void {
  const { order, allowance } = draft.state;
  if (order.allowance === undefined || allowance?.returning === true || !isIdle(draft.state)) return;
  if (mayHold(draft.state) || mayGetYet(draft, before)) draft.emit({ type: "allowanceReturned" });
}

/** Whether it may be granted something still, or is not to be heard of any more. */
function mayGetYet({ state, events }: Draft, before: TaskState): boolean {
  const asked = waitsForAllowance(before) && !events.some(({ type }) => type === "allowanceAnswered");
  const ends = isLive(before) && !isLive(state);
  return ends ? asked || state.allowance !== undefined : asked && !before.paused;
}

/** A task that has not begun waits, unless no other day or month can help it. */
function refused(draft: Draft, { why, reaction }: NonNullable<Allowance["refused"]>): void {
  if (why.kind === "capacity" || reaction.kind === "wait") return;
  const model = modelOf(draft.state);
  if (reaction.kind === "fail") failFor(draft, why);
  else if (model !== null) holdFor(draft, model, { ceiling: why, reaction });
}

function holdFor(
  draft: Draft,
  model: ModelCall,
  {
    ceiling: { account, period, periodKey, dimension, ceiling },
    reaction: { kind, proposed, approver },
  }: { readonly ceiling: Ceiling; readonly reaction: Extract<Reaction, { proposed: number }> },
): void {
  const { escalation } = draft.state.order.agent;
  const rule = { ...escalation, ...(approver !== undefined && { approver }) };
  const about = { account, period, periodKey, dimension, ceiling, raiseTo: proposed };
  const approval = (kind === "escalate" ? askUp : ask)(draft, { kind: "funds", ...about }, rule);
  draft.emit({ type: "modelCallHeld", call: model.id, turn: model.turn, approval });
}

/** Nobody raises the ceiling for this task: it fails with what there is of an answer. */
export function failFor(draft: Draft, { account, period, dimension }: Ceiling): void {
  fail(draft, "budget_exhausted", `The ${account}'s limit of ${dimension} for the ${period} is reached.`);
}
