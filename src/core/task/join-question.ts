import type { Question } from "../../contracts/approval.ts";
import type { JoinRule } from "../../contracts/join.ts";
import type { ErrorCode } from "../../contracts/outcome.ts";
import { type JoinReport, missingIn } from "../join-report.ts";
import { ask, askUp } from "./asking.ts";
import type { Draft } from "./draft.ts";
import { fail } from "./ending.ts";
import type { TaskState } from "./state.ts";

/** Asks whether the task may go on with what a join of the last turn brought, where its rule wants that; says the approval's id. */
export function askAboutJoin(draft: Draft): string | null {
  const doubtful = doubtfulJoin(draft.state);
  if (doubtful === null) return null;
  const { rule, report } = doubtful;
  const { escalation } = draft.state.order.agent;
  const { join, turn, satisfied, conflicts } = report;
  const { onConflict } = rule;
  const question = { kind: "join", join, turn, satisfied, missing: missingIn(report), conflicts } as const;
  return onConflict.kind === "escalate" && conflicts.length > 0
    ? askUp(draft, question, { ...escalation, ttlMs: onConflict.ttlMs })
    : ask(draft, question, escalation);
}

/** Nobody let the task go on with that. */
export function failForJoin(
  draft: Draft,
  { join, conflicts }: Extract<Question, { kind: "join" }>,
  how: "denied" | "expired",
): void {
  const code: ErrorCode = conflicts.length > 0 ? "conflict" : "unavailable";
  const who = how === "denied" ? "A human did not let" : "Nobody let";
  fail(draft, code, `${who} the task go on with what the join ${join} brought.`);
}

function doubtfulJoin({ order, turns }: TaskState): { rule: JoinRule; report: JoinReport } | null {
  for (const { name, report, agreedBy } of turns.at(-1)?.joins ?? []) {
    const rule = order.agent.joins?.find((one) => one.name === name);
    if (rule !== undefined && report !== null && agreedBy === null && isDoubtful(rule, report))
      return { rule, report };
  }
  return null;
}

function isDoubtful({ onConflict, onUnsatisfied }: JoinRule, { satisfied, conflicts }: JoinReport): boolean {
  const isDisputed = conflicts.length > 0 && (onConflict.kind === "ask" || onConflict.kind === "escalate");
  return isDisputed || (!satisfied && onUnsatisfied === "ask");
}
