import type { Amounts, Dimension } from "../../contracts/budget.ts";
import type { ModelFailure } from "../../contracts/model.ts";
import type { ErrorCode } from "../../contracts/outcome.ts";
import type { Because } from "../../contracts/ladder.ts";
import type { Choice } from "../../contracts/route.ts";
import { NOTHING, firstExceeded, overran, plus, reactionOf, settle } from "../budget.ts";
import { hasLadder, isFruitless, isInvalid, rungOf } from "../ladder.ts";
import { placeModelCall } from "../placement.ts";
import { placeAgainAtMs, retryAtMs } from "../retry.ts";
import { covers } from "./allowance.ts";
import { askForBudget } from "./asking.ts";
import type { Draft } from "./draft.ts";
import type { ModelEvent } from "./event.ts";
import { fail } from "./ending.ts";
import { askAboutJoin } from "./join-question.ts";
import { nextServing, servingModel, servingOf } from "./serving.ts";
import { type ModelCall, type TaskState, elapsedMs } from "./state.ts";

/** How long a message may go unclaimed before it is sent again. */
export const RESEND_MS = 60_000;
/** Crashes in a row that one call may meet before it is given up. */
export const INTERRUPTIONS_MAX = 20;

/** Intends the next call of the model, or says why it cannot be made: a ceiling, the deadline, or a join that a human is to look at. */
export function intendModelCall(draft: Draft): void {
  const { state, nowMs } = draft;
  if (!state.authority.active) return fail(draft, "refused_by_policy", NO_AUTHORITY);
  if (isStuck(draft)) return;
  const model = modelOf(state);
  const turn = model?.turn ?? state.turns.length + 1;
  const serving = servingOf(state, turn, draft.health);
  if (!serving.ok) return fail(draft, "invalid_input", unservedBecause(state, serving.passed));
  const { wanted, choice } = serving;
  if (isHeldUp(draft, turn, wanted)) return;
  const { id: call, attempt } = model ?? { id: draft.nextId(), attempt: 0 };
  if (!covers(state, wanted)) return draft.emit({ type: "modelCallUnfunded", call, turn });
  const { order, modelLatencyMs } = state;
  const { backgroundMs } = servingModel(order, { ...(choice && { choice }) });
  draft.emit({
    type: "modelCallIntended",
    call,
    turn,
    attempt: attempt + 1,
    placement: placeModelCall(order.agent, {
      interactive: order.interactive,
      latencyMs: modelLatencyMs ?? undefined,
      background: backgroundMs !== undefined,
    }),
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
  if (overran(before, draft.state.budget)) stopForOverrun(draft);
  else if (retryAt === null)
    failStep(draft, "model", CODE_OF[failure.code], `The model call failed: ${failure.message}`);
  else if (retryAt <= draft.nowMs && !draft.state.paused) intendModelCall(draft);
}

/** Where the agent has a ladder, a step that failed goes on there; else the task fails with it. */
export function failStep(draft: Draft, because: Because, code: ErrorCode, message: string): void {
  if (hasLadder(draft.state)) draft.emit({ type: "stepFailed", because, code, message });
  else fail(draft, code, message);
}

/** A step that failed waits for the ladder to take it on; so does one whose turns bring nothing, or whose abler model is out of time. */
function isStuck(draft: Draft): boolean {
  const { state } = draft;
  if (state.stuck === undefined && hasLadder(state)) {
    if (isFruitless(state)) stickInTurns(draft);
    else if (isOutOfTime(draft)) failStep(draft, "model", "timeout", "The time of an abler model is over.");
  }
  return draft.state.stuck !== undefined;
}

/** Another try may have waited for longer than it was to: for a pause to end, for funds, or for an object that was away. */
function isOutOfTime({ state, nowMs }: Draft): boolean {
  const tried = (modelOf(state)?.attempt ?? 0) > 0;
  return tried && nowMs >= triesUntilMs(state);
}

function stickInTurns(draft: Draft): void {
  const isOther = rungOf(draft.state)?.to === "agent";
  const because = isOther ? "rung" : isInvalid(draft.state) ? "invalid" : "refused";
  failStep(draft, because, "loop_detected", "Turn after turn brought nothing but refusals and errors.");
}

export function modelOf(state: TaskState): ModelCall | null {
  return state.phase.kind === "thinking" ? state.phase.model : null;
}

/** Usage above a reservation is recorded by the budget; it stops the task, since the ceiling no longer protects anyone. */
export function stopForOverrun(draft: Draft): void {
  fail(draft, "budget_exhausted", "A model call used more than was set aside for it.");
}

/** An abler model that a step went to has only so much time for it, whatever the tries are for. */
function modelRetryAtMs(
  draft: Draft,
  model: ModelCall,
  failed: Extract<ModelEvent, { type: "modelCallFailed" }>,
): number | null {
  const atMs = nextTryAtMs(draft, model, failed);
  return atMs === null || atMs >= triesUntilMs(draft.state) ? null : atMs;
}

/**
 * Neither a crash nor a guard that is full is the provider's failure: they are counted apart. A crash is tried again at once. So is a
 * call that another candidate can serve; where the failed one need not be asked again, any other will do, else one that is well.
 */
function nextTryAtMs(
  draft: Draft,
  model: ModelCall,
  failed: Extract<ModelEvent, { type: "modelCallFailed" }>,
): number | null {
  const { failure, interrupted } = failed;
  const { nowMs, health } = draft;
  if (interrupted) return model.interruptions < INTERRUPTIONS_MAX ? nowMs : null;
  const again = againAtMs(draft, model, failure);
  const fitsAnother = failure.retryable || FAILS_OVER.has(failure.code);
  if (!fitsAnother || model.tries + 1 >= draft.state.order.agent.modelRetry.attemptsMax) return again;
  const next = nextServing(draft.peek(failed), model, health);
  return next?.ok && (next.well || !failure.retryable) ? nowMs : again;
}

/** When the same candidate may be asked again; null when it may not. */
function againAtMs({ state, nowMs }: Draft, model: ModelCall, failure: ModelFailure): number | null {
  const { code, retryable, retryAfterMs } = failure;
  if (!retryable) return null;
  if (code === "turned_away") return placeAgainAtMs(model, nowMs, retryAfterMs);
  const policy = state.order.agent.modelRetry;
  return retryAtMs(policy, model.tries + 1, nowMs, { seed: model.id, retryAfterMs });
}

/** Until when whoever a step went to may be asked; Infinity where nobody says. */
export function triesUntilMs(state: TaskState): number {
  const { climb } = state;
  return climb !== undefined && rungOf(state)?.to === "model" ? climb.untilMs : Infinity;
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

/** Whether something stands in the way of a call; what comes of that is decided here. */
function isHeldUp(draft: Draft, turn: number, wanted: Amounts): boolean {
  const doubt = askAboutJoin(draft);
  if (doubt !== null) {
    hold(draft, turn, doubt);
    return true;
  }
  const exceeded = exceededBy(draft, wanted);
  if (exceeded === null) return false;
  if (!comesBack(draft.state, exceeded, wanted))
    reachLimit(draft, exceeded, { turn, needed: wanted[exceeded] });
  return true;
}

function reachLimit(draft: Draft, dimension: Dimension, at: { turn: number; needed: number }): void {
  const { state } = draft;
  const limit = state.budget.limit[dimension];
  if (reactionOf(state.order) !== "fail") {
    return hold(draft, at.turn, askForBudget(draft, dimension, at.needed));
  }
  draft.emit({ type: "limitReached", dimension, limit, needed: at.needed, reaction: "fail" });
  fail(draft, "budget_exhausted", `The task's limit of ${dimension} is reached.`);
}

function hold(draft: Draft, turn: number, approval: string): void {
  const call = modelOf(draft.state)?.id ?? draft.nextId();
  draft.emit({ type: "modelCallHeld", call, turn, approval });
}

/** B1. Whether it fits once the children have ended that no join waited for: a task that rests waits for what they give back. */
function comesBack({ phase, budget, strays }: TaskState, exceeded: Dimension, wanted: Amounts): boolean {
  const aside = strays.map(({ reserved }) => reserved).filter((reserved) => reserved !== null);
  if (phase.kind !== "resting" || exceeded === "wallMs" || aside.length === 0) return false;
  return firstExceeded(settle(budget, aside.reduce(plus), NOTHING), wanted) === null;
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
  turned_away: "rate_limited",
} as const satisfies Record<ModelFailure["code"], ErrorCode>;
