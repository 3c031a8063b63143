import type { Json } from "../contracts/json.ts";
import type { ErrorCode, ErrorEnvelope } from "../contracts/outcome.ts";
import type { ToolManifest } from "../contracts/tool.ts";
import type { CallContext } from "../contracts/call.ts";

/** A call whose arguments fit its tool, on its way to an executor. `signal` aborts at the tool's deadline. */
export interface PreparedCall {
  readonly tool: ToolManifest;
  readonly args: Json;
  readonly context: CallContext;
  readonly signal: AbortSignal;
}

/**
 * What an executor brought back, before anyone believes it. `answered` and `unreadable` are a tool's word that it carried the call
 * out, with a result as JSON text or one that cannot be had.
 */
export type Answer =
  | { readonly kind: "answered"; readonly text: string }
  | { readonly kind: "unreadable"; readonly reason: string }
  | { readonly kind: "failed"; readonly error: ErrorEnvelope }
  | { readonly kind: "unknown"; readonly error: ErrorEnvelope };

/** A tool that asks for more patience than a day is not waited for that long. */
const RETRY_AFTER_MS_MAX = 86_400_000;

export interface Retry {
  readonly retryable: boolean;
  readonly retryAfterMs?: number | undefined;
}

const NEVER: Retry = { retryable: false };

export function envelope(
  code: ErrorCode,
  message: string,
  { retryable, retryAfterMs }: Retry = NEVER,
): ErrorEnvelope {
  const error = { code, message, retryable };
  if (retryAfterMs === undefined || !(retryAfterMs >= 0)) return error;
  return { ...error, retryAfterMs: Math.ceil(Math.min(retryAfterMs, RETRY_AFTER_MS_MAX)) };
}

/** The tool's word that the call took no effect, in this attempt or any before. */
export function failed(
  code: ErrorCode,
  message: string,
  retry: Retry = NEVER,
): Extract<Answer, { kind: "failed" }> {
  return { kind: "failed", error: envelope(code, message, retry) };
}

/** No answer came. A read can simply be made again; of a write nobody knows whether it took effect (E2). */
export function lost(
  tool: ToolManifest,
  code: ErrorCode,
  message: string,
  retry: Retry = { retryable: true },
): Extract<Answer, { kind: "failed" | "unknown" }> {
  return { kind: tool.effect === "read" ? "failed" : "unknown", error: envelope(code, message, retry) };
}

/**
 * This attempt never came to the tool's work. Nothing happened, then, unless an earlier one is in doubt, of which that says nothing.
 */
export function unsent(
  { tool, context }: Pick<PreparedCall, "tool" | "context">,
  code: ErrorCode,
  message: string,
  retry: Retry = NEVER,
): Extract<Answer, { kind: "failed" | "unknown" }> {
  return context.inDoubt ? lost(tool, code, message, retry) : failed(code, message, retry);
}

/** The first `lengthMax` code units of a text, never ending in half a character. */
export function bounded(text: string, lengthMax: number): string {
  return text.length <= lengthMax ? text : text.slice(0, lengthMax).toWellFormed();
}
