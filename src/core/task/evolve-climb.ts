import { broughtNothing, guidanceMessage, handOffMessage } from "../ladder.ts";
import { appended } from "./appended.ts";
import type { ApprovalEvent, TaskEvent } from "./event.ts";
import type { Stamp } from "./stamp.ts";
import type { OpenTurn, TaskState } from "./state.ts";

type Of<T extends TaskEvent["type"]> = Extract<TaskEvent, { type: T }>;

/** What was out of the step has ended: its last attempt failed, or its turn brought nothing. */
export function stepFailed(state: TaskState, { because, code, message }: Of<"stepFailed">): TaskState {
  return { ...state, phase: { kind: "resting" }, stuck: { because, code, message } };
}

export function stepEscalated(
  { stuck: _, ...state }: TaskState,
  { rung, turn, untilMs, handOff }: Of<"stepEscalated">,
): TaskState {
  return { ...appended(state, handOffMessage(handOff)), climb: { rung, turn, untilMs } };
}

/** A turn like that of a model, but that nobody is charged for. */
export function stepDelegated(state: TaskState, { part }: Of<"stepDelegated">, { seq }: Stamp): TaskState {
  const open = { n: state.turns.length + 1, repliedSeq: seq, messageCount: state.messages.length, calls: [] };
  return { ...appended(state, { role: "assistant", parts: [part] }), phase: { kind: "acting", open } };
}

/** A turn that brought something ends the climb. */
export function pastLadder(state: TaskState, turn: OpenTurn): TaskState {
  return state.climb === undefined || broughtNothing(turn) ? state : offLadder(state);
}

/** Nothing is handed on any more. */
export function offLadder({ climb: _climb, stuck: _stuck, ...state }: TaskState): TaskState {
  return state;
}

/** A human let the task go on with a step that failed: the model is told what they say. */
export function guided(state: TaskState, event: ApprovalEvent, { command }: Stamp): TaskState {
  if (event.type !== "approvalAnswered" || command.type !== "approvalAnswered") return state;
  const question = state.approvals.find(({ id }) => id === event.approval)?.question;
  if (question?.kind !== "handOff" || command.decision !== "approve") return state;
  return appended(state, guidanceMessage(command.comment));
}
