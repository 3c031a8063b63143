import { z } from "zod";
import { AgentManifest } from "./agent.ts";
import { AllowanceTerms, Priority, WaitsForView } from "./allowance.ts";
import { Amounts, Budget, LimitsWanted } from "./budget.ts";
import { DelegationCaps, Parent, ParentView } from "./delegation.ts";
import { MissingPart } from "./join.ts";
import { Json, JsonObject } from "./json.ts";
import { PinnedModel } from "./model.ts";
import { ErrorCode, ErrorEnvelope } from "./outcome.ts";
import { PinnedRoute } from "./route.ts";

export const TASK_STATUSES = [
  "queued",
  "running",
  "waiting_approval",
  "completed",
  "failed",
  "canceled",
] as const;
export const TaskStatus = z.enum(TASK_STATUSES);
export type TaskStatus = z.infer<typeof TaskStatus>;

const LatencyObjectiveMs = z.int().positive().max(600_000);

export const Jurisdiction = z.enum(["eu", "fedramp"]);
export type Jurisdiction = z.infer<typeof Jurisdiction>;

/** The input of a task: text, JSON, or both. Files come by reference later, as a further member. */
export const TaskInput = z
  .strictObject({ text: z.string().min(1).max(100_000).optional(), json: Json.optional() })
  .refine((input) => input.text !== undefined || input.json !== undefined, "give text, json, or both");
export type TaskInput = Readonly<z.infer<typeof TaskInput>>;

/** `POST /v1/tasks`. */
export const CreateTask = z.strictObject({
  agent: z.string().min(1).max(64),
  /** Pins one version of the agent; without it, the one deployed now. */
  agentVersion: z.string().length(64).optional(),
  input: TaskInput,
  limits: LimitsWanted.optional(),
  /** When the task must have ended, as an RFC 3339 date and time. */
  deadline: z.iso.datetime({ offset: true }).optional(),
  metadata: z.record(z.string().min(1).max(64), z.string().max(512)).optional(),
  jurisdiction: Jurisdiction.optional(),
  /** Someone is waiting: model calls are streamed and run at once instead of through a queue. */
  interactive: z.boolean().optional(),
  /** What each call of a model should take at most: models that take longer are passed over while a quicker one is well. */
  latencyObjectiveMs: LatencyObjectiveMs.optional(),
  /** Which of a tenant's tasks go first where not all can be at work; `normal` where nothing else is said. */
  priority: Priority.optional(),
});
export type CreateTask = Readonly<z.infer<typeof CreateTask>>;

/** A task with everything pinned that its life depends on: what the API hands to a new object. */
export const NewTask = z.strictObject({
  task: z.string().min(1).max(128),
  tenant: z.string().min(1).max(64),
  principal: z.string().min(1).max(200),
  /** The API key that vouches for the principal; its rights of now are asked again after every wait. */
  keyId: z.string().min(1).max(64),
  agent: AgentManifest,
  /** The model that serves it, or the first of those that may. */
  model: PinnedModel,
  /** Where more than one model may serve it. */
  route: PinnedRoute.optional(),
  latencyObjectiveMs: LatencyObjectiveMs.optional(),
  /** The agents that may be recruited below it, at any depth, each with the model that serves it. */
  team: z
    .array(z.strictObject({ agent: AgentManifest, model: PinnedModel, route: PinnedRoute.optional() }))
    .readonly()
    .optional(),
  parent: Parent.optional(),
  /** What it needs leave for before it works, and before its model is asked; absent where nothing limits it but its own budget. */
  allowance: AllowanceTerms.optional(),
  priority: Priority.optional(),
  /** Its tenant's caps, where its agent delegates. */
  delegationCaps: DelegationCaps.optional(),
  /** The JSON Schema that its answer has to fit, read as JSON. */
  answerSchema: JsonObject.optional(),
  input: TaskInput,
  limit: Amounts,
  deadlineAtMs: z.int().positive().optional(),
  metadata: z.record(z.string(), z.string()),
  jurisdiction: Jurisdiction.optional(),
  interactive: z.boolean(),
  /** SHA-256 of the request's body, so that one idempotency key never stands for two requests. */
  bodyHash: z.string().length(64),
  /** Where the Worker was reached when the task was made: none of the task's tools reach it there. */
  origin: z.string().max(300).optional(),
  traceparent: z.string().max(128),
});
export type NewTask = Readonly<z.infer<typeof NewTask>>;

export const CancelTask = z.strictObject({ reason: z.string().max(2_000).optional() });
export type CancelTask = Readonly<z.infer<typeof CancelTask>>;

/** `POST /v1/tasks/{id}/resume`: lifts a pause, or takes a failed task on from a checkpoint (its last one by default). */
export const ResumeTask = z.strictObject({
  checkpoint: z.int().positive().optional(),
  limits: LimitsWanted.optional(),
});
export type ResumeTask = Readonly<z.infer<typeof ResumeTask>>;

/** A task as its object tells it. Times are RFC 3339 in UTC. `answer` and `partial` need the scope `content:read`. */
export const TaskView = z.strictObject({
  id: z.string(),
  status: TaskStatus,
  paused: z.boolean(),
  agent: z.string(),
  agentVersion: z.string(),
  principal: z.string(),
  /** Whose child it is; absent for a task that a client made. */
  parent: ParentView.optional(),
  /** What is pinned; where several models may serve the task, the first of them. */
  model: z.strictObject({ provider: z.string(), model: z.string() }),
  /** Whose reply came last, where several models may serve the task. */
  servedBy: z.string().optional(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  deadline: z.iso.datetime().optional(),
  interactive: z.boolean(),
  jurisdiction: Jurisdiction.optional(),
  metadata: z.record(z.string(), z.string()),
  turn: z.int(),
  budget: Budget,
  openApprovals: z.array(z.string()),
  priority: Priority.optional(),
  /** Where a step that failed stands on its agent's ladder, counted from 1, and to whom it went. */
  escalated: z.strictObject({ rung: z.int(), to: z.enum(["model", "agent", "human"]) }).optional(),
  /** What it waits for before it can start, or go on. */
  waitsFor: WaitsForView.optional(),
  answer: z.string().optional(),
  partial: z.string().optional(),
  error: ErrorEnvelope.optional(),
  /** What each join did without when it last closed. */
  missing: z.array(MissingPart).readonly().optional(),
  seq: z.int(),
  hash: z.string(),
});
export type TaskView = Readonly<z.infer<typeof TaskView>>;

/** A child as its parent knows it; it may not be there yet. */
export const ChildView = z.strictObject({
  task: z.string(),
  /** The parent's call that it carries out, by what tool, and how that ended. */
  call: z.string(),
  tool: z.string(),
  turn: z.int(),
  settled: z.strictObject({ ok: z.boolean(), code: ErrorCode.optional() }).optional(),
});
export type ChildView = Readonly<z.infer<typeof ChildView>>;
