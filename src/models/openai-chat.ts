import type { ChatCompletionMessageParam } from "openai/resources/chat/completions";
import { z } from "zod";
import type { Message, ReplyPart } from "../contracts/message.ts";
import type { ModelReply, ModelRequest, ToolSketch, Usage } from "../contracts/model.ts";
import type { Dialect } from "./exchange.ts";
import { failed, failureInside } from "./failure.ts";
import { replyOf } from "./reply.ts";
import { jsonBody, jsonItems, remembered } from "./request-body.ts";
import { resultText } from "./result-text.ts";
import { Tokens } from "./wire-schema.ts";
import { type WireOptions, openAIWire } from "./wire.ts";

/** The Chat Completions protocol, of OpenAI itself and of the many servers that speak it too. */
export function openAIChat(options: WireOptions): Dialect {
  const messageOf = remembered((message: Message) => jsonItems(messagesOf(message)));
  const toolOf = remembered((tool: ToolSketch) => jsonItems([functionOf(tool)]));
  return {
    wire: openAIWire("/chat/completions", options),
    body: (request, streamed) => {
      const system =
        request.instructions === "" ? "" : jsonItems([{ role: "system", content: request.instructions }]);
      const messages = [system, ...request.messages.map(messageOf)];
      return jsonBody(headOf(request, streamed), { messages, tools: request.tools.map(toolOf) });
    },
    read: readAnswer,
    follow,
  };
}

function headOf({ model }: ModelRequest, streamed: boolean): object {
  return {
    ...model.settings,
    model: model.model,
    [limitName(model)]: model.maxOutputTokens,
    ...(streamed ? { stream: true, stream_options: { include_usage: true } } : {}),
  };
}

/** OpenAI renamed the limit and refuses the old name for newer models; other servers mostly know only the old one. A setting decides. */
function limitName({ provider, settings }: ModelRequest["model"]): string {
  const renamed = provider !== "openai-compatible" || settings?.["max_completion_tokens"] !== undefined;
  return renamed ? "max_completion_tokens" : "max_tokens";
}

function functionOf({ name, description, inputSchema }: ToolSketch): object {
  return { type: "function", function: { name, description, parameters: inputSchema } };
}

function messagesOf(message: Message): readonly ChatCompletionMessageParam[] {
  switch (message.role) {
    case "user":
      return [{ role: "user", content: message.text }];
    case "assistant":
      return assistantMessage(message.parts);
    case "tool":
      return message.results.map((result) => ({
        role: "tool",
        tool_call_id: result.providerCallId,
        content: resultText(result.outcome),
      }));
  }
}

function assistantMessage(parts: readonly ReplyPart[]): readonly ChatCompletionMessageParam[] {
  const text = parts
    .flatMap((part) => (part.type === "text" || part.type === "refusal" ? [part.text] : []))
    .join("");
  const calls = parts
    .filter((part) => part.type === "call")
    .map((call) => ({
      id: call.providerCallId,
      type: "function" as const,
      function: { name: call.tool, arguments: call.argsText },
    }));
  if (text === "" && calls.length === 0) return [];
  return [
    {
      role: "assistant",
      content: text === "" ? null : text,
      ...(calls.length === 0 ? {} : { tool_calls: calls }),
    },
  ];
}

/** Members that servers leave out or give as null, which mean the same. Transforming them here would cost more than all the rest. */
const Used = z.object({
  prompt_tokens: Tokens,
  completion_tokens: Tokens,
  prompt_tokens_details: z
    .object({ cached_tokens: Tokens.nullish(), cache_write_tokens: Tokens.nullish() })
    .nullish(),
});

const CallPiece = z.object({
  index: z.int().nonnegative().optional(),
  id: z.string().nullish(),
  function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }),
});
type CallPiece = z.infer<typeof CallPiece>;

const Piece = z.object({
  content: z.string().nullish(),
  refusal: z.string().nullish(),
  tool_calls: z.array(CallPiece).nullish(),
});
type Piece = z.infer<typeof Piece>;

