import type { Fault, Reply } from "./plan.ts";

/** What a wire protocol's request says, whatever its shape. */
export interface Asked {
  readonly userText: string | undefined;
  readonly callIds: readonly string[];
  /** Replies of the assistant that were text and nothing else. */
  readonly plainReplies: number;
  readonly model: string;
  readonly stream: boolean;
  /** Chat Completions sends usage with a stream only where it was asked for. */
  readonly usageInStream: boolean;
}

/** What a wire protocol says about a reply beside the reply itself. */
export interface Facts {
  readonly id: string;
  readonly model: string;
  readonly atS: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly usageInStream: boolean;
}

export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonRecord;
}

export type RefusalKind = Extract<
  Fault["kind"],
  "rate_limited" | "quota_exhausted" | "server_error" | "overloaded"
>;

/** One provider's protocol: it reads what was asked and gives a reply its shape. */
export interface Wire {
  read(body: JsonRecord): Asked;
  whole(reply: Reply, facts: Facts): JsonRecord;
  /** The frames of a server-sent event stream. */
  stream(reply: Reply, facts: Facts): readonly string[];
  /** The frames that end a stream which fails after it began. */
  midstreamFailure(facts: Facts): readonly string[];
  refuse(kind: RefusalKind, retryAfterS: number): Refusal;
  invalid(message: string): Refusal;
}

export type JsonRecord = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The records in a list; what is not a list is an empty one. */
export function recordsOf(value: unknown): readonly JsonRecord[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** The text of a message's content: a string, or a list of parts of which some carry text. */
export function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  return recordsOf(content)
    .map((part) => (typeof part["text"] === "string" ? part["text"] : ""))
    .join("");
}

export function stringOr(value: unknown, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}

/** Splits a text as a stream would: a short first chunk, then longer ones. At least one chunk, even of nothing. */
export function chunksOf(text: string): readonly string[] {
  const chunks = [text.slice(0, 4)];
  for (let at = 4; at < text.length; at += 24) chunks.push(text.slice(at, at + 24));
  return chunks;
}
