import { APIError as AnthropicError, APIConnectionTimeoutError as AnthropicTimeout } from "@anthropic-ai/sdk";
import { APIError as OpenAIError, APIConnectionTimeoutError as OpenAITimeout } from "openai";
import { ZodError, z } from "zod";
import type { ModelFailure, ModelFailureCode, ModelReply, Usage } from "../contracts/model.ts";

export type FailedReply = Extract<ModelReply, { stop: "failed" }>;

/** What a provider told of a failure: its HTTP status and headers if there was an answer, and every code that its body names. */
interface Told {
  readonly status?: number | undefined;
  readonly headers?: Headers | undefined;
  readonly codes: readonly string[];
  readonly message: string;
}

/** Trying the same request again can help with these, and with none of the others. */
const RETRYABLE: ReadonlySet<ModelFailureCode> = new Set([
  "rate_limited",
  "overloaded",
  "unavailable",
  "timeout",
  "malformed",
]);

/** These say more than the status that they come with: a 429 for an empty purse is not a rate limit. */
const DECISIVE: ReadonlyMap<string, ModelFailureCode> = new Map([
  ["insufficient_quota", "quota_exhausted"],
  ["billing_error", "quota_exhausted"],
  ["billing_not_active", "quota_exhausted"],
  ["billing_hard_limit_reached", "quota_exhausted"],
  ["enforced_spend_limit_reached", "quota_exhausted"],
  ["contract_spend_limit_reached", "quota_exhausted"],
  ["linked_organization_billing_unavailable", "quota_exhausted"],
  ["linked_organization_spend_limit_reached", "quota_exhausted"],
  ["context_length_exceeded", "context_too_long"],
  ["request_too_large", "context_too_long"],
]);

const BY_STATUS: ReadonlyMap<number, ModelFailureCode> = new Map([
  [401, "unauthorized"],
  [402, "quota_exhausted"],
  [403, "unauthorized"],
  [408, "timeout"],
  [409, "unavailable"],
  [413, "context_too_long"],
  [425, "unavailable"],
  [429, "rate_limited"],
  [503, "overloaded"],
  [529, "overloaded"],
]);

/** For a failure told inside a reply whose status was 200. */
const BY_CODE: ReadonlyMap<string, ModelFailureCode> = new Map([
  ["rate_limit_error", "rate_limited"],
  ["rate_limit_exceeded", "rate_limited"],
  ["overloaded_error", "overloaded"],
  ["server_is_overloaded", "overloaded"],
  ["timeout_error", "timeout"],
  ["authentication_error", "unauthorized"],
  ["permission_error", "unauthorized"],
  ["invalid_api_key", "unauthorized"],
  ["invalid_request_error", "invalid_request"],
  ["invalid_prompt", "invalid_request"],
  ["not_found_error", "invalid_request"],
  ["model_not_found", "invalid_request"],
]);

/** A reply that failed. Whether it is retryable follows from its code. */
export function failed(code: ModelFailureCode, message: string, usage?: Usage): FailedReply {
  const failure = { code, message, retryable: RETRYABLE.has(code) };
  return usage === undefined ? { stop: "failed", failure } : { stop: "failed", failure, usage };
}

/** The failure that stands for whatever was thrown while a provider was asked. */
export function failureOf(error: unknown, nowMs: number): ModelFailure {
  if (error instanceof OpenAITimeout || error instanceof AnthropicTimeout)
    return failed("timeout", "The provider did not answer in time.").failure;
  if (error instanceof OpenAIError || error instanceof AnthropicError)
    return failureTold(toldBy(error), nowMs);
  if (error instanceof SyntaxError) return failed("malformed", "The reply is not JSON.").failure;
  if (error instanceof ZodError)
    return failed("malformed", `The reply does not have its protocol's shape at ${pathOf(error)}.`).failure;
  return failed("unavailable", "The connection to the provider was lost.").failure;
}

/** The failure that an error object inside a reply tells of. */
export function failureInside(body: unknown): FailedReply {
  const failure = failureTold(
    { codes: codesOf(layersOf(body)), message: messageOf(layersOf(body)) ?? "The provider failed." },
    0,
  );
  return { stop: "failed", failure };
}

