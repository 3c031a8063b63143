import { z } from "zod";
import { Json, JsonObject } from "../contracts/json.ts";
import type { ReplyPart } from "../contracts/message.ts";
import type { ModelReply, ModelRequest, Usage } from "../contracts/model.ts";
import { failed, failureInside } from "./failure.ts";
import { replyOf } from "./reply.ts";
import { Tokens, maybe } from "./wire-schema.ts";

const Used = z.object({
  input_tokens: maybe(Tokens),
  output_tokens: maybe(Tokens),
  cache_read_input_tokens: maybe(Tokens),
  cache_creation_input_tokens: maybe(Tokens),
});
type Used = Partial<z.infer<typeof Used>>;

const Stopped = z.object({
  stop_reason: maybe(z.string()),
  stop_details: maybe(z.object({ explanation: maybe(z.string()) })),
});
type Stopped = Partial<z.infer<typeof Stopped>>;

const Block = z.looseObject({ type: z.string() });
const Text = z.object({ text: z.string() });
const ToolUse = z.object({ id: z.string(), name: z.string(), input: Json.optional() });

const Answer = z.object({
  type: z.string(),
  model: z.string(),
  content: z.array(Block),
  usage: Used,
  ...Stopped.shape,
});

const Faulty = z.object({ type: z.literal("error") });

/** A reply as it stands when its provider says that it is over. */
interface Told extends Stopped {
  readonly parts: readonly ReplyPart[];
  readonly usage: Used;
  readonly model: string;
}

/** Reads a reply that came in one piece. */
export function readAnswer(told: unknown): ModelReply {
  if (Faulty.safeParse(told).success) return failureInside(told);
  const answer = Answer.parse(told);
  return endOf({ ...answer, parts: answer.content.map((block) => partOf(block)) });
}

function endOf({ parts, usage: used, model, stop_reason, stop_details }: Told): ModelReply {
  const usage = usageOf(used);
  switch (stop_reason) {
    case "max_tokens":
      return failed("cut_off", "The reply reached its limit of output tokens.", usage);
    case "model_context_window_exceeded":
      return failed("context_too_long", "The conversation fills the model's context.", usage);
    case "pause_turn":
      return failed(
        "invalid_request",
        "The provider paused for a tool of its own, which is not supported.",
        usage,
      );
    case "refusal": {
      const refusal = { type: "refusal", text: stop_details?.explanation ?? "The model declined." } as const;
      return replyOf({ parts: [...parts, refusal], usage, servedBy: model, refused: true });
    }
    case undefined:
      return failed("malformed", "The reply ended without saying why.", usage);
    default:
      return replyOf({ parts, usage, servedBy: model });
  }
}

/** `argsText` is the input as it was streamed; without it, the input is written anew from the value that was read. */
function partOf(block: z.infer<typeof Block>, argsText?: string): ReplyPart {
  if (block.type === "text") return { type: "text", text: Text.parse(block).text };
  if (block.type !== "tool_use")
    return { type: "opaque", protocol: "anthropic", item: JsonObject.parse(block) };
  const { id, name, input } = ToolUse.parse(block);
  return { type: "call", providerCallId: id, tool: name, argsText: argsText || JSON.stringify(input ?? {}) };
}

/** The provider counts cached and newly cached input apart from the rest; here they are parts of it. */
function usageOf(used: Used): Usage | undefined {
  if (used.input_tokens === undefined || used.output_tokens === undefined) return undefined;
  const cachedInputTokens = used.cache_read_input_tokens ?? 0;
  const cacheWriteTokens = used.cache_creation_input_tokens ?? 0;
  return {
    inputTokens: used.input_tokens + cachedInputTokens + cacheWriteTokens,
    cachedInputTokens,
    cacheWriteTokens,
    outputTokens: used.output_tokens,
  };
}

const Index = z.int().nonnegative();
const Delta = z.discriminatedUnion("type", [
  z.object({ type: z.literal("text_delta"), text: z.string() }),
  z.object({ type: z.literal("input_json_delta"), partial_json: z.string() }),
  z.object({ type: z.literal("thinking_delta"), thinking: z.string() }),
  z.object({ type: z.literal("signature_delta"), signature: z.string() }),
  z.object({ type: z.literal("citations_delta") }),
]);
type Delta = z.infer<typeof Delta>;

const StreamEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("message_start"), message: z.object({ model: z.string(), usage: Used }) }),
  z.object({ type: z.literal("content_block_start"), index: Index, content_block: Block }),
  z.object({ type: z.literal("content_block_delta"), index: Index, delta: Delta }),
  z.object({ type: z.literal("content_block_stop"), index: Index }),
  z.object({ type: z.literal("message_delta"), delta: Stopped, usage: maybe(Used) }),
  z.object({ type: z.literal("message_stop") }),
]);
type StreamEvent = z.infer<typeof StreamEvent>;

const Typed = z.looseObject({ type: z.string() });
const KNOWN = new Set<string>(StreamEvent.options.map((option) => option.shape.type.value));

/** A content block while it comes: texts are added up, an input stays the text that it is. */
interface OpenBlock {
  readonly block: Record<string, unknown> & { readonly type: string };
  json: string;
  closed: boolean;
}

interface OpenMessage {
  readonly model: string;
  readonly blocks: Map<number, OpenBlock>;
  usage: Used;
  stopped: Stopped;
}

/** Reads a reply that comes as events. */
export async function follow(
  events: AsyncIterable<unknown>,
  _request: ModelRequest,
  onText: (text: string) => void,
): Promise<ModelReply> {
  let message: OpenMessage | null = null;
  for await (const told of events) {
    const event = known(told);
    if (event === null) continue;
    if (event.type === "message_start") {
      if (message !== null) return failed("malformed", "The stream began twice.");
      message = { model: event.message.model, blocks: new Map(), usage: event.message.usage, stopped: {} };
      continue;
    }
    if (message === null) return failed("malformed", "The stream has no beginning.");
    if (event.type === "message_stop") return closed(message);
    const fault = hear(message, event, onText);
    if (fault !== null) return failed("malformed", fault);
  }
  return failed("malformed", "The stream ended before the message did.");
}

/** Events of kinds that came into the protocol later are passed over, as its documentation asks. */
function known(told: unknown): StreamEvent | null {
  return KNOWN.has(Typed.parse(told).type) ? StreamEvent.parse(told) : null;
}

type Heard = Exclude<StreamEvent, { type: "message_start" | "message_stop" }>;

/** Takes one event in. Says what is wrong with it, or null. */
function hear(message: OpenMessage, event: Heard, onText: (text: string) => void): string | null {
  if (event.type === "message_delta") {
    message.stopped = event.delta;
    message.usage = { ...message.usage, ...present(event.usage ?? {}) };
    return null;
  }
  const open = message.blocks.get(event.index);
  if (event.type === "content_block_start") {
    if (open !== undefined) return "A block of the stream began twice.";
    message.blocks.set(event.index, { block: { ...event.content_block }, json: "", closed: false });
    const { type, text } = event.content_block;
    if (type === "text" && typeof text === "string" && text !== "") onText(text);
    return null;
  }
  if (open === undefined || open.closed) return "The stream goes on with a block that is not open.";
  if (event.type === "content_block_stop") open.closed = true;
  else hearDelta(open, event.delta, onText);
  return null;
}

function hearDelta(open: OpenBlock, delta: Delta, onText: (text: string) => void): void {
  switch (delta.type) {
    case "text_delta":
      add(open, "text", delta.text);
      onText(delta.text);
      break;
    case "thinking_delta":
      add(open, "thinking", delta.thinking);
      break;
    case "signature_delta":
      open.block["signature"] = delta.signature;
      break;
    case "input_json_delta":
      open.json += delta.partial_json;
      break;
    case "citations_delta":
      break;
  }
}

function add({ block }: OpenBlock, member: string, text: string): void {
  const before = block[member];
  block[member] = typeof before === "string" ? before + text : text;
}

/** The later counts are totals, and hold; what they leave out stays as it was told at the beginning. */
function present(usage: Used): Used {
  return Object.fromEntries(Object.entries(usage).filter(([, tokens]) => tokens !== undefined));
}

function closed({ model, blocks, usage, stopped }: OpenMessage): ModelReply {
  const inOrder = [...blocks].toSorted(([a], [b]) => a - b).map(([, open]) => open);
  if (inOrder.some((open) => !open.closed)) return failed("malformed", "The message ended within a block.");
  const parts = inOrder.map(({ block, json }) => {
    const text = json.trim();
    if (block.type === "tool_use" || text === "") return partOf(block, text);
    return partOf({ ...block, input: JSON.parse(text) });
  });
  return endOf({ ...stopped, parts, usage, model });
}
