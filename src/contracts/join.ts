import { z } from "zod";
import { Json } from "./json.ts";
import { ErrorCode } from "./outcome.ts";
import { TOOL_NAME } from "./tool.ts";

/** When a join has what it waits for. A quorum that a turn has too few calls for is out of reach at once. */
export const Until = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("all") }),
  z.strictObject({ kind: z.literal("any") }),
  z.strictObject({ kind: z.literal("quorum"), k: z.int().min(1).max(100) }),
  /** The first in the order of the proposals that ends well. */
  z.strictObject({ kind: z.literal("firstValid") }),
  /** Whatever is there when all have ended, or so long after the model's reply. */
  z.strictObject({ kind: z.literal("bestEffort"), withinMs: z.int().positive().max(31_536_000_000) }),
]);
export type Until = Readonly<z.infer<typeof Until>>;

/** What a part that brought no result is to its join: one that is missing, or the end of it. */
const Meaning = z.enum(["missing", "fatal"]);

const ToolNames = z.array(z.string().regex(TOOL_NAME)).max(128).readonly();

const OnConflict = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("tell") }),
  /** Whoever the agent escalates to is asked before the model is. */
  z.strictObject({ kind: z.literal("ask") }),
  /** The value of the tool that comes first here is to be taken. */
  z.strictObject({ kind: z.literal("prefer"), rank: ToolNames }),
  /** The same human is asked, and has a time of its own for it. */
  z.strictObject({ kind: z.literal("escalate"), ttlMs: z.int().min(1_000).max(2_592_000_000) }),
]);

/** How the calls of one turn belong together. All of its tools are reads, or are carried out by an agent. */
export const JoinRule = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/),
  /** Every call of these tools in a turn is a part. */
  tools: ToolNames,
  until: Until,
  /** What becomes of calls that are open when the join closes: their children are ended, or may finish unheard. */
  stragglers: z.enum(["cancel", "finish"]),
  parts: z.strictObject({ failed: Meaning, timedOut: Meaning, malformed: Meaning }),
  /** Tools whose parts may be missing. */
  mayMiss: ToolNames,
  /** JSON pointers (RFC 6901) into a tool's output: where parts have the field, they are to agree. A child's answer lies under `/answer`. */
  comparable: z
    .array(
      z
        .string()
        .regex(/^(\/([^~/]|~[01])*)+$/)
        .max(200),
    )
    .max(16)
    .readonly(),
  onConflict: OnConflict,
  onUnsatisfied: z.enum(["tell", "ask", "fail"]),
});
export type JoinRule = Readonly<z.infer<typeof JoinRule>>;

/** Why a part is missing: how its call ended, or that it had not when the join closed. */
const Why = z.union([ErrorCode, z.literal("straggler")]);

/** Parts that disagree on a field. A value that is long is told by the beginning of its JSON. */
export const Conflict = z.strictObject({
  field: z.string(),
  values: z
    .array(
      z.strictObject({
        call: z.string(),
        tool: z.string(),
        value: Json,
        cut: z.literal(true).optional(),
      }),
    )
    .readonly(),
  /** The call whose value is to be taken. */
  preferred: z.string().optional(),
});
export type Conflict = Readonly<z.infer<typeof Conflict>>;

/** One part of a join that its task has to do without. */
export const MissingPart = z.strictObject({ join: z.string(), tool: z.string(), call: z.string(), why: Why });
export type MissingPart = Readonly<z.infer<typeof MissingPart>>;

/** May the task go on with what a join brought. */
export const JoinQuestion = z.strictObject({
  kind: z.literal("join"),
  join: z.string(),
  turn: z.int(),
  satisfied: z.boolean(),
  missing: z.array(MissingPart).readonly(),
  conflicts: z.array(Conflict).readonly(),
});
