import { describe, expect, test } from "vitest";
import { z } from "zod";
import { JsonObject } from "../../src/contracts/json.ts";
import type { ModelReply } from "../../src/contracts/model.ts";
import { type Canned, containing, json, matching, partsOf, requestOf, sse } from "./ask.ts";
import {
  type Members,
  type Protocol,
  answerOf,
  interactionsOf,
  jsonOf,
  leadAgain,
  overRecordings,
  recorded,
  replaying,
  streamOf,
  textOf,
  without,
} from "./recordings.ts";

const Block = z.looseObject({ type: z.string() });
const Turn = z.object({
  role: z.string(),
  content: z.union([z.string().transform((text) => [{ type: "text", text }]), z.array(Block)]),
});
const Tool = z.object({ name: z.string(), description: z.string(), input_schema: JsonObject });
const Body = z.looseObject({
  model: z.string(),
  max_tokens: z.int(),
  system: z.string().optional(),
  messages: z.array(Turn),
  tools: z.array(Tool).default([]),
});

const OURS = new Set(["model", "max_tokens", "system", "messages", "tools", "stream"]);

const protocol: Protocol = {
  name: "anthropic",
  requestLike: (body) => {
    const { model, max_tokens, system, messages, tools } = Body.parse(body);
    const plain = requestOf("anthropic");
    const settings = JsonObject.parse(without(body, (name) => OURS.has(name)));
    return {
      ...plain,
      model: { ...plain.model, model, maxOutputTokens: max_tokens, settings },
      instructions: system ?? "",
      messages: messages.map((turn) => ({ role: "user", text: textIn(turn.content) })),
      tools: tools.map(({ name, description, input_schema }) => ({
        name,
        description,
        inputSchema: input_schema,
      })),
    };
  },
  resultsIn: (body) =>
    Body.parse(body)
      .messages.flatMap(({ content }) => content)
      .filter((block) => block.type === "tool_result")
      .map((block) => String(block["content"])),
  lastUserText: (body) => textIn(Body.parse(body).messages.at(-1)?.content ?? []),
  comparable: (body) => {
    const { messages, ...rest } = Body.parse(body);
    const turns = messages.map(({ role, content }) => ({
      role,
      content: content.filter((block) => !isBlank(block)),
    }));
    return without(
      { ...rest, messages: turns },
      (name, member) => isDefault(name, member) || name === "caller",
    );
  },
};

function textIn(blocks: readonly Members[]): string {
  return blocks.map((block) => String(block["text"])).join("");
}

/** One library fills an empty text with a space, which the protocol wants of nobody. */
function isBlank(block: Members): boolean {
  return block["type"] === "text" && String(block["text"]).trim() === "";
}

/** A member that says what its absence would say too. */
function isDefault(name: string, member: unknown): boolean {
  return (
    member === null || (name === "is_error" && member === false) || (name === "stream" && member === false)
  );
}

describe.skipIf(!recorded)(overRecordings("recorded conversations with Anthropic, led again"), () => {
  test.each([
    "parallel_tool_calls.json",
    "tool_with_thinking.json",
    "tool_output.json",
    "server_mcp.json",
    "llm_test_tools.json",
  ])("%s: every request is like the recorded one, what came back included", async (file) => {
    const { replies, requests } = await leadAgain(protocol, interactionsOf(`anthropic/${file}`));
    expect(requests.length).toBe(2);
    for (const { ours, theirs } of requests) expect(ours).toEqual(theirs);
    for (const reply of replies) expect(reply.stop).not.toBe("failed");
  });

  test("thinking goes back with its signature, before the call that it led to", async () => {
    const { sent } = await leadAgain(protocol, interactionsOf("anthropic/tool_with_thinking.json"));
    const { messages } = Body.parse(sent[1]?.body);
    expect(messages[1]?.content.map((block) => block.type)).toEqual(["thinking", "text", "tool_use"]);
    expect(messages[1]?.content[0]).toHaveProperty("signature", matching(/^EqEE/));
  });

  test("four calls of one reply are four calls, in order", async () => {
    const [first] = (await leadAgain(protocol, interactionsOf("anthropic/parallel_tool_calls.json"))).replies;
    expect(first).toMatchObject({ stop: "calls", usage: { inputTokens: 423, outputTokens: 202 } });
    expect(callsIn(first).map((call) => call.argsText)).toEqual(
      ["Alice", "Bob", "Charlie", "Daisy"].map((name) => JSON.stringify({ name })),
    );
  });
});

