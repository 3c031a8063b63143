import { describe, expect, test } from "vitest";
import type { Message, ReplyPart } from "../../src/contracts/message.ts";
import type { ModelRequest } from "../../src/contracts/model.ts";
import { asker, having, partsOf, requestOf } from "./ask.ts";
import { streamed, text, thinking, toolUse, whole } from "./fixtures/messages.ts";

const { asking, streaming } = asker("anthropic");

function said(...parts: readonly ReplyPart[]): ModelRequest {
  const messages: readonly Message[] = [{ role: "assistant", parts }];
  return requestOf("anthropic", { messages });
}

const hi = whole([text("Hi.")], "end_turn");
const failure = (code: string, retryable: boolean) => ({ stop: "failed", failure: { code, retryable } });

describe("what Anthropic is asked", () => {
  test("is the conversation under its instructions", async () => {
    const { body } = await asking(hi);
    expect(body).toEqual({
      model: "test-model",
      max_tokens: 1_000,
      system: "Help.",
      messages: [{ role: "user", content: "Where is my order?" }],
      tools: [
        {
          name: "get_order",
          description: "Reads an order.",
          input_schema: having({ type: "object" }),
        },
      ],
    });
  });

  test("takes the operator's settings, but none that the runtime relies on", async () => {
    const plain = requestOf("anthropic");
    const settings = {
      thinking: { type: "adaptive" },
      cache_control: { type: "ephemeral" },
      max_tokens: 9,
      system: "no",
      stream: true,
    };
    const { body } = await asking(hi, { ...plain, model: { ...plain.model, settings } });
    expect(body).toMatchObject({
      thinking: { type: "adaptive" },
      cache_control: { type: "ephemeral" },
      max_tokens: 1_000,
      system: "Help.",
    });
  });

  test("carries a reply back in its order: signed thinking before the call that it led to", async () => {
    const { reply } = await asking(
      whole(
        [
          thinking("sig-1"),
          { type: "redacted_thinking", data: "x" },
          text("Looking."),
          toolUse(0, "get_order", { orderId: "o-1" }),
        ],
        "tool_use",
      ),
    );
    const { body } = await asking(hi, said(...partsOf(reply)));
    expect(body).toMatchObject({
      messages: [
        {
          role: "assistant",
          content: [
            thinking("sig-1"),
            { type: "redacted_thinking", data: "x" },
            { type: "text", text: "Looking." },
            { type: "tool_use", id: "toolu_0", name: "get_order", input: { orderId: "o-1" } },
          ],
        },
      ],
    });
  });

  test("carries streamed thinking back with its signature", async () => {
    const { reply } = await streaming(streamed([thinking("sig-1"), text("Hi.")], "end_turn"));
    expect(partsOf(reply)[0]).toEqual({ type: "opaque", protocol: "anthropic", item: thinking("sig-1") });
  });

  test("is spared what another protocol's model thought, and a turn of which nothing is left", async () => {
    const opaque: ReplyPart = { type: "opaque", protocol: "openai-responses", item: { type: "reasoning" } };
    expect((await asking(hi, said(opaque, { type: "text", text: "Hi." }))).body).toMatchObject({
      messages: [{ content: [{ type: "text", text: "Hi." }] }],
    });
    expect((await asking(hi, said(opaque, { type: "text", text: "" }))).body).not.toHaveProperty("messages");
  });

  test.each([
    ['{"a": 1, "b": [2]}', { a: 1, b: [2] }],
    ['{"orderId": ', { invalid_json: '{"orderId": ' }],
    ["[1]", { invalid_json: "[1]" }],
    ["7", { invalid_json: "7" }],
  ])("carries the arguments %s back", async (argsText, input) => {
    const { body } = await asking(
      hi,
      said({ type: "call", providerCallId: 'toolu_"0"', tool: "get_order", argsText }),
    );
    expect(body).toMatchObject({
      messages: [{ content: [{ type: "tool_use", id: 'toolu_"0"', name: "get_order", input }] }],
    });
  });

  test("carries all results of a turn back in one message, failures marked", async () => {
    const error = { code: "denied_by_human", message: "No.", retryable: false } as const;
    const results = [
      { providerCallId: "toolu_0", tool: "get_order", outcome: { ok: true, output: 7 } },
      { providerCallId: "toolu_1", tool: "get_order", outcome: { ok: false, error } },
    ] as const;
    const { body } = await asking(hi, requestOf("anthropic", { messages: [{ role: "tool", results }] }));
    expect(body).toMatchObject({
      messages: [
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "toolu_0", content: "7" },
            {
              type: "tool_result",
              tool_use_id: "toolu_1",
              content: JSON.stringify({ error }),
              is_error: true,
            },
          ],
        },
      ],
    });
  });
});

describe("what Anthropic answers", () => {
  test("counts its cached input apart, which here is part of the whole", async () => {
    const usage = {
      input_tokens: 10,
      cache_read_input_tokens: 60,
      cache_creation_input_tokens: 30,
      output_tokens: 5,
    };
    expect((await asking(whole([text("Hi.")], "end_turn", { usage }))).reply).toMatchObject({
      usage: { inputTokens: 100, cachedInputTokens: 60, cacheWriteTokens: 30, outputTokens: 5 },
    });
  });

  test("streamed, is counted by its last word, and by its first where that says nothing", async () => {
    const { reply } = await streaming(streamed([text("Hi.")], "end_turn"));
    expect(reply).toMatchObject({ usage: { inputTokens: 120, cachedInputTokens: 20, outputTokens: 30 } });
  });

  test.each([
    ["max_tokens", failure("cut_off", false)],
    ["model_context_window_exceeded", failure("context_too_long", false)],
    ["pause_turn", failure("invalid_request", false)],
    [null, failure("malformed", true)],
  ])("that stops by %s is a typed failure, streamed or not", async (stop, expected) => {
    const content = [text("This is as far as I "), toolUse(0, "get_order", {})];
    expect((await asking(whole(content, stop))).reply).toMatchObject({
      ...expected,
      usage: { outputTokens: 30 },
    });
    expect((await streaming(streamed(content, stop))).reply).toMatchObject({
      ...expected,
      usage: { outputTokens: 30 },
    });
  });

  test("may be that it declines, and what it began to propose is void", async () => {
    const content = [text("Well, "), toolUse(0, "get_order", {})];
    const why = { stop_details: { type: "refusal", category: "cyber", explanation: "Not this." } };
    const refused = { stop: "refusal", parts: [{ type: "text" }, { type: "refusal", text: "Not this." }] };
    expect((await asking(whole(content, "refusal", why))).reply).toMatchObject(refused);
    expect((await streaming(streamed(content, "refusal", why))).reply).toMatchObject(refused);
    expect((await asking(whole([], "refusal"))).reply).toMatchObject({
      stop: "refusal",
      parts: [{ text: "The model declined." }],
    });
  });

  test("that is empty or without usage is malformed", async () => {
    expect((await asking(whole([], "end_turn"))).reply).toMatchObject(failure("malformed", true));
    expect((await asking(whole([thinking("s")], "end_turn"))).reply).toMatchObject(
      failure("malformed", true),
    );
    expect((await asking(whole([text("Hi.")], "end_turn", { usage: {} }))).reply).toMatchObject(
      failure("malformed", true),
    );
  });
});
