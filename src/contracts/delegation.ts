import { z } from "zod";
import { Json, JsonObject } from "./json.ts";

/** How an agent may delegate; without it, it may not. How many descendants a task has at most is its ceiling of `children`. */
export const DelegationRule = z.strictObject({
  /** Generations below the agent: 1 means children that have none. */
  depth: z.int().min(1).max(8),
  /** Children that one turn may ask for. */
  fanOut: z.int().min(1).max(100),
});
export type DelegationRule = Readonly<z.infer<typeof DelegationRule>>;

/** What a model says when it delegates: the arguments of a tool that an agent carries out. A child sees nothing else of its parent. */
export const Delegation = z.strictObject({
  goal: z.string().min(1).max(20_000),
  handoff: z
    .strictObject({
      known: Json.optional(),
      tried: z.array(z.string().max(4_000)).max(50).optional(),
      asked: z.string().max(4_000).optional(),
    })
    .optional(),
  /** Earlier results that the child is given: the ids of the calls that brought them. */
  results: z.array(z.string().max(200)).max(20).optional(),
  /** The part of the task's own ceilings that the child may use, above 0 and up to 1. */
  share: z.number().gt(0).max(1),
  /** How long the child may take, in milliseconds. */
  withinMs: z.int().positive().max(31_536_000_000).optional(),
  /** The JSON Schema that the child's answer, read as JSON, has to fit. Without it, any text is an answer. */
  answerSchema: JsonObject.optional(),
});
export type Delegation = Readonly<z.infer<typeof Delegation>>;

/** Whose child a task is. */
export const Parent = z.strictObject({
  task: z.string().min(1).max(128),
  /** The parent's call that the child carries out. */
  call: z.string().min(1).max(200),
  /** The task that a client made, above all of them. */
  root: z.string().min(1).max(128),
  /** 1 for a child of the root. */
  depth: z.int().positive(),
  /** Generations that may still come below this one. */
  depthLeft: z.int().nonnegative(),
});
export type Parent = Readonly<z.infer<typeof Parent>>;