describe.skipIf(!recorded)(overRecordings("recorded replies of Anthropic"), () => {
  test.each([
    ["empty_response.json", 0, "# Hi there! 👋\n\nHow can I help you today?"],
    ["opus5_features.json", 0, "2 + 2 = 4"],
    ["count_tokens.json", 1, containing("famous pangram")],
    ["prompted_output.json", 0, containing("Mexico City")],
    ["thinking_stream.json", 0, containing("Always prioritize safety over speed when crossing streets.")],
    ["code_exec_stream.json", 0, containing("-428,330,955.97745")],
  ])("%s, exchange %i, is a text", async (file, index, text) => {
    const interaction = interactionsOf(`anthropic/${file}`)[index];
    const reply = await only(interaction === undefined ? json(null) : answerOf(interaction));
    expect(reply.stop).toBe("end");
    expect(textOfReply(reply)).toEqual(text);
  });

  test("current models' output is counted with its thinking", async () => {
    const [interaction] = interactionsOf("anthropic/opus5_features.json");
    expect(await only(interaction === undefined ? json(null) : answerOf(interaction))).toMatchObject({
      usage: { inputTokens: 13, outputTokens: 44 },
      servedBy: "claude-opus-5",
    });
  });

  test.each([
    ["sdk_tool_use.sse", '{"location": "Paris"}'],
    ["vercel_anthropic-tool-no-args.chunks.txt", "{}"],
    [
      "vercel_anthropic-json-tool.1.chunks.txt",
      '{"elements": [{"location": "San Francisco", "temperature": 58, "condition": "sunny"}]}',
    ],
  ])(
    "the stream %s proposes a call whose arguments are the text that was streamed",
    async (file, argsText) => {
      const reply = await only(
        sse(file.endsWith(".sse") ? textOf(`anthropic/${file}`) : streamOf(`anthropic/${file}`)),
      );
      expect(callsIn(reply).map((call) => call.argsText)).toEqual([argsText]);
    },
  );

  test("two calls without arguments, streamed, are two calls", async () => {
    const [interaction] = interactionsOf("anthropic/llm_test_tools.json");
    const reply = await only(interaction === undefined ? json(null) : answerOf(interaction));
    expect(callsIn(reply).map((call) => call.argsText)).toEqual(["{}", "{}"]);
  });

  test("one call without arguments, streamed, is one call", async () => {
    const [interaction] = interactionsOf("anthropic/llm_test_stream_events_tool_calls.json");
    expect(callsIn(await only(interaction === undefined ? json(null) : answerOf(interaction)))).toHaveLength(
      1,
    );
  });

  test("a plain stream is a text, and its counts are those of its end", async () => {
    const reply = await only(sse(textOf("anthropic/sdk_basic.sse")));
    expect(textOfReply(reply)).toBe("Hello there!");
    expect(reply).toMatchObject({ usage: { inputTokens: 11, outputTokens: 6 } });
  });

  test("a stream that begins twice is malformed", async () => {
    const reply = await only(sse(streamOf("anthropic/vercel_duplicate-message-start.chunks.txt")));
    expect(reply).toMatchObject({ stop: "failed", failure: { code: "malformed", retryable: true } });
  });

  test.each([
    ["vercel_anthropic-mcp.1.json", ["mcp_tool_use", "mcp_tool_result"]],
    ["vercel_anthropic-web-fetch-tool.error.json", ["server_tool_use", "web_fetch_tool_result"]],
    ["vercel_anthropic-fallback.json", ["fallback"]],
  ])("%s: blocks that are the provider's own are kept as they are", async (file, kinds) => {
    const reply = await only(json(jsonOf(`anthropic/${file}`)));
    const opaque = partsOf(reply).flatMap((part) => (part.type === "opaque" ? [part.item] : []));
    expect(opaque).toMatchObject(kinds.map((type) => ({ type })));
    expect(reply.stop).toBe("end");
  });
});

function only(answer: Canned): Promise<ModelReply> {
  return replaying("anthropic", [answer]).reply(requestOf("anthropic"));
}

function textOfReply(reply: ModelReply): string {
  return partsOf(reply)
    .flatMap((part) => (part.type === "text" ? [part.text] : []))
    .join("");
}

function callsIn(reply: ModelReply | undefined) {
  return reply === undefined ? [] : partsOf(reply).filter((part) => part.type === "call");
}
