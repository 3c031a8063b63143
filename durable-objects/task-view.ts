import type { Approval } from "../src/contracts/approval.ts";
import type { Head } from "../src/contracts/journal.ts";
import type { TaskView } from "../src/contracts/task.ts";
import type { End, TaskState, TrackedApproval } from "../src/core/task/state.ts";
import { statusOf } from "../src/core/task/status.ts";

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
    openApprovals: state.approvals.filter((approval) => approval.state === "open").map(({ id }) => id),
    ...(phase.kind === "ended" ? endOf(phase.end) : {}),
    seq: head.seq,
    hash: head.hash,
  };
}

/** An approval as it was opened and answered, without what only the state needs. */
export function approvalOf(tracked: TrackedApproval): Approval {
  const { id, question, approver, assurance, openedAtMs, expiresAtMs, binding, state, answer } = tracked;
  const approval = { id, question, approver, assurance, openedAtMs, expiresAtMs, binding, state };
  return answer === undefined ? approval : { ...approval, answer };
}

/** The turn that the task is in, or the last one it had; 0 before the first. */
function turnOf({ phase, turns }: TaskState): number {
  if (phase.kind === "thinking") return phase.model.turn;
  return phase.kind === "resting" || phase.open === null ? turns.length : phase.open.n;
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
