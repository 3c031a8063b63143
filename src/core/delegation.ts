import type { AgentManifest } from "../contracts/agent.ts";
import type { Amounts } from "../contracts/budget.ts";
import { Delegation } from "../contracts/delegation.ts";
import type { JsonObject } from "../contracts/json.ts";
import type { Attempt, ErrorEnvelope } from "../contracts/outcome.ts";
import type { NewTask, TaskInput } from "../contracts/task.ts";
import type { ToolManifest } from "../contracts/tool.ts";
import { plus } from "./budget.ts";
import type { CoreFunctions } from "./functions.ts";
import { utf8Bytes } from "./text.ts";
import { type Call, type End, type TaskState, elapsedMs, isSettled } from "./task/state.ts";

/** When a child that has said nothing is first asked how it is: whoever was to make it may be gone, and nobody else would miss it. */
export const CHILD_MISSED_MS = 60_000;
/** How often one that lives is asked again. */
export const CHILD_ASK_MS = 300_000;
const MESSAGE_LENGTH_MAX = 1_000;

export type TeamMember = NonNullable<NewTask["team"]>[number];

/** What a child task is given: its ceilings, and when it must have ended. */
export interface Grant {
  readonly limit: Amounts;
  readonly deadlineAtMs: number;
}

/** Generations that may still come below a task: what its parent left it, and no more than its agent's rule and its tenant's cap. */
export function depthLeft({ agent, parent, delegationCaps }: NewTask): number {
  return Math.min(
    agent.delegation?.depth ?? 0,
    parent?.depthLeft ?? Infinity,
    delegationCaps?.depth ?? Infinity,
  );
}

/** Children that one turn of a task may ask for. */
export function fanOutMax({ agent, delegationCaps }: NewTask): number {
  return Math.min(agent.delegation?.fanOut ?? 0, delegationCaps?.fanOut ?? Infinity);
}

/** The agent that carries out a tool, as the task has it pinned; null when the tool is no delegation, or to nobody of its team. */
export function memberOf({ team = [] }: NewTask, { executor }: ToolManifest): TeamMember | null {
  if (executor.kind !== "agent") return null;
  const { agent: name, version } = executor;
  return team.find(({ agent }) => agent.name === name && agent.version === version) ?? null;
}

/** C1. The first tool of a child that its parent neither has nor holds, in that very version; null when it has no such tool. */
export function toolBeyond(child: AgentManifest, parent: AgentManifest): string | null {
  const held = new Set([...parent.tools, ...(parent.holds ?? [])].map(({ version }) => version));
  const own = [...child.tools, ...(child.holds ?? [])];
  return own.find(({ version }) => !held.has(version))?.name ?? null;
}

/** B1, C1. What a child is given: its share of the task's ceilings, within its own agent's, and no more time than the task has. */
export function grantOf(
  state: TaskState,
  { agent: { limits } }: TeamMember,
  { share, withinMs = Infinity }: Delegation,
  nowMs: number,
): Grant {
  const { order, budget } = state;
  const of = (d: keyof Amounts): number => Math.min(limits[d], Math.floor(order.limit[d] * share));
  const endsAtMs = Math.min(
    nowMs + budget.limit.wallMs - elapsedMs(state, nowMs),
    order.deadlineAtMs ?? Infinity,
    nowMs + Math.min(withinMs, limits.wallMs),
  );
  return {
    limit: {
      turns: of("turns"),
      toolCalls: of("toolCalls"),
      tokens: of("tokens"),
      costMicroUsd: of("costMicroUsd"),
      wallMs: Math.max(0, endsAtMs - nowMs),
      children: Math.max(0, Math.min(limits.children, Math.floor(order.limit.children * share) - 1)),
    },
    deadlineAtMs: endsAtMs,
  };
}

/** The child's order, the same whenever it is made: a child is made once, however often it is asked for. `name` and `bodyHash` follow from the call. */
export function childOrder(
  state: TaskState,
  call: Call & { readonly grant: Grant },
  {
    member,
    name,
    bodyHash,
  }: { readonly member: TeamMember; readonly name: string; readonly bodyHash: string },
): NewTask {
  const { order } = state;
  const asked = Delegation.parse(call.args);
  const { answerSchema } = asked;
  return {
    ...passedDown(order),
    task: name,
    ...member,
    parent: {
      task: order.task,
      call: call.id,
      root: order.parent?.root ?? order.task,
      depth: (order.parent?.depth ?? 0) + 1,
      depthLeft: depthLeft(order) - 1,
    },
    ...(answerSchema && { answerSchema }),
    input: childInput(state, asked),
    limit: call.grant.limit,
    deadlineAtMs: call.grant.deadlineAtMs,
    metadata: {},
    interactive: false,
    bodyHash,
  };
}

