import type { JoinRule } from "../../../src/contracts/join.ts";
import type { Outcome } from "../../../src/contracts/outcome.ts";
import type { Part } from "../../../src/core/join.ts";
import type { JoinReport } from "../../../src/core/join-report.ts";
import { valueAt } from "../../../src/core/json-pointer.ts";
import type { Event } from "../../../src/core/task/event.ts";
import {
  type Call,
  type Join,
  type OpenTurn,
  type TaskState,
  isSettled,
} from "../../../src/core/task/state.ts";
import { closingOf } from "../../core/fixtures/join-reference.ts";
import type { Check, Report, Seen, Step } from "./witness.ts";

type Closed = Extract<Event, { type: "joinClosed" }>;

/** The calls of one turn that a rule joins are its parts, all of them, in the order of the proposals. */
const joinsWhatBelongsTogether: Check = ({ events, after }, _witness, report) => {
  const proposed = events.filter((event) => event.type === "callProposed");
  for (const { name, tools } of rulesOf(after)) {
    const calls = proposed.filter(({ tool }) => tools.includes(tool)).map(({ call }) => call);
    const opened = events.filter((event) => event.type === "joinOpened" && event.join === name);
    const told = opened.flatMap((event) => (event.type === "joinOpened" ? event.calls : []));
    if (JSON.stringify(told) !== JSON.stringify(calls))
      report("join", `${name} joins ${told.join(", ")} instead of ${calls.join(", ")}`);
  }
};

/** A join closes as the reference model says of what its parts were just then, and tells of each part what became of it. */
const closesByItsRule: Check = ({ row, steps }, _witness, report) => {
  for (const { event, before } of steps) {
    if (event.type !== "joinClosed") continue;
    const at = before && openJoin(before, event.report.join);
    if (!at) {
      report("join", `${event.report.join} closes, and was not open`);
      continue;
    }
    const { rule, join, calls } = at;
    const closing = closingOf(rule, calls.map(partOf), row.atMs >= (join.dueAtMs ?? Infinity));
    const chosen = closing?.chosen.map((place) => calls[place]?.id) ?? [];
    const { satisfied, chosen: told = [] } = event.report;
    if (closing?.satisfied !== satisfied || JSON.stringify(chosen) !== JSON.stringify(told))
      report("join", `${rule.name} closes as ${satisfied} by ${told.join(", ")}: ${JSON.stringify(closing)}`);
    tellsOfEachPart(event.report, calls, report);
    tellsOfConflicts(rule, { calls, told: event.report }, report);
  }
};

/** A join is open only while it can still become one thing or the other. */
const closesInTime: Check = ({ row, command, after }, _witness, report) => {
  if (after.phase.kind !== "acting") return;
  for (const { name } of after.phase.open.joins ?? []) {
    const at = openJoin(after, name);
    if (at === null) continue;
    const isDue = command.type === "timerFired" && row.atMs >= (at.join.dueAtMs ?? Infinity);
    if (closingOf(at.rule, at.calls.map(partOf), isDue) !== null)
      report("join", `${name} is open for no reason`);
  }
};

/** No turn ends with a join that is open. */
const endsNoTurnBefore: Check = ({ steps }, _witness, report) => {
  for (const { event, after } of steps) {
    const open = event.type === "turnEnded" ? after.turns.at(-1)?.joins?.find(isOpen) : undefined;
    if (open !== undefined) report("join", `the turn ends, and ${open.name} is open`);
  }
};

/** What a join closes without is settled with that, as its rule says; and nothing else is. */
const settlesStragglers: Check = ({ steps }, _witness, report) => {
  const left = new Map<string, JoinRule>();
  for (const step of steps) {
    const { event } = step;
    if (event.type === "joinClosed")
      for (const { id } of openParts(step, event)) left.set(id, ruleOf(step.after, event.report.join));
    if (event.type !== "callSettled") continue;
    const rule = left.get(event.call);
    if (event.straggler !== rule?.stragglers)
      report("join", `${event.call} is settled as ${event.straggler}, not ${rule?.stragglers}`);
    left.delete(event.call);
  }
  for (const id of left.keys()) report("join", `${id} is no longer waited for, and is not settled`);
};

/** A join that is not satisfied ends its task, where its rule says so. */
const failsUnsatisfied: Check = ({ events, after }, _witness, report) => {
  for (const event of events) {
    if (event.type !== "joinClosed" || event.report.satisfied) continue;
    const { name, onUnsatisfied } = ruleOf(after, event.report.join);
    if (onUnsatisfied === "fail" && !events.some(({ type }) => type === "taskFailed"))
      report("join", `${name} is not satisfied, and the task goes on`);
  }
};

