import { z } from "zod";
import { Json, JsonObject } from "./json.ts";
import { type Message, ReplyPart } from "./message.ts";

const rates = {
  input: z.number().nonnegative(),
  cachedInput: z.number().nonnegative(),
  cacheWrite: z.number().nonnegative(),
  output: z.number().nonnegative(),
};

/**
 * Micro-USD a token, from a versioned price table. `cachedInput` and `cacheWrite` default to `input` in the table itself. `long`
 * holds for the whole of a request whose input is longer than its line.
 */
export const Price = z.strictObject({
  table: z.string().max(64),
  ...rates,
  long: z.strictObject({ aboveInputTokens: z.int().positive(), ...rates }).optional(),
});
export type Price = Readonly<z.infer<typeof Price>>;

/** Tokens that a reply used. `inputTokens` counts all input; cached and cache-writing ones are parts of it; reasoning is part of output. */
export const Usage = z.strictObject({
  inputTokens: z.int().nonnegative(),
  cachedInputTokens: z.int().nonnegative(),
  cacheWriteTokens: z.int().nonnegative(),
  outputTokens: z.int().nonnegative(),
});
export type Usage = Readonly<z.infer<typeof Usage>>;

export const ModelProviderName = z.enum([
  "openai",
  "openai-chat",
  "anthropic",
  "openai-compatible",
  "scripted",
]);
export type ModelProviderName = z.infer<typeof ModelProviderName>;

/** A model as a task pins it: everything that its calls and their price need, secrets excepted. */
export const PinnedModel = z.strictObject({
  route: z.string().max(64),
  provider: ModelProviderName,
  model: z.string().min(1).max(200),
  price: Price,
  maxOutputTokens: z.int().positive().max(1_000_000),
  timeoutMs: z.int().positive().max(600_000),
  /** It is asked in the background, and its response looked after for so long at most (ms). */
  backgroundMs: z.int().positive().max(86_400_000).optional(),
  /** Calls of it that may be out at a time, of all tasks that pin it so. */
  concurrency: z.int().positive().max(10_000).optional(),
  /** Whether its text is streamed to those who read along; yes where nothing is said. */
  streamed: z.boolean().optional(),
  /** Extra request fields of the provider (temperature, reasoning effort …), passed as they are. */
  settings: JsonObject.optional(),
});
export type PinnedModel = Readonly<z.infer<typeof PinnedModel>>;

/** What a model may see of a tool. */
export const ToolSketch = z.strictObject({
  name: z.string(),
  description: z.string(),
  inputSchema: JsonObject,
});
export type ToolSketch = Readonly<z.infer<typeof ToolSketch>>;

export interface ModelRequest {
  readonly model: PinnedModel;
  /** The same for every attempt of this call. */
  readonly id: string;
  /**
   * For providers that take one: the same for attempts of one model whose fate a crash left unknown, and new once an attempt has failed,
   * since its failure might be told again.
   */
  readonly idempotencyKey: string;
  readonly task: string;
  /** On whose behalf it is asked. */
  readonly tenant: string;
  readonly agent: string;
  /** 1 for the first attempt of this call. */
  readonly attempt: number;
  /** How often in a row a guard had no place for it; absent: never. */
  readonly turnedAway?: number;
  readonly instructions: string;
  readonly messages: readonly Message[];
  readonly tools: readonly ToolSketch[];
  readonly traceparent: string;
}

export const ModelFailureCode = z.enum([
  "rate_limited",
  "overloaded",
  "unavailable",
  "timeout",
  "aborted",
  "cut_off",
  "malformed",
  "invalid_request",
  "context_too_long",
  "unauthorized",
  "quota_exhausted",
  "interrupted",
  "turned_away",
]);
export type ModelFailureCode = z.infer<typeof ModelFailureCode>;

/** Why a model call brought no usable reply; `turned_away`: a guard had no place for it, and the provider was not asked. `retryable` is the provider adapter's word; the runtime owns retrying. */
export const ModelFailure = z.strictObject({
  code: ModelFailureCode,
  message: z.string().max(2_000),
  retryable: z.boolean(),
  retryAfterMs: z.int().nonnegative().optional(),
});
export type ModelFailure = Readonly<z.infer<typeof ModelFailure>>;

/**
 * One reply. `end`: the model is done; `calls`: it proposes calls; `refusal`: it declined. A failed reply carries the usage
 * when the provider told it (a cut-off reply was paid for), else none.
 */
export const ModelReply = z.discriminatedUnion("stop", [
  z.strictObject({
    stop: z.enum(["end", "calls", "refusal"]),
    parts: z.array(ReplyPart).readonly(),
    usage: Usage,
    servedBy: z.string().max(200),
  }),
  z.strictObject({ stop: z.literal("failed"), failure: ModelFailure, usage: Usage.optional() }),
]);
export type ModelReply = Readonly<z.infer<typeof ModelReply>>;

/** The provider works at it in the background, under an id of its own. */
export const Submitted = z.strictObject({
  stop: z.literal("submitted"),
  response: z.string().min(1).max(200),
});
export type Submitted = Readonly<z.infer<typeof Submitted>>;

/** What asking a model brings: its reply, or that there will be one. */
export type ModelAnswer = ModelReply | Submitted;

/**
 * One entry of the `scripted` model's script: calls to propose, a text to end with, or a provider's failure. A failure is no turn: it is
 * played by one attempt at the turn behind it, and at a script's end by all of them.
 */
export const ScriptTurn = z.union([
  z.strictObject({
    calls: z.array(z.strictObject({ tool: z.string(), args: z.record(z.string(), Json) })).min(1),
    text: z.string().optional(),
  }),
  z.strictObject({ text: z.string() }),
  z.strictObject({ fail: z.enum(["overloaded", "malformed", "cut_off"]) }),
]);
export type ScriptTurn = Readonly<z.infer<typeof ScriptTurn>>;