/** UTF-8 bytes, as JSON, of what a child is told and of its whole order. */
export interface ChildSize {
  readonly inputBytes: number;
  readonly orderBytes: number;
}

/** The name and the hash are left out: they add a hundred bytes or so. */
export function childSize(
  state: TaskState,
  call: Call & { readonly grant: Grant },
  member: TeamMember,
): ChildSize {
  const order = childOrder(state, call, { member, name: "", bodyHash: "" });
  return { inputBytes: jsonBytes(order.input), orderBytes: jsonBytes(order) };
}

function jsonBytes(value: object): number {
  return utf8Bytes(JSON.stringify(value));
}

/** What a child is told: its goal, what is handed over to it, and results that its parent has. */
function childInput(state: TaskState, { goal, handoff, results }: Delegation): TaskInput {
  const given: JsonObject = {
    ...(handoff && { handoff: withoutGaps(handoff) }),
    ...(results && { results: resultsOf(state, results) }),
  };
  return { text: goal, ...(Object.keys(given).length > 0 && { json: given }) };
}

/** What a child has of its parent, unchanged: on whose behalf it works, where, and with whom it may work on. */
function passedDown({
  tenant,
  principal,
  keyId,
  team,
  delegationCaps,
  allowance,
  priority,
  jurisdiction,
  latencyObjectiveMs,
  origin,
  traceparent,
}: NewTask) {
  return {
    tenant,
    principal,
    keyId,
    ...(team && { team }),
    ...(delegationCaps && { delegationCaps }),
    ...(allowance && { allowance }),
    ...(priority && { priority }),
    ...(jurisdiction && { jurisdiction }),
    ...(latencyObjectiveMs && { latencyObjectiveMs }),
    ...(origin && { origin }),
    traceparent,
  };
}

function withoutGaps({ known, tried, asked }: NonNullable<Delegation["handoff"]>): JsonObject {
  return {
    ...(known !== undefined && { known }),
    ...(tried !== undefined && { tried }),
    ...(asked !== undefined && { asked }),
  };
}

/** How a child's end settles its parent's call, and what it used, its own children's part included. */
export function childEnd({ order, budget }: TaskState, end: End, fns: CoreFunctions): ChildEnd {
  return { result: resultOf(order, end, fns), used: plus(budget.spent, budget.overrun) };
}

export interface ChildEnd {
  readonly result: Attempt;
  readonly used: Amounts;
}

function resultOf({ task, answerSchema }: NewTask, end: End, fns: CoreFunctions): Attempt {
  switch (end.status) {
    case "completed":
      return answerSchema === undefined
        ? { kind: "done", output: { child: task, answer: end.answer } }
        : answerIn(answerSchema, { task, answer: end.answer, fns });
    case "failed":
      return failed(end.error.code, `The child task failed: ${end.error.message}`);
    case "canceled":
      return failed("canceled", "The child task was canceled.");
  }
}

function answerIn(
  schema: NonNullable<NewTask["answerSchema"]>,
  { task, answer, fns }: { readonly task: string; readonly answer: string; readonly fns: CoreFunctions },
): Attempt {
  const misfit = misfitOf(schema, answer, fns);
  const parsed = fns.parseJson(answer);
  if (misfit !== null || !parsed.ok)
    return failed("output_invalid", `The child's answer is not what was asked for. ${misfit}`);
  return { kind: "done", output: { child: task, answer: parsed.value } };
}

/** Why an answer is not what was asked for; null when it is. */
export function misfitOf(schema: JsonObject, answer: string, fns: CoreFunctions): string | null {
  const parsed = fns.parseJson(answer);
  if (!parsed.ok) return `It is not acceptable JSON: ${parsed.reason}`;
  const [issue] = fns.validate(schema, parsed.value);
  return issue === undefined ? null : `${issue.path || "/"}: ${issue.message}`;
}

function failed(code: ErrorEnvelope["code"], message: string): Attempt {
  return { kind: "failed", error: { code, message: message.slice(0, MESSAGE_LENGTH_MAX), retryable: false } };
}

/** Results that the parent's model has seen, by the ids under which it saw them: of an id that came again, the last. It has seen nothing of the open turn. */
function resultsOf({ turns }: TaskState, ids: readonly string[]): JsonObject {
  const known = turns.flatMap(({ calls }) => calls).filter(isSettled);
  return Object.fromEntries(
    ids.flatMap((id) => {
      const outcome = known.findLast(({ providerCallId }) => providerCallId === id)?.progress.outcome;
      return outcome === undefined ? [] : [[id, outcome.ok ? outcome.output : { error: outcome.error.code }]];
    }),
  );
}
