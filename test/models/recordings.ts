import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { ReplyPart } from "../../src/contracts/message.ts";
import type { ModelProviderName, ModelReply, ModelRequest } from "../../src/contracts/model.ts";
import { modelProviders } from "../../src/models/registry.ts";
import { type Canned, type Sent, answering, ask, askStreaming, events } from "./ask.ts";

/** Where replies of the real providers lie, on machines that have them: beside the project, not in it. */
const DIR = join(import.meta.dirname, "../../../shared/data/model-recordings");

export const recorded = existsSync(DIR);
if (!recorded) console.warn("Skipped: no recorded replies beside the project. Its own fixtures are tried.");

/** What a suite over the recordings is called, so that its name says when it is skipped and what is tried instead. */
export function overRecordings(what: string): string {
  return recorded
    ? what
    : `${what} (skipped: no recordings beside the project; its own fixtures are tried elsewhere)`;
}

export const Members = z.record(z.string(), z.unknown());
export type Members = z.infer<typeof Members>;

const Interaction = z.object({
  request: z.object({ method: z.string(), uri: z.string(), body: z.unknown() }),
  response: z.object({
    status: z.int(),
    headers: z.record(z.string(), z.array(z.string())),
    json: z.unknown().optional(),
    raw: z.string().optional(),
  }),
});
export type Interaction = z.infer<typeof Interaction>;

/** The exchanges of a cassette, in order; only those that asked for a reply. */
export function interactionsOf(file: string): readonly Interaction[] {
  const { interactions } = z.object({ interactions: z.array(Interaction) }).parse(JSON.parse(textOf(file)));
  return interactions;
}

export function bodyOf({ request }: Interaction): Members {
  return Members.parse(request.body);
}

/** The recorded answer with its own status and headers, but for those of the connection it came over. */
export function answerOf({ response }: Interaction): Canned {
  const ofConnection = new Set(["content-length", "content-encoding", "transfer-encoding", "connection"]);
  const headers = Object.entries(response.headers)
    .map(([name, values]) => [name.toLowerCase(), values.join(", ")] as const)
    .filter(([name]) => !ofConnection.has(name));
  return {
    status: response.status,
    headers: Object.fromEntries(headers),
    body: response.raw ?? response.json,
  };
}

export function textOf(file: string): string {
  return readFileSync(join(DIR, file), "utf8");
}

export function jsonOf(file: string): unknown {
  return JSON.parse(textOf(file));
}

/** A file of one event's data per line, as the stream that it was. */
export function streamOf(file: string): string {
  const lines = textOf(file)
    .split("\n")
    .filter((line) => line.trim() !== "");
  return events(lines.map((line) => Members.parse(JSON.parse(line))));
}

const access = { apiKey: "sk-test-key" };

/** A provider whose network gives these answers in turn, and what it was sent. */
export function replaying(name: ModelProviderName, answers: readonly Canned[]) {
  const { fetch, sent } = answering(...answers);
  const provider = modelProviders({ access: { openai: access, anthropic: access }, fetch });
  return {
    sent,
    reply: async (request: ModelRequest): Promise<ModelReply> => {
      const streams = typeof answers[sent.length]?.body === "string" && isStream(answers[sent.length]);
      return streams ? (await askStreaming(provider, request)).reply : ask(provider, request);
    },
    name,
  };
}

function isStream(answer: Canned | undefined): boolean {
  return answer?.headers?.["content-type"]?.startsWith("text/event-stream") ?? false;
}

/** How a protocol's recorded requests are read, and which differences from ours do not matter. */
export interface Protocol {
  readonly name: ModelProviderName;
  /** What our first request must have been asked with to be like the recorded one. */
  requestLike(body: Members): ModelRequest;
  /** The texts that the recorded request gives as the results of the last turn's calls, in their order. */
  resultsIn(body: Members): readonly string[];
  /** What the user said last in the recorded request. */
  lastUserText(body: Members): string;
  comparable(body: Members): unknown;
}

export interface Replayed {
  readonly replies: readonly ModelReply[];
  /** What was sent and what was recorded as sent, request by request, in comparable form. */
  readonly requests: readonly { readonly ours: unknown; readonly theirs: unknown }[];
  readonly sent: readonly Sent[];
}

/** Leads a recorded conversation again, turn by turn: our own replies go back with the results that were given then. */
export async function leadAgain(protocol: Protocol, interactions: readonly Interaction[]): Promise<Replayed> {
  const { sent, reply: replyTo } = replaying(protocol.name, interactions.map(answerOf));
  const replies: ModelReply[] = [];
  let request: ModelRequest | undefined;
  for (const interaction of interactions) {
    const body = bodyOf(interaction);
    request =
      request === undefined ? protocol.requestLike(body) : goingOn(protocol, { request, replies, body });
    replies.push(await replyTo(request));
  }
  const requests = interactions.map((interaction, turn) => ({
    ours: protocol.comparable(Members.parse(sent[turn]?.body)),
    theirs: protocol.comparable(bodyOf(interaction)),
  }));
  return { replies, requests, sent };
}

function goingOn(
  protocol: Protocol,
  so: { request: ModelRequest; replies: readonly ModelReply[]; body: Members },
): ModelRequest {
  const last = so.replies.at(-1);
  if (last === undefined || last.stop === "failed")
    throw new Error(`no reply to go on from: ${JSON.stringify(last)}`);
  const calls = last.parts.filter((part) => part.type === "call");
  const results = protocol.resultsIn(so.body);
  const next =
    calls.length === 0
      ? ({ role: "user", text: protocol.lastUserText(so.body) } as const)
      : ({ role: "tool", results: calls.map((call, index) => resultOf(call, results[index])) } as const);
  return {
    ...so.request,
    messages: [...so.request.messages, { role: "assistant", parts: last.parts }, next],
  };
}

function resultOf(
  { providerCallId, tool }: Extract<ReplyPart, { type: "call" }>,
  output: string | undefined,
) {
  if (output === undefined) throw new Error(`the recording has no result for ${providerCallId}`);
  return { providerCallId, tool, outcome: { ok: true, output } } as const;
}

/** Everything but some members, deep down where asked. */
export function without(value: unknown, drop: (name: string, member: unknown) => boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => without(item, drop));
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([name, member]) => !drop(name, member));
  return Object.fromEntries(kept.map(([name, member]) => [name, without(member, drop)]));
}
