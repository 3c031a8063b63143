import type { Question } from "../src/contracts/approval.ts";
import type { TaskState } from "../src/core/task/state.ts";
import { statusOf } from "../src/core/task/status.ts";
import type { InboxEntry, IndexedTask } from "../src/ports.ts";

/** The task's row in the index, as of its last commit. */
export function indexEntryOf(state: TaskState): IndexedTask {
  const { order, budget } = state;
  return {
    tenant: order.tenant,
    task: order.task,
    seq: state.seq,
    status: statusOf(state),
    paused: state.paused,
    agent: order.agent.name,
    agentVersion: order.agent.version,
    principal: order.principal,
    ...(order.parent && { parent: order.parent.task }),
    createdAtMs: state.createdAtMs,
    updatedAtMs: state.updatedAtMs,
    spentMicroUsd: budget.spent.costMicroUsd + budget.overrun.costMicroUsd,
    spentTokens: budget.spent.tokens + budget.overrun.tokens,
    usage: state.usage,
  };
}

/** The inbox rows of approvals that changed after a commit. */
export function inboxEntriesOf(state: TaskState, afterSeq: number): readonly InboxEntry[] {
  return state.approvals
    .filter(({ changedSeq }) => changedSeq > afterSeq)
    .map(({ id, changedSeq, approver, question, state: standing, openedAtMs, expiresAtMs }) => ({
      id,
      task: state.order.task,
      seq: changedSeq,
      approver,
      kind: question.kind,
      subject: subjectOf(question),
      state: standing,
      openedAtMs,
      expiresAtMs,
    }));
}

/** What an approval is about, without its content: a tool's name, a ceiling's, whose if not the task's own, a join's, or a turn. */
function subjectOf(question: Question): string {
  if (question.kind === "join") return question.join;
  if (question.kind === "handOff") return `turn ${question.turn}`;
  if (question.kind === "funds") return `${question.account}'s ${question.dimension}`;
  return question.kind === "budget" ? question.dimension : question.tool;
}
