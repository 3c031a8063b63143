import type { Question } from "../../contracts/approval.ts";
import type { Dimension } from "../../contracts/budget.ts";
import type { ApprovalRule } from "../../contracts/tool.ts";
import { bindingOf } from "../binding.ts";
import type { Draft } from "./draft.ts";
import { openCalls } from "./state.ts";

/** Opens an approval and says its id. */
export function ask(draft: Draft, question: Question, rule: ApprovalRule): string {
  const { approver, assurance, ttlMs } = rule;
  const terms = { id: draft.nextId(), question, approver, assurance, expiresAtMs: draft.nowMs + ttlMs };
  draft.emit({
    type: "approvalOpened",
    approval: { ...terms, openedAtMs: draft.nowMs, binding: bindingOf(terms, draft.fns), state: "open" },
  });
  return terms.id;
}

/** One question for each ceiling, however many wait for its answer. What is proposed is the agent's own limit once more. */
export function askForBudget(draft: Draft, dimension: Dimension, needed: number): string {
  const open = draft.state.approvals.find(
    ({ state, question }) =>
      state === "open" && question.kind === "budget" && question.dimension === dimension,
  );
  if (open !== undefined) return open.id;
  const { order, budget } = draft.state;
  const limit = budget.limit[dimension];
  const proposed = limit + Math.max(order.limit[dimension], needed);
  draft.emit({ type: "limitReached", dimension, limit, needed, reaction: "ask" });
  return ask(draft, { kind: "budget", dimension, limit, proposed }, order.agent.escalation);
}

/** A question is moot when nothing else waits for its answer than a call that settles now. */
export function closeQuestion(draft: Draft, approval: string): void {
  const waiting = openCalls(draft.state).filter(
    ({ progress }) => progress.at === "held" && progress.approval === approval,
  );
  if (waiting.length === 1)
    draft.emit({ type: "approvalClosed", approval, state: "closed", reason: "call_settled" });
}