const Answer = z.object({
  model: z.string().nullish(),
  choices: z
    .array(
      z.object({ finish_reason: z.string().nullish(), message: Piece.optional(), delta: Piece.nullish() }),
    )
    .optional(),
  usage: Used.nullish(),
  error: z.unknown().optional(),
});
type Answer = z.infer<typeof Answer>;

interface CallSoFar {
  readonly id: string;
  readonly name: string;
  readonly args: string;
}

/** What has been said so far, by one message or by many pieces of it. */
interface Said {
  text: string;
  refusal: string;
  readonly calls: Map<number, CallSoFar>;
  finish: string | undefined;
  servedBy: string;
  usage: Usage | undefined;
}

function nothingSaid({ model }: ModelRequest): Said {
  return {
    text: "",
    refusal: "",
    calls: new Map(),
    finish: undefined,
    servedBy: model.model,
    usage: undefined,
  };
}

function readAnswer(told: unknown, request: ModelRequest): ModelReply {
  const answer = Answer.parse(told);
  const error = answer.error ?? undefined;
  if (error !== undefined) return failureInside(error);
  const said = nothingSaid(request);
  hear(said, answer, answer.choices?.[0]?.message);
  return endOf(said, request);
}

async function follow(
  events: AsyncIterable<unknown>,
  request: ModelRequest,
  onText: (text: string) => void,
): Promise<ModelReply> {
  const said = nothingSaid(request);
  for await (const told of events) {
    const chunk = Answer.parse(told);
    const piece = chunk.choices?.[0]?.delta ?? undefined;
    hear(said, chunk, piece);
    if (piece?.content) onText(piece.content);
  }
  return endOf(said, request);
}

function hear(said: Said, answer: Answer, piece: Piece | undefined): void {
  said.servedBy = answer.model || said.servedBy;
  said.finish = answer.choices?.[0]?.finish_reason ?? said.finish;
  if (answer.usage) said.usage = usageOf(answer.usage);
  if (piece === undefined) return;
  said.text += piece.content ?? "";
  said.refusal += piece.refusal ?? "";
  for (const call of piece.tool_calls ?? []) hearCall(said.calls, call);
}

/** Pieces of a call carry its index; a server that leaves it out begins each call with its name and lets the rest follow. */
function hearCall(calls: Map<number, CallSoFar>, piece: CallPiece): void {
  const at = piece.index ?? (piece.function.name ? calls.size : Math.max(0, calls.size - 1));
  const call = calls.get(at) ?? { id: "", name: "", args: "" };
  calls.set(at, {
    id: call.id || (piece.id ?? ""),
    name: call.name || (piece.function.name ?? ""),
    args: call.args + (piece.function.arguments ?? ""),
  });
}

function endOf(said: Said, request: ModelRequest): ModelReply {
  const { finish, usage, servedBy } = said;
  if (finish === undefined) return failed("malformed", "The reply ended without saying why.", usage);
  if (finish === "length") return failed("cut_off", "The reply reached its limit of output tokens.", usage);
  if (finish !== "content_filter") return replyOf({ parts: partsOf(said, request), usage, servedBy });
  const blocked = { type: "refusal", text: "The provider's content filter stopped the reply." } as const;
  return replyOf({ parts: [...partsOf(said, request), blocked], usage, servedBy, refused: true });
}

/** Some servers give their calls no id; results are told apart by them, so such a call gets one that is new in its conversation. */
function partsOf({ text, refusal, calls }: Said, request: ModelRequest): readonly ReplyPart[] {
  return [
    { type: "text", text },
    ...(refusal === "" ? [] : [{ type: "refusal" as const, text: refusal }]),
    ...[...calls.values()].map((call, index) => ({
      type: "call" as const,
      providerCallId: call.id || `call_${request.messages.length}_${index}`,
      tool: call.name,
      argsText: call.args || "{}",
    })),
  ];
}

function usageOf({ prompt_tokens, completion_tokens, prompt_tokens_details }: z.infer<typeof Used>): Usage {
  return {
    inputTokens: prompt_tokens,
    cachedInputTokens: prompt_tokens_details?.cached_tokens ?? 0,
    cacheWriteTokens: prompt_tokens_details?.cache_write_tokens ?? 0,
    outputTokens: completion_tokens,
  };
}
