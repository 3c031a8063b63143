import type { ResponseInputItem } from "openai/resources/responses/responses";
import { z } from "zod";
import { JsonObject } from "../contracts/json.ts";
import type { Message, ReplyPart } from "../contracts/message.ts";
import {
  type ModelAnswer,
  type ModelReply,
  type ModelRequest,
  type PinnedModel,
  Submitted,
  type ToolSketch,
  type Usage,
} from "../contracts/model.ts";
import type { Dialect } from "./exchange.ts";
import { failed, failureInside } from "./failure.ts";
import { openAIBackground } from "./openai-background.ts";
import { markOf } from "./openai-mark.ts";
import { REASONING, mayReason } from "./openai-reasoning.ts";
import { replyOf } from "./reply.ts";
import { jsonBody, jsonItems, remembered } from "./request-body.ts";
import { resultText } from "./result-text.ts";
import { SomeTokens, Tokens, maybe } from "./wire-schema.ts";
import { type WireOptions, openAIClient, openAIWire } from "./wire.ts";

/**
 * OpenAI's Responses API, used without its memory: nothing is stored there (`store: false`; what it works at in the background, it
 * keeps for about ten minutes after), the whole conversation goes with every request, and reasoning comes back encrypted and is
 * handed back as it came.
 */
export function openAIResponses(options: WireOptions): Dialect {
  const inputOf = remembered((message: Message) => jsonItems(itemsOf(message)));
  const toolOf = remembered((tool: ToolSketch) => jsonItems([functionOf(tool)]));
  return {
    wire: openAIWire("/responses", options),
    background: openAIBackground(openAIClient(options), readAnswer),
    body: (request, streamed) =>
      jsonBody(headOf(request, streamed), {
        input: request.messages.map(inputOf),
        tools: request.tools.map(toolOf),
      }),
    read: (answer, { model }) => readAnswer(answer, model),
    follow,
  };
}

function headOf(request: ModelRequest, streamed: boolean): object {
  const { model, instructions } = request;
  return {
    ...(mayReason(model.model) ? { include: REASONING } : {}),
    ...model.settings,
    ...(model.backgroundMs === undefined ? {} : inBackground(request)),
    model: model.model,
    ...(instructions === "" ? {} : { instructions }),
    max_output_tokens: model.maxOutputTokens,
    store: false,
    ...(streamed ? { stream: true } : {}),
  };
}

function inBackground(request: ModelRequest): object {
  const { metadata = {} } = request.model.settings ?? {};
  return { background: true, metadata: { ...JsonObject.parse(metadata), ...markOf(request) } };
}

function functionOf({ name, description, inputSchema }: ToolSketch): object {
  return { type: "function", name, description, parameters: inputSchema, strict: false };
}

function itemsOf(message: Message): readonly (ResponseInputItem | JsonObject)[] {
  switch (message.role) {
    case "user":
      return [{ role: "user", content: message.text }];
    case "assistant":
      return replyItems(message.parts);
    case "tool":
      return message.results.map((result) => ({
        type: "function_call_output",
        call_id: result.providerCallId,
        output: resultText(result.outcome),
      }));
  }
}

function replyItems(parts: readonly ReplyPart[]): readonly (ResponseInputItem | JsonObject)[] {
  const items: (ResponseInputItem | JsonObject)[] = [];
  let phase: Phase["phase"] | undefined;
  for (const part of parts) {
    if (part.type === "call") {
      items.push({
        type: "function_call",
        call_id: part.providerCallId,
        name: part.tool,
        arguments: part.argsText,
      });
    } else if (part.type !== "opaque") {
      items.push({ role: "assistant", content: part.text, ...(phase === undefined ? {} : { phase }) });
    } else if (part.protocol === "openai-responses") {
      const marked = Phase.safeParse(part.item);
      if (marked.success) phase = marked.data.phase;
      else items.push(JsonObject.parse(part.item));
    }
  }
  return items;
}

/** What a message is for. It belongs to the message, and models do worse when it is not handed back, so it goes before its text. */
const Phase = z.strictObject({
  type: z.literal("countersign.phase"),
  phase: z.enum(["commentary", "final_answer"]),
});
type Phase = z.infer<typeof Phase>;

const Used = z.object({
  input_tokens: Tokens,
  output_tokens: Tokens,
  input_tokens_details: maybe(z.object({ cached_tokens: SomeTokens, cache_write_tokens: SomeTokens })),
});

