import { z } from "zod";
import { JsonObject } from "./json.ts";
import { RetryPolicy } from "./retry.ts";

export const Effect = z.enum(["read", "reversible", "irreversible"]);
export type Effect = z.infer<typeof Effect>;

export const Mode = z.enum(["auto", "guarded", "human"]);
export type Mode = z.infer<typeof Mode>;

/** What a tool touches. The first five make it `human` by default. */
export const Category = z.enum(["delete", "money", "external", "identity", "permission", "compute"]);
export type Category = z.infer<typeof Category>;

/** How an unknown outcome of a write is resolved (E2). */
export const Recovery = z.enum(["key", "read", "human"]);
export type Recovery = z.infer<typeof Recovery>;

/** How sure we are of who answered: a link is not an identity. */
export const Assurance = z.enum(["link", "signedIn"]);
export type Assurance = z.infer<typeof Assurance>;

/** Who is asked for a `human` call, for how long, and how surely they must be known. */
export const ApprovalRule = z.strictObject({
  approver: z.string().min(1).max(200),
  assurance: Assurance,
  ttlMs: z.int().min(1_000).max(2_592_000_000),
});
export type ApprovalRule = Readonly<z.infer<typeof ApprovalRule>>;

/** Where an HTTP tool is reached. Arguments go as JSON body (POST, PUT, PATCH, DELETE) or as query (GET). */
export const HttpEndpoint = z.strictObject({
  method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]),
  url: z.string().max(2_000),
  /** Header name → name of the secret binding whose value it carries. */
  secretHeaders: z.record(z.string(), z.string()).optional(),
});
export type HttpEndpoint = Readonly<z.infer<typeof HttpEndpoint>>;

export const ToolExecutorRef = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("builtin") }),
  z.strictObject({ kind: z.literal("http"), endpoint: HttpEndpoint, readBack: HttpEndpoint.optional() }),
  /** A child task of this version of an agent. */
  z.strictObject({ kind: z.literal("agent"), agent: z.string(), version: z.string().length(64) }),
]);
export type ToolExecutorRef = Readonly<z.infer<typeof ToolExecutorRef>>;

const RESOURCE_NAME = /^[a-z][a-z0-9_-]{0,63}$/;

/**
 * Something of which calls have to themselves what `key` (a JSON pointer into the arguments) names; all of it without a key. `as` is
 * how its fence is called, where that is not the resource's own name: for two of a kind, say.
 */
export const Exclusive = z.strictObject({
  resource: z.string().regex(RESOURCE_NAME),
  key: z
    .string()
    .regex(/^(\/([^/~]|~[01])*)+$/)
    .max(500)
    .optional(),
  as: z.string().regex(RESOURCE_NAME).optional(),
});
export type Exclusive = Readonly<z.infer<typeof Exclusive>>;

export function fenceName({ resource, as }: Exclusive): string {
  return as ?? resource;
}

export const TOOL_NAME = /^[a-zA-Z][a-zA-Z0-9_-]{0,63}$/;

/** One immutable version of a tool's contract, as agents pin it. `version` is SHA-256 of the RFC 8785 JSON of all the rest. */
export const ToolManifest = z
  .strictObject({
    name: z.string().regex(TOOL_NAME),
    version: z.string().length(64),
    description: z.string().min(1).max(4_000),
    inputSchema: JsonObject,
    outputSchema: JsonObject,
    effect: Effect,
    mode: Mode,
    categories: z.array(Category).readonly(),
    recovery: Recovery.optional(),
    approval: ApprovalRule.optional(),
    timeoutMs: z.int().min(1).max(600_000),
    retry: RetryPolicy,
    executor: ToolExecutorRef,
    /** How many of its calls may be out at a time, over all tasks; what the operator says comes first. */
    concurrency: z.int().min(1).max(100_000).optional(),
    exclusive: z.array(Exclusive).min(1).max(8).readonly().optional(),
  })
  .refine(
    (tool) => tool.effect === "read" || tool.recovery !== undefined,
    "a write declares its recovery: key, read or human",
  )
  .refine(
    ({ exclusive = [] }) => new Set(exclusive.map(fenceName)).size === exclusive.length,
    "each fence has a name of its own: say `as`",
  )
  .refine((tool) => tool.mode !== "human" || tool.approval !== undefined, "a human tool names its approver");
export type ToolManifest = Readonly<z.infer<typeof ToolManifest>>;
