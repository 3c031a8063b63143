import type { Conflict, JoinRule, MissingPart } from "../contracts/join.ts";
import type { Json } from "../contracts/json.ts";
import type { NewTask } from "../contracts/task.ts";
import type { CoreFunctions } from "./functions.ts";
import type { Closing } from "./join.ts";
import { valueAt } from "./json-pointer.ts";
import { type Call, isSettled } from "./task/state.ts";

/** So many characters of compared values a report tells, all together and of each. */
const VALUES_LENGTH_MAX = 32_000;
const VALUE_LENGTH_MAX = 400;

/** What came of a join, for good: its parts in the order of the proposals, whenever they came. */
export interface JoinReport {
  readonly join: string;
  readonly turn: number;
  readonly satisfied: boolean;
  readonly joined: readonly JoinedPart[];
  /** The calls that made it, where the rule chooses among them. */
  readonly chosen?: readonly string[];
  readonly conflicts: readonly Conflict[];
}

/** A part, where it comes from, and why it is missing if it is. `toolVersion` names the agent's version too where an agent carries it out. */
export interface JoinedPart {
  readonly call: string;
  readonly providerCallId: string;
  readonly tool: string;
  readonly toolVersion: string;
  readonly child?: { readonly agent: string; readonly version: string; readonly task?: string };
  readonly why?: MissingPart["why"];
}

/** `calls`: the parts as they are when the join closes. */
export function reportOf(
  rule: JoinRule,
  { satisfied, chosen }: Closing,
  calls: readonly Call[],
  at: { readonly turn: number; readonly order: NewTask; readonly fns: CoreFunctions },
): JoinReport {
  const chose = calls.filter((_, place) => chosen.includes(place)).map(({ id }) => id);
  return {
    join: rule.name,
    turn: at.turn,
    satisfied,
    joined: calls.map((call) => partOf(call, at.order)),
    ...(chose.length > 0 && { chosen: chose }),
    conflicts: conflictsOf(rule, calls, at.fns),
  };
}

/** The parts that a report tells are missing. */
export function missingIn({ join, joined }: JoinReport): readonly MissingPart[] {
  return joined.flatMap(({ tool, call, why }) => (why === undefined ? [] : [{ join, tool, call, why }]));
}

function partOf(call: Call, order: NewTask): JoinedPart {
  const { id, providerCallId, tool, toolVersion, progress } = call;
  const child = childOf(call, order);
  const part = { call: id, providerCallId, tool, toolVersion, ...(child && { child }) };
  if (progress.at !== "settled") return { ...part, why: "straggler" };
  return progress.outcome.ok ? part : { ...part, why: progress.outcome.error.code };
}

/** Who carried a delegation out, as the task has it pinned, and in which task, as its result says. */
function childOf({ tool: name, progress }: Call, { agent }: NewTask): JoinedPart["child"] {
  const executor = agent.tools.find((tool) => tool.name === name)?.executor;
  if (executor?.kind !== "agent") return undefined;
  const outcome = progress.at === "settled" ? progress.outcome : null;
  const task = outcome?.ok === true ? valueAt(outcome.output, "/child") : undefined;
  return {
    agent: executor.agent,
    version: executor.version,
    ...(typeof task === "string" && { task }),
  };
}

interface Told {
  readonly call: string;
  readonly tool: string;
  readonly value: Json;
}

/** Fields on which parts disagree: their values are compared by their canonical JSON, and a part without the field says nothing of it. */
function conflictsOf(
  rule: JoinRule,
  calls: readonly Call[],
  { canonical }: CoreFunctions,
): readonly Conflict[] {
  const inConflict = rule.comparable
    .map((field) => ({ field, told: toldOf(field, calls) }))
    .filter(({ told }) => new Set(told.map(({ value }) => canonical(value))).size > 1);
  const count = inConflict.reduce((sum, { told }) => sum + told.length, 0);
  const lengthMax = Math.min(VALUE_LENGTH_MAX, Math.floor(VALUES_LENGTH_MAX / count));
  return inConflict.map(({ field, told }) => {
    const preferred = preferredOf(rule, told);
    return {
      field,
      values: told.map((one) => shortened(one, canonical(one.value), lengthMax)),
      ...(preferred !== undefined && { preferred }),
    };
  });
}

function toldOf(field: string, calls: readonly Call[]): readonly Told[] {
  return calls.filter(isSettled).flatMap(({ id, tool, progress: { outcome } }): readonly Told[] => {
    const value = outcome.ok ? valueAt(outcome.output, field) : undefined;
    return value === undefined ? [] : [{ call: id, tool, value }];
  });
}

function shortened(told: Told, text: string, lengthMax: number): Conflict["values"][number] {
  return text.length <= lengthMax
    ? told
    : { ...told, value: text.slice(0, lengthMax).toWellFormed(), cut: true };
}

/** Of the tools that the rule ranks, the first that says something; of its calls, the first proposed. */
function preferredOf({ onConflict }: JoinRule, told: readonly Told[]): string | undefined {
  if (onConflict.kind !== "prefer") return undefined;
  const best = onConflict.rank.find((name) => told.some(({ tool }) => tool === name));
  return told.find(({ tool }) => tool === best)?.call;
}