const Answer = z.object({
  id: maybe(z.string()),
  status: z.string(),
  model: maybe(z.string()),
  output: z.array(z.looseObject({ type: z.string() })).default([]),
  usage: maybe(Used),
  error: maybe(z.unknown()),
  incomplete_details: maybe(z.object({ reason: maybe(z.string()) })),
});
type Answer = z.infer<typeof Answer>;

const OutputMessage = z.object({
  content: z.array(
    z.discriminatedUnion("type", [
      z.object({ type: z.literal("output_text"), text: z.string() }),
      z.object({ type: z.literal("refusal"), refusal: z.string() }),
    ]),
  ),
  phase: maybe(Phase.shape.phase),
});

const FunctionCall = z.object({ call_id: z.string(), name: z.string(), arguments: z.string() });

function readAnswer(told: unknown, model: PinnedModel): ModelAnswer {
  const answer = Answer.parse(told);
  if (model.backgroundMs !== undefined && UNFINISHED.has(answer.status))
    return Submitted.parse({ stop: "submitted", response: answer.id });
  return readFinished(answer, model);
}

const UNFINISHED: ReadonlySet<string> = new Set(["queued", "in_progress"]);

function readFinished(answer: Answer, model: PinnedModel): ModelReply {
  const usage = answer.usage === undefined ? undefined : usageOf(answer.usage);
  switch (answer.status) {
    case "completed":
      return replyOf({
        parts: answer.output.flatMap(partsOf),
        usage,
        servedBy: answer.model ?? model.model,
      });
    case "incomplete":
      return readIncomplete(answer, usage, model);
    case "failed":
      return failureInside(answer.error);
    default:
      return failed("malformed", `The response ended as ${answer.status.slice(0, 40)}.`, usage);
  }
}

function readIncomplete(answer: Answer, usage: Usage | undefined, model: PinnedModel): ModelReply {
  if (answer.incomplete_details?.reason !== "content_filter")
    return failed("cut_off", "The reply reached its limit of output tokens.", usage);
  const parts = [
    ...answer.output.flatMap(partsOf),
    { type: "refusal", text: "The provider's content filter stopped the reply." } as const,
  ];
  return replyOf({ parts, usage, servedBy: answer.model ?? model.model, refused: true });
}

function partsOf(item: Answer["output"][number]): readonly ReplyPart[] {
  if (item.type === "message") return messageParts(OutputMessage.parse(item));
  if (item.type !== "function_call") return opaqueParts(JsonObject.parse(item));
  const call = FunctionCall.parse(item);
  return [{ type: "call", providerCallId: call.call_id, tool: call.name, argsText: call.arguments || "{}" }];
}

function messageParts({ content, phase }: z.infer<typeof OutputMessage>): readonly ReplyPart[] {
  const marks: ReplyPart[] =
    phase === undefined
      ? []
      : [{ type: "opaque", protocol: "openai-responses", item: { type: "countersign.phase", phase } }];
  const texts = content.map((part): ReplyPart =>
    part.type === "refusal" ? { type: "refusal", text: part.refusal } : { type: "text", text: part.text },
  );
  return [...marks, ...texts];
}

/** Reasoning that is not encrypted could only be found again by its id, and nothing is stored: handing it back would be refused. */
function opaqueParts(item: JsonObject): readonly ReplyPart[] {
  const lost = item["type"] === "reasoning" && typeof item["encrypted_content"] !== "string";
  return lost ? [] : [{ type: "opaque", protocol: "openai-responses", item }];
}

function usageOf({ input_tokens, output_tokens, input_tokens_details }: z.infer<typeof Used>): Usage {
  return {
    inputTokens: input_tokens,
    cachedInputTokens: input_tokens_details?.cached_tokens ?? 0,
    cacheWriteTokens: input_tokens_details?.cache_write_tokens ?? 0,
    outputTokens: output_tokens,
  };
}

const StreamEvent = z.looseObject({ type: z.string() });
const TextDelta = z.object({ delta: z.string() });
const Ended = z.object({ response: z.unknown() });

/** The last event holds the whole response, so that a streamed reply is read like any other. */
async function follow(
  events: AsyncIterable<unknown>,
  request: ModelRequest,
  onText: (text: string) => void,
): Promise<ModelReply> {
  for await (const told of events) {
    const event = StreamEvent.parse(told);
    switch (event.type) {
      case "response.output_text.delta":
        onText(TextDelta.parse(event).delta);
        break;
      case "response.completed":
      case "response.incomplete":
      case "response.failed":
        return readFinished(Answer.parse(Ended.parse(event).response), request.model);
      case "error":
        return failureInside(event);
      default:
    }
  }
  return failed("malformed", "The stream ended before the response did.");
}
