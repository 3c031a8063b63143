import type { Approval, Question } from "../../contracts/approval.ts";
import type { Dimension } from "../../contracts/budget.ts";
import type { ApprovalRule } from "../../contracts/tool.ts";
import { reactionOf } from "../budget.ts";
import { humanAbove } from "../ladder.ts";
import { bindingOf } from "../binding.ts";
import type { Draft } from "./draft.ts";
import { openCalls } from "./state.ts";

/** Opens an approval and says its id. `rung`: where on the agent's ladder that is. */
export function ask(draft: Draft, question: Question, rule: ApprovalRule, rung?: number): string {
  const { approver, assurance, ttlMs } = rule;
  const terms = { id: draft.nextId(), question, approver, assurance, expiresAtMs: draft.nowMs + ttlMs };
  draft.emit({
    type: "approvalOpened",
    approval: {
      ...terms,
      openedAtMs: draft.nowMs,
      binding: bindingOf(terms, draft.fns),
      state: "open",
      ...(rung !== undefined && { rung }),
    },
  });
  return terms.id;
}

/** Asks the first human of the agent's ladder, else (`rule`) whom the agent asks anyway. */
export function askUp(draft: Draft, question: Question, rule: ApprovalRule): string {
  const human = humanAbove(draft.state, -1);
  return human === null ? ask(draft, question, rule) : ask(draft, question, human.rule, human.rung);
}

/** A question that nobody answered goes to the next human of the ladder, and who waited for its answer waits for that; null: there is none. */
export function askFurtherUp(draft: Draft, { rung, question }: Approval): string | null {
  const human = rung === undefined ? null : humanAbove(draft.state, rung);
  return human && ask(draft, question, human.rule, human.rung);
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
  const reaction = reactionOf(order);
  draft.emit({ type: "limitReached", dimension, limit, needed, reaction });
  const question = { kind: "budget", dimension, limit, proposed } as const;
  return (reaction === "escalate" ? askUp : ask)(draft, question, order.agent.escalation);
}

/** A question is moot when nothing else waits for its answer than a call that settles now. */
export function closeQuestion(draft: Draft, approval: string): void {
  const waiting = openCalls(draft.state).filter(
    ({ progress }) => progress.at === "held" && progress.approval === approval,
  );
  if (waiting.length === 1)
    draft.emit({ type: "approvalClosed", approval, state: "closed", reason: "call_settled" });
}
