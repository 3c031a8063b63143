import type { AgentManifest } from "../contracts/agent.ts";
import type { Json } from "../contracts/json.ts";
import type { ApprovalRule, ToolManifest } from "../contracts/tool.ts";
import type { CallContext } from "../contracts/call.ts";

/** What a tool's code is told of the call that it carries out. `id` is its idempotency key: the same for every attempt. */
export interface ToolCall<E extends Cloudflare.Env = Cloudflare.Env> extends CallContext {
  /** Aborts at the tool's deadline and when the task is canceled. */
  readonly signal: AbortSignal;
  /** The Worker's bindings. */
  readonly env: E;
  /** The text of a secret binding. Throws when it is not bound. */
  secret(name: string): string;
}

/** What a read-back found of an earlier attempt (recovery `read`). */
export type ReadBack<T> = { readonly happened: true; readonly output: T } | { readonly happened: false };

/**
 * A tool as the runtime holds it: its contract, and its code unless another executor carries it out. `run` and `readBack` check
 * what they are given and what they give back, so that code behind them meets only the types it declared.
 */
export interface ToolDefinition {
  readonly manifest: ToolManifest;
  /** What a `human` tool that names no approver asks of the one whom its agent will name. */
  readonly approvalTerms?: Omit<ApprovalRule, "approver">;
  /** The agent that carries it out. */
  readonly delegate?: AgentDefinition;
  run?(args: Json, call: ToolCall): Promise<unknown>;
  readBack?(args: Json, call: ToolCall): Promise<ReadBack<unknown>>;
}

/** An agent as the runtime holds it: its manifest, and the definitions of its tools as that manifest pins them. */
export interface AgentDefinition {
  readonly manifest: AgentManifest;
  readonly tools: readonly ToolDefinition[];
}

/** The codes in which a tool itself may fail. The others are the runtime's own words. */
export type ToolErrorCode =
  | "invalid_input"
  | "not_found"
  | "conflict"
  | "precondition_failed"
  | "invariant_violated"
  | "rate_limited"
  | "unavailable";

/**
 * Thrown by a tool that knows that its call took no effect, in this attempt or any before, and why. Anything else that a write
 * throws leaves its outcome unknown (E2). `retryable` says that the same call may succeed later; `message` is shown to the model.
 */
export class ToolError extends Error {
  override readonly name = "ToolError";
  readonly code: ToolErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(
    code: ToolErrorCode,
    message: string,
    retry: { readonly retryable?: boolean; readonly retryAfterMs?: number } = {},
  ) {
    super(message);
    this.code = code;
    this.retryable = retry.retryable ?? retry.retryAfterMs !== undefined;
    this.retryAfterMs = retry.retryAfterMs;
  }
}

/** Thrown when a tool's code gave back something else than its contract says: it was carried out, but its result cannot be read. */
export class UnreadableResult extends Error {
  override readonly name = "UnreadableResult";
}
