import type { HandOff, Rung } from "../contracts/ladder.ts";
import type { Message } from "../contracts/message.ts";
import type { ApprovalRule } from "../contracts/tool.ts";
import type { TaskInput } from "../contracts/task.ts";
import { type Climb, type OpenTurn, type SettledCall, type TaskState, isSettled } from "./task/state.ts";

/** So many turns in a row that bring nothing but refusals and errors are too many. */
export const FRUITLESS_TURNS = 3;
const ASKED_LENGTH_MAX = 4_000;
const DETAIL_LENGTH_MAX = 1_000;
const TRIED_MAX = 30;

/** The kind of step that a more capable model is asked for. */
export const ESCALATE = "escalate";

export function hasLadder({ order }: TaskState): boolean {
  return order.agent.ladder !== undefined;
}

export function rungsOf({ order }: Pick<TaskState, "order">): readonly Rung[] {
  return order.agent.ladder ?? [];
}

/** The rung that the step stands on; null while it stands on none. */
export function rungOf({ order, climb }: Pick<TaskState, "order"> & { readonly climb?: Climb }): Rung | null {
  return (climb && order.agent.ladder?.[climb.rung]) ?? null;
}

/** The first human above a rung, and where. */
export function humanAbove(
  state: TaskState,
  rung: number,
): { readonly rung: number; readonly rule: ApprovalRule } | null {
  const ladder = rungsOf(state);
  const place = ladder.findIndex(({ to }, i) => i > rung && to === "human");
  const found = ladder[place];
  if (found?.to !== "human") return null;
  const { approver, assurance, ttlMs } = found;
  return { rung: place, rule: { approver, assurance, ttlMs } };
}

/** How long a question of the agent's may be open in all: whom it asks anyway, or one human of its ladder after the other. */
export function askedForMs(state: TaskState): number {
  const climbing = rungsOf(state).reduce((sum, rung) => sum + (rung.to === "human" ? rung.ttlMs : 0), 0);
  return Math.max(state.order.agent.escalation.ttlMs, climbing);
}

/** Whether the last turns brought nothing: one is enough of whoever the step went to. */
export function isFruitless(state: TaskState): boolean {
  const since = state.climb?.turn ?? 0;
  const enough = rungOf(state)?.to === "agent" ? 1 : FRUITLESS_TURNS;
  const last = state.turns.filter(({ n }) => n > since).slice(-enough);
  return last.length === enough && last.every(broughtNothing);
}

/** Whether all that failed in these turns failed for its arguments. */
export function isInvalid(state: TaskState): boolean {
  const calls = state.turns.slice(-FRUITLESS_TURNS).flatMap((turn) => turn.calls.filter(isSettled));
  return calls.every((call) => codeOf(call) === "invalid_input");
}

export function broughtNothing({ calls }: OpenTurn): boolean {
  return calls.filter(isSettled).every((call) => codeOf(call) !== null);
}

/** The error that a call ended with; null when it went well. */
function codeOf({ progress: { outcome } }: SettledCall): HandOff["tried"][number]["ended"] | null {
  return outcome.ok ? null : outcome.error.code;
}

export function handOffOf(state: TaskState, because: HandOff["because"], detail: string): HandOff {
  const calls = state.turns.flatMap((turn) => turn.calls.filter(isSettled));
  return {
    because,
    detail: detail.slice(0, DETAIL_LENGTH_MAX).toWellFormed(),
    tried: calls.slice(-TRIED_MAX).map((call) => ({ what: call.tool, ended: codeOf(call) ?? "ok" })),
    asked: askedIn(state.order.input).slice(0, ASKED_LENGTH_MAX).toWellFormed(),
  };
}

/** What the model is told when another takes a step over. */
export function handOffMessage({ because, detail, tried }: HandOff): Message {
  const text = `This step did not succeed so far and was handed on. ${JSON.stringify({ because, detail, tried })}`;
  return { role: "user", text };
}

/** What a human who let the task go on has to say. */
export function guidanceMessage(comment: string | undefined): Message {
  const said = comment === undefined ? "" : ` They say: ${comment}`;
  return { role: "user", text: `A human looked at this step and lets you go on.${said}` };
}

function askedIn({ text = "", json }: TaskInput): string {
  return text === "" ? JSON.stringify(json) : text;
}
