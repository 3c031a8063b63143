import type { Amounts, Dimension } from "../../contracts/budget.ts";
import type { ModelFailure } from "../../contracts/model.ts";
import type { ErrorCode } from "../../contracts/outcome.ts";
import type { Choice } from "../../contracts/route.ts";
import { NOTHING, firstExceeded, overran } from "../budget.ts";
import { placeModelCall } from "../placement.ts";
import { retryAtMs } from "../retry.ts";
import { askForBudget } from "./asking.ts";
import type { Draft } from "./draft.ts";
import type { ModelEvent } from "./event.ts";
import { fail } from "./ending.ts";
import { nextServing, servingOf } from "./serving.ts";
import { type ModelCall, type TaskState, elapsedMs } from "./state.ts";

/** How long a message may go unclaimed before it is sent again. */
export const RESEND_MS = 60_000;
/** Crashes in a row that one call may meet before it is given up. */
export const INTERRUPTIONS_MAX = 20;

/** Intends the next call of the model, or says why it cannot be made: a ceiling, or the deadline. */
export function intendModelCall(draft: Draft): void {
  const { state, nowMs } = draft;
  if (!state.authority.active) return fail(draft, "refused_by_policy", NO_AUTHORITY);
  const model = modelOf(state);
  const turn = model?.turn ?? state.turns.length + 1;
  const serving = servingOf(state, turn, draft.health);
  if (!serving.ok) return fail(draft, "invalid_input", unservedBecause(state, serving.passed));
  const { wanted, choice } = serving;
  const exceeded = exceededBy(draft, wanted);
  if (exceeded !== null) return reachLimit(draft, exceeded, { turn, needed: wanted[exceeded] });
  const { order, modelLatencyMs } = state;
  draft.emit({
    type: "modelCallIntended",
    call: model?.id ?? draft.nextId(),
    turn,
    attempt: (model?.attempt ?? 0) + 1,
    placement: placeModelCall(order.agent, order.interactive, modelLatencyMs ?? undefined),
    reserved: wanted,
    resendAtMs: nowMs + RESEND_MS,
    ...(choice && { choice }),
  });
}

/** P1. A queued model call that nobody may ask any more: nothing was sent, so nothing is charged. */
export function stopForAuthority(draft: Draft, { id: call, attempt }: ModelCall): void {
  const failure = { code: "aborted", message: NO_AUTHORITY, retryable: false } as const;
  draft.emit({ type: "modelCallFailed", call, attempt, failure, used: NOTHING, interrupted: false });
  fail(draft, "refused_by_policy", NO_AUTHORITY);
}

/** A model call whose reply will not come: charged its reservation (B1), tried again if its policy allows. */
export function failModelCall(
  draft: Draft,
  model: ModelCall,
  fact: { failure: ModelFailure; used: Amounts; interrupted: boolean },
): void {
  const { failure, used, interrupted } = fact;
  const before = draft.state.budget;
  const { id: call, attempt } = model;
  const failed = { type: "modelCallFailed", call, attempt, failure, used, interrupted } as const;
  const retryAt = modelRetryAtMs(draft, model, failed);
  draft.emit(retryAt === null ? failed : { ...failed, retryAtMs: retryAt });
  if (retryAt === null) fail(draft, CODE_OF[failure.code], `The model call failed: ${failure.message}`);
  else if (overran(before, draft.state.budget)) stopForOverrun(draft);
  else if (retryAt <= draft.nowMs && !draft.state.paused) intendModelCall(draft);
}

export function modelOf(state: TaskState): ModelCall | null {
  return state.phase.kind === "thinking" ? state.phase.model : null;
}

/** Usage above a reservation is recorded by the budget; it stops the task, since the ceiling no longer protects anyone. */
export function stopForOverrun(draft: Draft): void {
  fail(draft, "budget_exhausted", "A model call used more than was set aside for it.");
}

/**
 * A crash is not the provider's failure: it is tried again at once, and counted apart. So is a call that another candidate can serve;
 * where the failed one need not be asked again, any other will do, else one that is well.
 */
function modelRetryAtMs(
  draft: Draft,
  model: ModelCall,
  failed: Extract<ModelEvent, { type: "modelCallFailed" }>,
): number | null {
  const { failure, interrupted } = failed;
  const { nowMs, health } = draft;
  if (interrupted) return model.interruptions < INTERRUPTIONS_MAX ? nowMs : null;
  const { modelRetry } = draft.state.order.agent;
  const from = { seed: model.id, retryAfterMs: failure.retryAfterMs };
  const again = failure.retryable ? retryAtMs(modelRetry, model.tries + 1, nowMs, from) : null;
  const fitsAnother = failure.retryable || FAILS_OVER.has(failure.code);
  if (!fitsAnother || model.tries + 1 >= modelRetry.attemptsMax) return again;
  const next = nextServing(draft.peek(failed), model, health);
  return next?.ok && (next.well || !failure.retryable) ? nowMs : again;
}

/** Faults of one candidate alone: another may serve the same request. */
const FAILS_OVER: ReadonlySet<ModelFailure["code"]> = new Set([
  "unauthorized",
  "quota_exhausted",
  "invalid_request",
  "context_too_long",
]);

function unservedBecause({ order }: TaskState, passed: Choice["passed"]): string {
  const reasons = passed.map(({ candidate, why }) => `${order.route?.candidates[candidate]?.model}: ${why}`);
  return `No model of the route can serve this step (${reasons.join(", ")}).`;
}

function reachLimit(draft: Draft, dimension: Dimension, at: { turn: number; needed: number }): void {
  const { state } = draft;
  const limit = state.budget.limit[dimension];
  if (state.order.agent.limits.onLimit === "ask") {
    const approval = askForBudget(draft, dimension, at.needed);
    draft.emit({
      type: "modelCallHeld",
      call: modelOf(state)?.id ?? draft.nextId(),
      turn: at.turn,
      approval,
    });
    return;
  }
  draft.emit({ type: "limitReached", dimension, limit, needed: at.needed, reaction: "fail" });
  fail(draft, "budget_exhausted", `The task's limit of ${dimension} is reached.`);
}

function exceededBy(draft: Draft, wanted: Amounts): Dimension | null {
  const { budget } = draft.state;
  if (elapsedMs(draft.state, draft.nowMs) >= budget.limit.wallMs) return "wallMs";
  return firstExceeded(budget, wanted);
}

const NO_AUTHORITY = "The principal of this task may no longer act.";

const CODE_OF = {
  rate_limited: "rate_limited",
  overloaded: "unavailable",
  unavailable: "unavailable",
  timeout: "timeout",
  aborted: "canceled",
  cut_off: "output_invalid",
  malformed: "output_invalid",
  invalid_request: "invalid_input",
  context_too_long: "invalid_input",
  unauthorized: "unavailable",
  quota_exhausted: "unavailable",
  interrupted: "unavailable",
} as const satisfies Record<ModelFailure["code"], ErrorCode>;