/** A1. The model goes on with what is in doubt only after a human said so, and since the last resume. */
const goesOnWithConsent: Check = ({ steps }, { resumedSeq }, report) => {
  for (const { event, before } of steps) {
    if (event.type !== "modelCallIntended" || before === null) continue;
    for (const { name, report: told } of before.turns.at(-1)?.joins ?? []) {
      if (told === null || !isDoubtful(ruleOf(before, name), told)) continue;
      const yes = before.approvals.some(
        ({ state, question, changedSeq }) =>
          state === "approved" &&
          changedSeq > resumedSeq &&
          question.kind === "join" &&
          question.join === name &&
          question.turn === told.turn,
      );
      if (!yes) report("A1", `the model is told of ${name}, and no human has looked at it`);
    }
  }
};

export const JOIN_CHECKS: readonly Check[] = [
  joinsWhatBelongsTogether,
  closesByItsRule,
  closesInTime,
  endsNoTurnBefore,
  settlesStragglers,
  failsUnsatisfied,
  goesOnWithConsent,
];

/** What of joins is worth counting in a commit. */
export function joinsMet({ steps, after }: Seen): readonly string[] {
  const isWaiting = after.phase.kind === "resting" && !after.paused;
  return [...(isWaiting ? ["a rest until a straggler has ended"] : []), ...steps.flatMap(stepMet)];
}

function stepMet({ event, after }: Step): readonly string[] {
  if (event.type === "callSettled" && event.straggler !== undefined)
    return [`a straggler: ${event.straggler}`];
  if (event.type !== "joinClosed") return [];
  const { until } = ruleOf(after, event.report.join);
  return [`a join of ${until.kind}: ${event.report.satisfied ? "satisfied" : "not satisfied"}`];
}

function tellsOfEachPart({ join, joined }: JoinReport, calls: readonly Call[], report: Report): void {
  const told = joined.map(({ call, why }) => `${call} ${why}`);
  const really = calls.map(({ id, progress }) => {
    if (progress.at !== "settled") return `${id} straggler`;
    return `${id} ${progress.outcome.ok ? undefined : progress.outcome.error.code}`;
  });
  if (JSON.stringify(told) !== JSON.stringify(really))
    report("join", `${join} tells ${told.join(", ")}, and it is ${really.join(", ")}`);
}

/** Parts that say different things are told, field by field; others are not. */
function tellsOfConflicts(
  { name, comparable }: JoinRule,
  { calls, told }: { readonly calls: readonly Call[]; readonly told: JoinReport },
  report: Report,
): void {
  const outcomes = calls.filter(isSettled).map(({ progress }) => progress.outcome);
  const disputed = comparable.filter(
    (field) => new Set(outcomes.flatMap((one) => said(one, field))).size > 1,
  );
  const fields = told.conflicts.map(({ field }) => field);
  if (JSON.stringify(fields) !== JSON.stringify(disputed))
    report("join", `${name} tells of conflicts on ${fields.join(", ")}, not ${disputed.join(", ")}`);
}

/** Simulated outputs write their members in one order. */
function said(outcome: Outcome, field: string): readonly string[] {
  const value = outcome.ok ? valueAt(outcome.output, field) : undefined;
  return value === undefined ? [] : [JSON.stringify(value)];
}

function isDoubtful({ onConflict, onUnsatisfied }: JoinRule, { satisfied, conflicts }: JoinReport): boolean {
  if (!satisfied && onUnsatisfied === "ask") return true;
  return conflicts.length > 0 && ["ask", "escalate"].includes(onConflict.kind);
}

interface At {
  readonly rule: JoinRule;
  readonly join: Join;
  readonly calls: readonly Call[];
}

function openJoin(state: TaskState, name: string): At | null {
  if (state.phase.kind !== "acting") return null;
  const { open } = state.phase;
  const join = open.joins?.find((one) => one.name === name && isOpen(one));
  return join === undefined ? null : { rule: ruleOf(state, name), join, calls: callsOf(open, join) };
}

function openParts({ before }: Step, { report: { join } }: Closed): readonly Call[] {
  const at = before && openJoin(before, join);
  return (at?.calls ?? []).filter((call) => !isSettled(call));
}

function callsOf({ calls }: OpenTurn, join: Join): readonly Call[] {
  return join.calls.flatMap((id) => calls.find((call) => call.id === id) ?? []);
}

function isOpen({ report }: Join): boolean {
  return report === null;
}

function partOf(call: Call): Part {
  return { tool: call.tool, settled: isSettled(call) ? call.progress : null };
}

function rulesOf({ order }: TaskState): readonly JoinRule[] {
  return order.agent.joins ?? [];
}

function ruleOf(state: TaskState, name: string): JoinRule {
  const rule = rulesOf(state).find((one) => one.name === name);
  if (rule === undefined) throw new Error(`the agent has no join ${name}`);
  return rule;
}
