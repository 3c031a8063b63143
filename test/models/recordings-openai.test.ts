import { describe, expect, test } from "vitest";
import { z } from "zod";
import { JsonObject } from "../../src/contracts/json.ts";
import type { Message } from "../../src/contracts/message.ts";
import type { ModelReply, ModelRequest, ToolSketch } from "../../src/contracts/model.ts";
import { type Canned, containing, json, partsOf, requestOf, sse } from "./ask.ts";
import {
  Members,
  type Protocol,
  answerOf,
  bodyOf,
  interactionsOf,
  jsonOf,
  leadAgain,
  overRecordings,
  recorded,
  replaying,
  streamOf,
  without,
} from "./recordings.ts";

const Item = z.looseObject({ role: z.string().optional(), type: z.string().optional() });
const Text = z
  .string()
  .nullish()
  .transform((text) => text ?? "");
const FunctionTool = z.object({ name: z.string(), description: Text, parameters: JsonObject });

/** What our requests say of themselves and the recorded ones do not, or the other way round. */
const ASIDE = new Set([
  "stream",
  "stream_options",
  "store",
  "include",
  "tool_choice",
  "n",
  "strict",
  "max_output_tokens",
  "max_completion_tokens",
]);

/** A member that says what its absence would say too, or that is said for another reason than the conversation. */
function isAside(name: string, member: unknown): boolean {
  return ASIDE.has(name) || member === null || (name === "instructions" && member === "");
}

const ResponsesBody = z.looseObject({
  model: z.string(),
  instructions: Text,
  input: z.array(Item),
  tools: z.array(FunctionTool).default([]),
});

const responses: Protocol = {
  name: "openai",
  requestLike: (body) => {
    const { model, instructions, input, tools } = ResponsesBody.parse(body);
    const messages = input.map((item) => ({ role: "user", text: String(item["content"]) }) as const);
    return asked("openai", { model, instructions, messages, tools: tools.map(sketchOf) });
  },
  resultsIn: (body) =>
    ResponsesBody.parse(body)
      .input.filter((item) => item.type === "function_call_output")
      .map((item) => String(item["output"])),
  lastUserText: (body) => String(ResponsesBody.parse(body).input.at(-1)?.["content"]),
  comparable: (body) => {
    const { input, ...rest } = ResponsesBody.parse(body);
    const said = input.filter((item) => item["content"] !== "");
    return without({ ...rest, input: inOrder(said, "call_id") }, isAside);
  },
};

const ChatTool = z.object({ function: FunctionTool });
const ChatBody = z.looseObject({
  model: z.string(),
  messages: z.array(Item),
  tools: z.array(ChatTool).default([]),
});

const chat: Protocol = {
  name: "openai-chat",
  requestLike: (body) => {
    const { model, messages, tools } = ChatBody.parse(body);
    const said = (role: string) =>
      messages.filter((message) => message.role === role).map((message) => String(message["content"]));
    const instructions = said("system").join("\n");
    const asking: readonly Message[] = said("user").map((text) => ({ role: "user", text }));
    return asked("openai-chat", {
      model,
      instructions,
      messages: asking,
      tools: tools.map((tool) => sketchOf(tool.function)),
    });
  },
  resultsIn: (body) =>
    ChatBody.parse(body)
      .messages.filter((message) => message.role === "tool")
      .map((message) => String(message["content"])),
  lastUserText: (body) =>
    String(ChatBody.parse(body).messages.findLast((message) => message.role === "user")?.["content"]),
  comparable: (body) => without(ChatBody.parse(body), isAside),
};

function sketchOf({ name, description, parameters }: z.infer<typeof FunctionTool>): ToolSketch {
  return { name, description, inputSchema: parameters };
}

function asked(
  provider: "openai" | "openai-chat",
  {
    model,
    ...given
  }: { model: string; instructions: string; messages: readonly Message[]; tools: readonly ToolSketch[] },
): ModelRequest {
  const plain = requestOf(provider, given);
  return { ...plain, model: { ...plain.model, model } };
}

/** One recorded library sent an item's id back where the call's belongs, so that ids are compared by where they come again. */
function inOrder(items: readonly Members[], name: string): readonly Members[] {
  const seen = [...new Set(items.map((item) => item[name]).filter((id) => id !== undefined))];
  return items.map((item) =>
    item[name] === undefined ? item : { ...item, [name]: seen.indexOf(item[name]) },
  );
}

describe.skipIf(!recorded)(overRecordings("recorded conversations with OpenAI, led again"), () => {
  test.each([
    [responses, "openai_responses/tool_call.json"],
    [responses, "openai_responses/stream_tool.json"],
    [responses, "openai_responses/retry_parallel.json"],
    [chat, "openai_chat/tool_calls.json"],
    [chat, "openai_chat/stream.json"],
  ] as const)("$name, %s", async (protocol, file) => {
    const { replies, requests } = await leadAgain(protocol, interactionsOf(file));
    expect(requests.length).toBe(2);
    for (const { ours, theirs } of requests) expect(ours).toEqual(theirs);
    expect(replies.map((reply) => reply.stop)).toEqual(["calls", "end"]);
  });
});

