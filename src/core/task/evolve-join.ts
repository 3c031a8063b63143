import type { ApprovalEvent, JoinEvent } from "./event.ts";
import type { Stamp } from "./stamp.ts";
import type { Join, OpenTurn, TaskState } from "./state.ts";

/** What events of joins do to the turn that is open. */
export function evolveJoin(state: TaskState, event: JoinEvent): TaskState {
  if (state.phase.kind !== "acting") throw new Error("no turn is open");
  const { open } = state.phase;
  const joins = event.type === "joinOpened" ? [...joinsOf(open), opened(event)] : closed(open, event);
  return { ...state, phase: { kind: "acting", open: { ...open, joins } } };
}

/** A1. A human let the task go on with what a join of the last turn brought. */
export function agreed(state: TaskState, event: ApprovalEvent, { command }: Stamp): TaskState {
  const last = state.turns.at(-1);
  if (event.type !== "approvalAnswered" || last === undefined || command.type !== "approvalAnswered")
    return state;
  const question = state.approvals.find(({ id }) => id === event.approval)?.question;
  if (question?.kind !== "join" || command.decision !== "approve") return state;
  const joins = joinsOf(last).map((join) =>
    join.name === question.join ? { ...join, agreedBy: event.approval } : join,
  );
  return { ...state, turns: [...state.turns.slice(0, -1), { ...last, joins }] };
}

/** A1. A turn that a task goes back to, without what humans said of its joins: a resume inherits no approval. */
export function unagreed<T extends OpenTurn>(turn: T): T {
  return turn.joins === undefined
    ? turn
    : { ...turn, joins: turn.joins.map((join) => ({ ...join, agreedBy: null })) };
}

function joinsOf({ joins = [] }: OpenTurn): readonly Join[] {
  return joins;
}

function opened({ join, calls, dueAtMs }: Extract<JoinEvent, { type: "joinOpened" }>): Join {
  return { name: join, calls, dueAtMs: dueAtMs ?? null, report: null, agreedBy: null };
}

function closed(turn: OpenTurn, { report }: Extract<JoinEvent, { type: "joinClosed" }>): readonly Join[] {
  return joinsOf(turn).map((join) => (join.name === report.join ? { ...join, report } : join));
}
