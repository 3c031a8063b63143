import { NOTHING, elapse, reserve, settle } from "../budget.ts";
import { recordLatency } from "../placement.ts";
import { withModelUse } from "../usage.ts";
import { nameOf } from "../../contracts/route.ts";
import { servingModel } from "./serving.ts";
import type { ModelEvent } from "./event.ts";
import { appended } from "./appended.ts";
import type { Stamp } from "./stamp.ts";
import { type ModelCall, type TaskState, elapsedMs } from "./state.ts";

type Of<T extends ModelEvent["type"]> = Extract<ModelEvent, { type: T }>;

/** What events of the model call do to a task that is thinking. */
export function evolveModel(state: TaskState, event: ModelEvent, stamp: Stamp): TaskState {
  switch (event.type) {
    case "modelCallIntended":
      return intended(state, event, stamp);
    case "modelCallHeld":
      return {
        ...state,
        phase: {
          kind: "thinking",
          model: { ...waiting(state, event), progress: { at: "held", approval: event.approval } },
        },
      };
    case "modelCallUnfunded":
      return {
        ...state,
        phase: { kind: "thinking", model: { ...waiting(state, event), progress: { at: "unfunded" } } },
      };
    case "modelCallReadied":
      return withModel(state, { ...current(state), progress: { at: "retrying", atMs: stamp.atMs } });
    case "modelCallResent":
      return resent(state, event);
    case "modelCallClaimed":
      return withModel(state, {
        ...current(state),
        progress: { at: "claimed", leaseUntilMs: event.leaseUntilMs },
      });
    case "modelCallSubmitted":
      return submitted(state, event, stamp);
    case "responseDropped":
      return dropped(state, event);
    case "outputStreamed":
      return streamed(state, stamp);
    case "modelReplied":
      return replied(state, event, stamp);
    case "modelCallFailed":
      return failed(state, event, stamp);
  }
}

function intended(state: TaskState, event: Of<"modelCallIntended">, stamp: Stamp): TaskState {
  const { placement, resendAtMs, reserved, attempt, choice } = event;
  const before = waiting(state, event);
  const model: ModelCall = {
    ...before,
    attempt,
    reserved,
    partial: "",
    progress: { at: "intended", placement, resendAtMs, resends: 0 },
    ...(choice && { choice }),
  };
  const budget = elapse(state.budget, elapsedMs(state, stamp.atMs));
  return { ...state, budget: reserve(budget, reserved), phase: { kind: "thinking", model } };
}

/** The call that a turn already has, or the first of a new turn. */
function waiting(state: TaskState, event: { readonly call: string; readonly turn: number }): ModelCall {
  if (state.phase.kind === "thinking") return state.phase.model;
  return {
    id: event.call,
    turn: event.turn,
    attempt: 0,
    tries: 0,
    interruptions: 0,
    turnedAway: 0,
    reserved: NOTHING,
    partial: "",
    progress: { at: "retrying", atMs: 0 },
  };
}

function resent(state: TaskState, event: Of<"modelCallResent">): TaskState {
  const model = current(state);
  if (model.progress.at !== "intended") throw new Error("only an intended model call is sent again");
  const progress = { ...model.progress, resendAtMs: event.resendAtMs, resends: model.progress.resends + 1 };
  return withModel(state, { ...model, progress });
}

function submitted(state: TaskState, { untilMs }: Of<"modelCallSubmitted">, stamp: Stamp): TaskState {
  const { command } = stamp;
  if (command.type !== "modelSubmitted") throw new Error("what is submitted comes by its command");
  const { response } = command;
  const progress = { at: "submitted", response, sinceMs: stamp.atMs, untilMs } as const;
  return withModel(state, { ...current(state), progress });
}

function dropped({ unwanted, ...state }: TaskState, { response }: Of<"responseDropped">): TaskState {
  if (unwanted === undefined) throw new Error("only a response that nobody waits for is dropped");
  const rest = unwanted.filter((one) => one.response !== response);
  return rest.length === 0 ? state : { ...state, unwanted: rest };
}

/** A response that the task stops waiting for, if its model call has one, may be dropped. */
export function withoutResponse(state: TaskState): TaskState {
  const { phase, order, unwanted = [] } = state;
  if (phase.kind !== "thinking" || phase.model.progress.at !== "submitted") return state;
  const { response, untilMs } = phase.model.progress;
  const { provider } = servingModel(order, phase.model);
  return { ...state, unwanted: [...unwanted, { provider, response, untilMs }] };
}

function streamed(state: TaskState, stamp: Stamp): TaskState {
  const model = current(state);
  if (stamp.command.type !== "outputStreamed") throw new Error("streamed output comes by its command");
  return withModel(state, { ...model, partial: model.partial + stamp.command.text });
}

function replied(state: TaskState, event: Of<"modelReplied">, stamp: Stamp): TaskState {
  const model = current(state);
  const { command } = stamp;
  if (command.type !== "modelReplied" || command.reply.stop === "failed")
    throw new Error("a reply comes by its command");
  const by = model.choice && { by: nameOf(servingModel(state.order, model)) };
  const open = { n: model.turn, repliedSeq: stamp.seq, messageCount: state.messages.length, calls: [] };
  return {
    ...appended(state, { role: "assistant", parts: command.reply.parts, ...by }),
    budget: settle(state.budget, model.reserved, event.used),
    usage: withModelUse(state.usage, stamp.atMs, nameOf(servingModel(state.order, model)), event.used),
    modelLatencyMs: latencyAfter(state, model, command.latencyMs),
    phase: { kind: "acting", open },
  };
}

/** How long a provider works in the background says nothing of how long a call that is waited for takes. */
function latencyAfter(
  { modelLatencyMs }: TaskState,
  { progress }: ModelCall,
  latencyMs: number,
): number | null {
  return progress.at === "submitted" ? modelLatencyMs : recordLatency(modelLatencyMs ?? undefined, latencyMs);
}

function failed(before: TaskState, event: Of<"modelCallFailed">, stamp: Stamp): TaskState {
  // What its provider says has failed is over there, too.
  const state = stamp.command.type === "modelReplied" ? before : withoutResponse(before);
  const model = current(state);
  const turnedAway = event.failure.code === "turned_away";
  const { choice, tried = [] } = model;
  const failedNow = choice && !event.interrupted;
  const next: ModelCall = {
    ...model,
    ...(failedNow && { tried: [...tried, { candidate: choice.candidate, again: event.failure.retryable }] }),
    reserved: NOTHING,
    tries: model.tries + (event.interrupted || turnedAway ? 0 : 1),
    turnedAway: turnedAway ? model.turnedAway + 1 : 0,
    interruptions: event.interrupted ? model.interruptions + 1 : 0,
    progress: { at: "retrying", atMs: event.retryAtMs ?? 0 },
  };
  return {
    ...withModel(state, next),
    budget: settle(state.budget, model.reserved, event.used),
    usage: withModelUse(state.usage, stamp.atMs, nameOf(servingModel(state.order, model)), event.used),
  };
}

function current(state: TaskState): ModelCall {
  if (state.phase.kind !== "thinking") throw new Error("no model call is out");
  return state.phase.model;
}

function withModel(state: TaskState, model: ModelCall): TaskState {
  return { ...state, phase: { kind: "thinking", model } };
}
