import { extend, openBudget } from "../budget.ts";
import { inputMessage, joinMessage, messageBytes, resultsMessage, reuseMessage } from "../conversation.ts";
import {
  type ApprovalEvent,
  type Event,
  type TaskEvent,
  isApprovalEvent,
  isCallEvent,
  isJoinEvent,
  isModelEvent,
} from "./event.ts";
import type { Authority } from "../authority.ts";
import { returned, withAllowance } from "./allowance.ts";
import { appended } from "./appended.ts";
import { strayEnded, toEnd } from "./evolve-stray.ts";
import { evolveCall } from "./evolve-call.ts";
import { ended } from "./evolve-end.ts";
import { agreed, evolveJoin } from "./evolve-join.ts";
import { evolveModel } from "./evolve-model.ts";
import { resumed } from "./resumed.ts";
import type { Stamp } from "./stamp.ts";
import { guided, pastLadder, stepDelegated, stepEscalated, stepFailed } from "./evolve-climb.ts";
import { type TaskState, type TrackedApproval, openTurn } from "./state.ts";

/** J2. The next state. Accepts every event version ever released; throws only when a journal is not one of ours. */
export function evolve(state: TaskState | null, event: Event, stamp: Stamp): TaskState {
  if (state === null) return created(event, stamp);
  const next = evolveKind(state, event, stamp);
  const { health } = stamp.command;
  const known = { ...next, authority: authorityAfter(next, stamp), seq: stamp.seq, updatedAtMs: stamp.atMs };
  return health === undefined ? known : { ...known, health };
}

/** What a command brings of the task's key. */
function authorityAfter({ authority }: TaskState, { command, atMs }: Stamp): Authority {
  if (command.type === "modelReplied") return command.authority ?? authority;
  if (!("rights" in command) || command.rights === null) return authority;
  return { active: command.rights.authorityActive, readAtMs: atMs };
}

function evolveKind(state: TaskState, event: Event, stamp: Stamp): TaskState {
  if (isModelEvent(event)) return evolveModel(state, event, stamp);
  if (isCallEvent(event)) return evolveCall(state, event, stamp);
  if (isJoinEvent(event)) return evolveJoin(state, event);
  if (isApprovalEvent(event))
    return guided(
      agreed({ ...state, approvals: evolveApprovals(state.approvals, event, stamp) }, event, stamp),
      event,
      stamp,
    );
  return evolveTask(state, event, stamp);
}

function created(event: Event, stamp: Stamp): TaskState {
  if (event.type !== "taskCreated" || stamp.command.type !== "create")
    throw new Error("a journal begins with taskCreated");
  const { order } = stamp.command;
  const message = inputMessage(order.input);
  return {
    order,
    createdAtMs: stamp.atMs,
    seq: stamp.seq,
    updatedAtMs: stamp.atMs,
    startedAtMs: null,
    budget: openBudget(order.limit),
    paused: false,
    phase: { kind: "queued", open: null },
    messages: [message],
    messageBytes: messageBytes(message),
    turns: [],
    approvals: [],
    reusable: [],
    untold: [],
    modelLatencyMs: null,
    toolLatencyMs: {},
    authority: { active: true, readAtMs: stamp.atMs },
    plan: null,
    usage: {},
    strays: [],
    parentTold: false,
  };
}

function evolveTask(state: TaskState, event: TaskEvent, stamp: Stamp): TaskState {
  switch (event.type) {
    case "taskCreated":
      throw new Error("a task is created once");
    case "taskStarted":
      return started(state, stamp);
    case "taskPaused":
      return { ...state, paused: true };
    case "taskUnpaused":
      return { ...state, paused: false };
    case "turnEnded":
      return turnEnded(state, stamp);
    case "rightsChanged":
      return state;
    case "parentTold":
      return { ...state, parentTold: true };
    case "stepFailed":
      return stepFailed(state, event);
    case "stepEscalated":
      return stepEscalated(state, event);
    case "stepDelegated":
      return stepDelegated(state, event, stamp);
    case "allowanceAnswered":
      return allowanceAnswered(state, stamp);
    case "allowanceReturned":
      return returned(state);
    case "strayEnded":
      return strayEnded(state, event.call, stamp);
    case "strayOverdue":
      return {
        ...state,
        strays: state.strays.map((stray) => (stray.id === event.call ? toEnd(stray) : stray)),
      };
    case "planRevised":
      return { ...state, plan: event.plan };
    case "limitReached":
      return state;
    case "limitExtended":
      return { ...state, budget: extend(state.budget, event.dimension, event.to) };
    case "taskCompleted":
      return ended(state, { status: "completed", answer: event.answer }, stamp);
    case "taskFailed":
      return ended(state, { status: "failed", error: event.error, partial: event.partial }, stamp);
    case "taskCanceled":
      return ended(
        state,
        { status: "canceled", by: event.by, reason: event.reason, partial: event.partial },
        stamp,
      );
    case "taskResumed":
      return resumed(state, event, stamp);
  }
}

function allowanceAnswered(state: TaskState, { command }: Stamp): TaskState {
  if (command.type !== "allowanceAnswered") throw new Error("an allowance is answered by its command");
  return withAllowance(state, command);
}

function started(state: TaskState, stamp: Stamp): TaskState {
  const open = openTurn(state);
  return {
    ...state,
    startedAtMs: state.startedAtMs ?? stamp.atMs,
    phase: open === null ? { kind: "resting" } : { kind: "acting", open },
  };
}

function turnEnded(state: TaskState, stamp: Stamp): TaskState {
  const open = openTurn(state);
  if (open === null) throw new Error("no turn is open");
  const reports = (open.joins ?? []).map(({ report }) => report).filter((report) => report !== null);
  const answered = reports.map(joinMessage).reduce(appended, appended(state, resultsMessage(open.calls)));
  const told = state.untold.length === 0 ? answered : appended(answered, reuseMessage(state.untold));
  return {
    ...pastLadder(told, open),
    untold: [],
    phase: { kind: "resting" },
    turns: [...state.turns, { ...open, endedSeq: stamp.seq }],
  };
}

function evolveApprovals(
  approvals: readonly TrackedApproval[],
  event: ApprovalEvent,
  stamp: Stamp,
): readonly TrackedApproval[] {
  if (event.type === "approvalOpened") return [...approvals, { ...event.approval, changedSeq: stamp.seq }];
  return approvals.map((approval) =>
    approval.id === event.approval ? changed(approval, event, stamp) : approval,
  );
}

function changed(
  approval: TrackedApproval,
  event: Exclude<ApprovalEvent, { type: "approvalOpened" }>,
  stamp: Stamp,
): TrackedApproval {
  if (event.type === "approvalClosed") return { ...approval, state: event.state, changedSeq: stamp.seq };
  const { command } = stamp;
  if (command.type !== "approvalAnswered") throw new Error("an approval is answered by its command");
  const { decision, by, assurance, comment } = command;
  const answer = { decision, by, assurance, atMs: stamp.atMs, ...(comment === undefined ? {} : { comment }) };
  return {
    ...approval,
    state: decision === "approve" ? "approved" : "denied",
    answer,
    changedSeq: stamp.seq,
  };
}
