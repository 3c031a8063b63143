import type { JoinRule } from "../../contracts/join.ts";
import type { ErrorEnvelope } from "../../contracts/outcome.ts";
import { type Part, joined } from "../join.ts";
import { reportOf } from "../join-report.ts";
import { closeQuestion } from "./asking.ts";
import type { Draft } from "./draft.ts";
import { fail } from "./ending.ts";
import { type Call, type Join, type TaskState, isSettled } from "./state.ts";

/** Opens every join of the agent's that has parts among these calls, which were proposed just now. */
export function openJoins(draft: Draft, proposed: readonly Call[]): void {
  for (const { name, tools, until } of rulesOf(draft.state)) {
    const calls = proposed.filter(({ tool }) => tools.includes(tool)).map(({ id }) => id);
    if (calls.length === 0) continue;
    draft.emit({
      type: "joinOpened",
      join: name,
      calls,
      ...(until.kind === "bestEffort" && { dueAtMs: draft.nowMs + until.withinMs }),
    });
  }
}

/** Closes every open join that can be, and settles the calls that it closed without. */
export function closeJoins(draft: Draft): void {
  for (const rule of rulesOf(draft.state)) closeJoin(draft, rule);
}

/** When the next join closes with what there is; `Infinity` when none does. */
export function joinsDueMs(state: TaskState): number {
  return Math.min(...openJoinsOf(state).map(({ dueAtMs }) => dueAtMs ?? Infinity));
}

function openJoinsOf({ phase }: TaskState): readonly Join[] {
  return phase.kind === "acting" ? (phase.open.joins ?? []).filter(({ report }) => report === null) : [];
}

function closeJoin(draft: Draft, rule: JoinRule): void {
  const { order, phase } = draft.state;
  const join = openJoinsOf(draft.state).find(({ name }) => name === rule.name);
  // Another join may have ended the task meanwhile.
  if (join === undefined || phase.kind !== "acting") return;
  const calls = phase.open.calls.filter(({ id }) => join.calls.includes(id));
  const closing = joined(rule, calls.map(partOf), draft.nowMs >= (join.dueAtMs ?? Infinity));
  if (closing === null) return;
  const report = reportOf(rule, closing, calls, { turn: phase.open.n, order, fns: draft.fns });
  draft.emit({ type: "joinClosed", report });
  for (const call of calls) if (!isSettled(call)) giveUpStraggler(draft, call, rule);
  if (!closing.satisfied && rule.onUnsatisfied === "fail")
    fail(draft, "unavailable", `The join ${rule.name} is not satisfied.`);
}

function partOf(call: Call): Part {
  const { tool } = call;
  return { tool, settled: isSettled(call) ? call.progress : null };
}

/** E2. It is a read, or a delegation, whose child's journal says what that did. */
function giveUpStraggler(
  draft: Draft,
  { id: call, attempt, progress }: Call,
  { stragglers }: JoinRule,
): void {
  if (progress.at === "held") closeQuestion(draft, progress.approval);
  const outcome = { ok: false, error: UNWAITED } as const;
  draft.emit({ type: "callSettled", call, attempt, outcome, straggler: stragglers, late: false });
}

function rulesOf({ order }: TaskState): readonly JoinRule[] {
  return order.agent.joins ?? [];
}

const UNWAITED: ErrorEnvelope = {
  code: "canceled",
  message: "Its join closed without it.",
  retryable: false,
};
