import { z } from "zod";
import type { Json } from "./json.ts";

/** How an agent may delegate; without it, it may not. How many descendants a task has at most is its ceiling of `children`. */
export const DelegationRule = z.strictObject({
  /** Generations below the agent: 1 means children that have none. */
  depth: z.int().min(1).max(8),
  /** Children that one turn may ask for. */
  fanOut: z.int().min(1).max(100),
});
export type DelegationRule = Readonly<z.infer<typeof DelegationRule>>;

/** What a tenant's tasks may recruit at most, whatever their agents say; 0 in any of them turns delegation off. */
export const DelegationCaps = z.strictObject({
  depth: z.int().nonnegative(),
  fanOut: z.int().nonnegative(),
  children: z.int().nonnegative(),
});
export type DelegationCaps = Readonly<z.infer<typeof DelegationCaps>>;

/** Arguments were read as JSON before they come here: below this there is nothing to check, and nothing that a schema could say shortly. */
const AnyJson = z.custom<Json>(() => true);

/**
 * What a model says when it delegates: the arguments of a tool that an agent carries out. A child sees nothing else of its parent.
 * Models read the descriptions.
 */
export const Delegation = z.strictObject({
  goal: z.string().min(1).max(20_000).describe("What is to be done, for someone who knows nothing of this."),
  handoff: z
    .strictObject({
      known: AnyJson.optional().describe("What is known already."),
      tried: z
        .array(z.string().max(4_000))
        .max(50)
        .optional()
        .describe("What was tried, and what came of it."),
      asked: z.string().max(4_000).optional().describe("The question to be answered."),
    })
    .optional(),
  results: z
    .array(z.string().max(200))
    .max(20)
    .optional()
    .describe("Ids of earlier calls whose results are handed over as they are."),
  share: z
    .number()
    .gt(0)
    .max(1)
    .describe("The part of your task's own ceilings that may be used, such as 0.2."),
  withinMs: z
    .int()
    .positive()
    .max(31_536_000_000)
    .optional()
    .describe("How long it may take, in milliseconds."),
  answerSchema: z
    .record(z.string(), AnyJson)
    .optional()
    .describe("JSON Schema that the answer has to fit. Without it, the answer is text."),
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

/** The same as others are shown it. */
export const ParentView = Parent.omit({ depthLeft: true });
export type ParentView = Readonly<z.infer<typeof ParentView>>;