describe.skipIf(!recorded)(overRecordings("recorded replies of OpenAI"), () => {
  test("encrypted reasoning is kept, and goes back as it came, before the message that it led to", async () => {
    const answer = jsonOf("openai_responses/vercel_openai-reasoning-encrypted-content.1.json");
    const { reply, sent } = replaying("openai", [json(answer)]);
    const asking = requestOf("openai");
    const first = await reply(asking);
    expect(textIn(first)).toContain("Final result: 570");
    await reply({
      ...asking,
      messages: [
        ...asking.messages,
        { role: "assistant", parts: partsOf(first) },
        { role: "user", text: "Again." },
      ],
    });
    const [, reasoning, message] = ResponsesBody.parse(sent[1]?.body).input;
    expect(reasoning).toEqual(z.object({ output: z.array(Members) }).parse(answer).output[0]);
    expect(message).toMatchObject({ role: "assistant", content: containing("570") });
  });

  test("reasoning is asked for in a form that can be handed back", async () => {
    const { reply, sent } = replaying("openai", [json(null)]);
    await reply(asked("openai", { model: "gpt-5-mini", instructions: "", messages: [], tools: [] }));
    expect(sent[0]?.body).toMatchObject({ store: false, include: ["reasoning.encrypted_content"] });
  });

  test("a response with its reasoning in the clear is a text, counted with its reasoning", async () => {
    const [first, second] = interactionsOf("openai_chat/reasoning.json");
    expect(await one("openai", first && answerOf(first))).toMatchObject({
      stop: "end",
      usage: { inputTokens: 13, outputTokens: 1_915 },
    });
    expect(await one("openai-chat", second && answerOf(second))).toMatchObject({ stop: "end" });
  });

  test("a long chat goes to the model as it was recorded", async () => {
    const second = interactionsOf("openai_chat/reasoning.json")[1];
    if (second === undefined) throw new Error("the recording has two exchanges");
    const [question, answer, again] = ChatBody.parse(bodyOf(second)).messages;
    const { reply, sent } = replaying("openai-chat", [answerOf(second)]);
    await reply(
      asked("openai-chat", {
        model: "o3-mini",
        instructions: "",
        messages: [
          { role: "user", text: String(question?.["content"]) },
          { role: "assistant", parts: [{ type: "text", text: String(answer?.["content"]) }] },
          { role: "user", text: String(again?.["content"]) },
        ],
        tools: [],
      }),
    );
    expect(chat.comparable(Members.parse(sent[0]?.body))).toEqual(
      without(chat.comparable(bodyOf(second)), (name) => name === "reasoning_effort"),
    );
  });

  test("the replies of a conversation that the provider keeps are read like any other", async () => {
    const stops = await Promise.all(
      interactionsOf("openai_responses/previous_response_id.json").map(
        async (interaction) => (await one("openai", answerOf(interaction))).stop,
      ),
    );
    expect(stops).toEqual(["end", "calls", "calls", "end"]);
  });

  test("a response that is not finished yet is no reply", async () => {
    const outcomes = await Promise.all(
      interactionsOf("openai_responses/background_tool.json").map(async (interaction) => {
        const reply = await one("openai", answerOf(interaction));
        return reply.stop === "failed" ? reply.failure.code : reply.stop;
      }),
    );
    expect(outcomes).toEqual(["malformed", "calls", "malformed", "malformed", "end"]);
  });

  test("a reply in which only the provider's own tools speak is empty, and told so", async () => {
    const reply = await one(
      "openai",
      sse(streamOf("openai_responses/vercel_openai-mcp-tool-approval.1.chunks.txt")),
    );
    expect(reply).toMatchObject({
      stop: "failed",
      failure: { code: "malformed" },
      usage: { inputTokens: 422 },
    });
  });

  test("items of the provider's own tools beside a text are kept", async () => {
    const reply = await one(
      "openai",
      json(jsonOf("openai_responses/vercel_openai-mcp-tool-approval.2.json")),
    );
    expect(partsOf(reply)).toMatchObject([
      { type: "opaque", item: { type: "mcp_list_tools" } },
      { type: "text" },
    ]);
  });
});

function one(provider: "openai" | "openai-chat", answer: Canned | undefined): Promise<ModelReply> {
  return replaying(provider, [answer ?? json(null)]).reply(requestOf(provider));
}

function textIn(reply: ModelReply): string {
  return partsOf(reply)
    .flatMap((part) => (part.type === "text" ? [part.text] : []))
    .join("");
}
