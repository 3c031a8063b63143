import type { Delegation } from "../../contracts/delegation.ts";
import type { Json } from "../../contracts/json.ts";
import { ONE_CALL, firstExceeded, reactionOf, setAside } from "../budget.ts";
import {
  type ChildSize,
  type Grant,
  type TeamMember,
  depthLeft,
  fanOutMax,
  toolBeyond,
} from "../delegation.ts";
import type { KnownContext } from "./context.ts";
import { type Finding, PASS, refuse } from "./verdict.ts";

/** What a delegation asks for, worked out before it is judged. */
export interface Recruiting {
  readonly member: TeamMember | null;
  readonly asked: Delegation;
  readonly grant: Grant | null;
  readonly size: ChildSize;
  /** Delegations of the same turn that were let through before this one. */
  readonly siblings: number;
}

/** As much as a task of a client is told at most. */
const CHILD_INPUT_BYTES_MAX = 1_000_000;
/** Its order, with all that is pinned, is one commit of the child's journal, and has to fit into a row. */
const CHILD_ORDER_BYTES_MAX = 1_900_000;

/** C1. A child's depth, number, tools and time are within its parent's; what it may spend is the budget's to say. */
export function delegationStage(context: KnownContext): Finding {
  const { tool, order, recruiting } = context;
  if (tool.executor.kind !== "agent") return PASS;
  if (depthLeft(order) < 1) return refuse("refused_by_policy", "This task may not delegate any further.");
  if (recruiting === null || recruiting.member === null || recruiting.grant === null)
    return refuse("not_found", "There is no such agent in this task's team.");
  if (recruiting.siblings >= fanOutMax(order))
    return refuse("refused_by_policy", `One turn may ask for ${fanOutMax(order)} children at most.`);
  if (toolBeyond(recruiting.member.agent, order.agent) !== null)
    return refuse("refused_by_policy", "The agent has tools that this task may not give it.");
  if (recruiting.asked.answerSchema !== undefined && isUnbounded(recruiting.asked.answerSchema))
    return refuse("invalid_input", "The schema of an answer may hold no patterns and no references.", true);
  return tooLarge(recruiting.size) ?? grantStage(context, recruiting.grant);
}

function tooLarge({ inputBytes, orderBytes }: ChildSize): Finding | null {
  if (inputBytes > CHILD_INPUT_BYTES_MAX)
    return refuse("invalid_input", `A child is told ${CHILD_INPUT_BYTES_MAX} bytes at most.`, true);
  if (orderBytes > CHILD_ORDER_BYTES_MAX)
    return refuse("invalid_input", "What the child is told and asked for is too large for its order.", true);
  return null;
}

function grantStage(context: KnownContext, grant: Grant): Finding {
  const { turns, tokens, costMicroUsd, wallMs } = grant.limit;
  if (Math.min(turns, tokens, costMicroUsd) < 1)
    return refuse("invalid_input", "The share is too small for a child to begin.", true);
  if (wallMs < 1 && !asksForTime(context)) return refuse("timeout", "There is no time left for a child.");
  return fits(context, grant)
    ? PASS
    : refuse("budget_exhausted", "What is left is less than this share.", true);
}

/** The budget's stage asks a human for wall time that is over. */
function asksForTime({ budget, order, elapsedMs }: KnownContext): boolean {
  return reactionOf(order) !== "fail" && elapsedMs >= budget.limit.wallMs;
}

/** B1. A share that is too large is the model's to mend, unless a human is to be asked for more. */
function fits({ budget, order, call }: KnownContext, { limit }: Grant): boolean {
  if (call.reserved !== null || reactionOf(order) !== "fail") return true;
  return firstExceeded(budget, ONE_CALL) !== null || firstExceeded(budget, setAside(limit)) === null;
}

const UNBOUNDED: ReadonlySet<string> = new Set([
  "pattern",
  "patternProperties",
  "$ref",
  "$dynamicRef",
  "$recursiveRef",
]);

/** A model's own schema is applied by the runtime: what could make that long is not taken from it. */
function isUnbounded(schema: Json): boolean {
  if (typeof schema !== "object" || schema === null) return false;
  if (Array.isArray(schema)) return schema.some(isUnbounded);
  return Object.entries(schema).some(([key, part]) => UNBOUNDED.has(key) || isUnbounded(part));
}