function failureTold(told: Told, nowMs: number): ModelFailure {
  const code = codeOf(told);
  const retryable = RETRYABLE.has(code) && told.headers?.get("x-should-retry") !== "false";
  const retryAfterMs = retryable && told.headers !== undefined ? waitAskedMs(told.headers, nowMs) : undefined;
  return { code, message: told.message, retryable, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

function codeOf({ status, codes }: Told): ModelFailureCode {
  const decisive = codes.map((code) => DECISIVE.get(code)).find((code) => code !== undefined);
  if (decisive !== undefined) return decisive;
  if (status === undefined)
    return codes.map((code) => BY_CODE.get(code)).find((code) => code !== undefined) ?? "unavailable";
  return BY_STATUS.get(status) ?? (status >= 500 ? "unavailable" : "invalid_request");
}

function toldBy(error: OpenAIError | AnthropicError): Told {
  const layers = layersOf(error.error);
  const text =
    messageOf(layers) ??
    (error.status === undefined ? "The provider could not be reached." : "The provider gave no reason.");
  return {
    status: error.status,
    headers: error.headers,
    codes: codesOf(layers),
    message: error.status === undefined ? text : `HTTP ${error.status}: ${text}`,
  };
}

/** Providers nest what they tell differently: {error: {…}}, {error: {details: {…}}}, or the error alone. Outermost first. */
function layersOf(body: unknown): readonly Layer[] {
  const layer = Layer.safeParse(body);
  return layer.success
    ? [layer.data, ...layersOf(layer.data["error"]), ...layersOf(layer.data["details"])]
    : [];
}

const Layer = z.record(z.string(), z.unknown());
type Layer = z.infer<typeof Layer>;

function codesOf(layers: readonly Layer[]): readonly string[] {
  return layers.flatMap(({ type, code, error_code }) =>
    [error_code, code, type].filter((name) => typeof name === "string"),
  );
}

function messageOf(layers: readonly Layer[]): string | undefined {
  return layers.map((layer) => layer["message"]).findLast((message) => typeof message === "string");
}

function pathOf(error: ZodError): string {
  return error.issues[0]?.path.join(".") || "its root";
}

/** No wait that a provider asks for is longer than this: a task is not to sleep for years on one header. */
const WAIT_MS_MAX = 3_600_000;

/** `retry-after-ms`, or `retry-after` in seconds or as an HTTP date (RFC 9110 §10.2.3), measured by the provider's own clock if it tells. */
export function waitAskedMs(headers: Headers, nowMs: number): number | undefined {
  const waitMs = millisecondsAsked(headers, nowMs);
  return waitMs === undefined || Number.isNaN(waitMs)
    ? undefined
    : Math.ceil(Math.min(Math.max(waitMs, 0), WAIT_MS_MAX));
}

function millisecondsAsked(headers: Headers, nowMs: number): number | undefined {
  const exact = headers.get("retry-after-ms");
  if (exact !== null && isNumber(exact)) return Number(exact);
  const after = headers.get("retry-after");
  if (after === null) return undefined;
  if (isNumber(after)) return Number(after) * 1_000;
  const dateMs = Date.parse(headers.get("date") ?? "");
  return Date.parse(after) - (Number.isNaN(dateMs) ? nowMs : dateMs);
}

function isNumber(text: string): boolean {
  return /^\s*\d+(?:\.\d+)?\s*$/.test(text);
}

const MESSAGE_LENGTH_MAX = 500;
/** What keys of the known providers look like; they repeat parts of a wrong key in their refusals. */
const KEY_LIKE = /\b(?:sk|pk|rk)-[\w*.-]{4,}/g;

/** The same failure without any secret in its message, and with a message of bounded length. */
export function scrubbed(failure: ModelFailure, secrets: readonly string[]): ModelFailure {
  const withoutKnown = secrets
    .filter((secret) => secret !== "")
    .reduce((text, secret) => text.replaceAll(secret, "[secret]"), failure.message);
  return { ...failure, message: withoutKnown.replace(KEY_LIKE, "[secret]").slice(0, MESSAGE_LENGTH_MAX) };
}
