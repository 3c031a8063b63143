import { z } from "zod";
import { Limits } from "./budget.ts";
import { DelegationRule } from "./delegation.ts";
import { JoinRule } from "./join.ts";
import { Ladder } from "./ladder.ts";
import { RetryPolicy } from "./retry.ts";
import { StepKind } from "./route.ts";
import { ApprovalRule, ToolManifest } from "./tool.ts";

/** Where a call runs: inside the object's own driver, or through a queue while the object is idle. */
export const Placement = z.enum(["inline", "queued"]);
export type Placement = z.infer<typeof Placement>;

/** One immutable version of an agent. `version` is SHA-256 of the RFC 8785 JSON of all the rest. */
export const AgentManifest = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/),
  version: z.string().length(64),
  instructions: z.string().min(1).max(100_000),
  /** The model route; which model serves it is resolved and pinned when a task is created. */
  model: z.string().min(1).max(64),
  tools: z.array(ToolManifest).max(128).readonly(),
  /** C1. Tools that it does not see itself, and that its children may have. */
  holds: z.array(ToolManifest).max(128).readonly().optional(),
  delegation: DelegationRule.optional(),
  /** How calls of one turn belong together; those of no join are waited for, each for itself. */
  joins: z.array(JoinRule).max(32).readonly().optional(),
  /** To whom a step goes that failed, one after the other; without it, the task fails with the step. */
  ladder: Ladder.optional(),
  /** What kind of step follows the results of a tool, by its name: which models may serve it is the route's to say. */
  steps: z.record(z.string(), StepKind).readonly().optional(),
  limits: Limits,
  modelRetry: RetryPolicy,
  /** `auto` decides by recorded latency and by the number of calls. */
  placement: z.union([z.literal("auto"), Placement]),
  /** Who is asked to extend a budget or to resolve an unknown outcome. */
  escalation: ApprovalRule,
});
export type AgentManifest = Readonly<z.infer<typeof AgentManifest>>;
