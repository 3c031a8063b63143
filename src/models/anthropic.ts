import { JsonObject } from "../contracts/json.ts";
import type { Message, ReplyPart } from "../contracts/message.ts";
import type { ModelRequest, ToolSketch } from "../contracts/model.ts";
import { follow, readAnswer } from "./anthropic-reply.ts";
import type { Dialect } from "./exchange.ts";
import { jsonBody, jsonItems, remembered } from "./request-body.ts";
import { resultText } from "./result-text.ts";
import { type WireOptions, anthropicWire } from "./wire.ts";

/** Anthropic's Messages API. Thinking comes back signed, and is handed back as it came, at its place in the reply. */
export function anthropicMessages(options: WireOptions): Dialect {
  const messageOf = remembered((message: Message) => turnText(message));
  const toolOf = remembered((tool: ToolSketch) => jsonItems([toolText(tool)]));
  return {
    wire: anthropicWire("/v1/messages", options),
    body: (request, streamed) =>
      jsonBody(headOf(request, streamed), {
        messages: request.messages.map(messageOf),
        tools: request.tools.map(toolOf),
      }),
    read: readAnswer,
    follow,
  };
}

function headOf({ model, instructions }: ModelRequest, streamed: boolean): object {
  return {
    ...model.settings,
    model: model.model,
    max_tokens: model.maxOutputTokens,
    ...(instructions === "" ? {} : { system: instructions }),
    ...(streamed ? { stream: true } : {}),
  };
}

function toolText({ name, description, inputSchema }: ToolSketch): object {
  return { name, description, input_schema: inputSchema };
}

function turnText(message: Message): string {
  switch (message.role) {
    case "user":
      return jsonItems([{ role: "user", content: message.text }]);
    case "assistant":
      return assistantText(message.parts);
    case "tool":
      return jsonItems([{ role: "user", content: message.results.map(resultBlock) }]);
  }
}

function resultBlock({
  providerCallId,
  outcome,
}: Extract<Message, { role: "tool" }>["results"][number]): object {
  return {
    type: "tool_result",
    tool_use_id: providerCallId,
    content: resultText(outcome),
    ...(outcome.ok ? {} : { is_error: true }),
  };
}

/** A turn of which nothing can be said in this protocol is left out, since an empty one is refused. */
function assistantText(parts: readonly ReplyPart[]): string {
  const blocks = parts.flatMap(blockText);
  return blocks.length === 0 ? "" : `{"role":"assistant","content":[${blocks.join(",")}]}`;
}

function blockText(part: ReplyPart): readonly string[] {
  switch (part.type) {
    case "text":
    case "refusal":
      return part.text === "" ? [] : [jsonItems([{ type: "text", text: part.text }])];
    case "call":
      return [
        `{"type":"tool_use","id":${JSON.stringify(part.providerCallId)},"name":${JSON.stringify(part.tool)},"input":${inputText(part.argsText)}}`,
      ];
    case "opaque":
      return part.protocol === "anthropic" ? [JSON.stringify(part.item)] : [];
  }
}

/** The input goes back as the model wrote it. What is no JSON object cannot, and is told as a text within one. */
function inputText(argsText: string): string {
  try {
    if (JsonObject.safeParse(JSON.parse(argsText)).success) return argsText;
  } catch {
    // Falls through: a text that is no JSON at all is told like one that is no object.
  }
  return JSON.stringify({ invalid_json: argsText });
}
