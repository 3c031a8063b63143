import type { WaitsFor, WaitsForView } from "../src/contracts/allowance.ts";
import type { Approval } from "../src/contracts/approval.ts";
import type { Parent, ParentView } from "../src/contracts/delegation.ts";
import type { Head } from "../src/contracts/journal.ts";
import type { ChildView, TaskView } from "../src/contracts/task.ts";
import type { CoreFunctions } from "../src/core/functions.ts";
import { rungOf } from "../src/core/ladder.ts";
import { missingIn } from "../src/core/join-report.ts";
import {
  type Call,
  type End,
  type TaskState,
  type TrackedApproval,
  isSettled,
  openCalls,
  openTurn,
} from "../src/core/task/state.ts";
import { waitsForAllowance } from "../src/core/task/allowance.ts";
import { statusOf } from "../src/core/task/status.ts";
import { childName } from "./requests.ts";

/** A task as its object tells it, content included; whoever shows it hides what its viewer may not see. */
export function viewOf(state: TaskState, head: Head): TaskView {
  const { order, phase } = state;
  return {
    id: order.task,
    status: statusOf(state),
    paused: state.paused,
    agent: order.agent.name,
    agentVersion: order.agent.version,
    principal: order.principal,
    ...(order.parent && { parent: parentOf(order.parent) }),
    model: { provider: order.model.provider, model: order.model.model },
    ...servedBy(state),
    createdAt: iso(state.createdAtMs),
    updatedAt: iso(state.updatedAtMs),
    ...(order.deadlineAtMs === undefined ? {} : { deadline: iso(order.deadlineAtMs) }),
    interactive: order.interactive,
    ...(order.jurisdiction === undefined ? {} : { jurisdiction: order.jurisdiction }),
    metadata: order.metadata,
    turn: turnOf(state),
    budget: state.budget,
    ...(order.priority && { priority: order.priority }),
    ...escalatedOf(state),
    ...waitsForOf(state),
    openApprovals: state.approvals.filter((approval) => approval.state === "open").map(({ id }) => id),
    ...(phase.kind === "ended" ? endOf(phase.end) : {}),
    ...missingOf(state),
    seq: head.seq,
    hash: head.hash,
  };
}

/** Those whom a task recruited, in the order in which it did, and what it knows of them itself. */
export function childrenOf(state: TaskState, fns: CoreFunctions): readonly ChildView[] {
  const calls = [...state.turns.flatMap((turn) => turn.calls), ...state.reusable, ...openCalls(state)];
  return calls.filter(({ grant }) => grant).map((call) => childOf(state, call, fns));
}

function childOf(state: TaskState, call: Call, fns: CoreFunctions): ChildView {
  const { id, tool, turn } = call;
  const child = { task: childName(state.order, id, fns), call: id, tool, turn };
  if (!isSettled(call)) return child;
  const { outcome } = call.progress;
  return { ...child, settled: outcome.ok ? { ok: true } : { ok: false, code: outcome.error.code } };
}

/** An approval as it was opened and answered, without what only the state needs; a child's says whose child it is. */
export function approvalOf({ order }: TaskState, tracked: TrackedApproval): Approval {
  const { id, question, approver, assurance, openedAtMs, expiresAtMs, binding, state, answer } = tracked;
  return {
    id,
    question,
    approver,
    assurance,
    openedAtMs,
    expiresAtMs,
    binding,
    state,
    ...(answer && { answer }),
    ...(order.parent && { childOf: parentOf(order.parent) }),
  };
}

function parentOf({ task, call, root, depth }: Parent): ParentView {
  return { task, call, root, depth };
}

/** The turn that the task is in, or the last one it had; 0 before the first. */
function turnOf({ phase, turns }: TaskState): number {
  if (phase.kind === "thinking") return phase.model.turn;
  return phase.kind === "resting" || phase.open === null ? turns.length : phase.open.n;
}

/** What each join did without when it last closed; nothing when no join has closed yet. */
function missingOf(state: TaskState): Pick<TaskView, "missing"> {
  const open = openTurn(state);
  const joins = [...state.turns, ...(open === null ? [] : [open])].flatMap((turn) => turn.joins ?? []);
  const last = new Map(joins.flatMap(({ name, report }) => (report === null ? [] : [[name, report]])));
  return last.size === 0 ? {} : { missing: [...last.values()].flatMap(missingIn) };
}

function escalatedOf(state: TaskState): Pick<TaskView, "escalated"> {
  const rung = rungOf(state);
  return rung === null || state.climb === undefined
    ? {}
    : { escalated: { rung: state.climb.rung + 1, to: rung.to } };
}

/** Why it cannot begin, or go on, as it was last told. */
function waitsForOf(state: TaskState): Pick<TaskView, "waitsFor"> {
  const refused = waitsForAllowance(state) ? state.allowance?.refused : undefined;
  return refused === undefined ? {} : { waitsFor: shown(refused.why) };
}

function shown(why: WaitsFor): WaitsForView {
  if (why.kind === "capacity") return why;
  const { kind, account, period, dimension, shared, resetsAtMs } = why;
  return { kind, account, period, dimension, shared, resetsAt: iso(resetsAtMs) };
}

function endOf(end: End): Pick<TaskView, "answer" | "partial" | "error"> {
  switch (end.status) {
    case "completed":
      return { answer: end.answer };
    case "failed":
      return { error: end.error, partial: end.partial };
    case "canceled":
      return { error: { code: "canceled", message: end.reason, retryable: false }, partial: end.partial };
  }
}

function servedBy({ messages }: TaskState): Pick<TaskView, "servedBy"> {
  const replies = messages.flatMap((message) => (message.role === "assistant" ? [message.by] : []));
  const last = replies.at(-1);
  return last === undefined ? {} : { servedBy: last };
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString();
}
