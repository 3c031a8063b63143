import { describe, expect, test } from "vitest";
import type { Message } from "../../src/contracts/message.ts";
import type { ModelProviderName } from "../../src/contracts/model.ts";
import { type Canned, asker, having, partsOf, requestOf, sse } from "./ask.ts";
import { call, chunksOf, streamed, whole } from "./fixtures/chat.ts";

const { asking, streaming } = asker("openai-chat");

const hi = whole({ content: "Hi." }, "stop");

function chunked(chunks: readonly object[]): Canned {
  return sse(chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join(""));
}

describe("what a chat completion is asked", () => {
  test("begins with the instructions", async () => {
    const { body } = await asking(hi);
    expect(body).toEqual({
      model: "test-model",
      max_completion_tokens: 1_000,
      messages: [
        { role: "system", content: "Help." },
        { role: "user", content: "Where is my order?" },
      ],
      tools: [
        {
          type: "function",
          function: {
            name: "get_order",
            description: "Reads an order.",
            parameters: having({ type: "object" }),
          },
        },
      ],
    });
  });

  test("has nothing in it that is empty", async () => {
    const { body } = await asking(hi, { ...requestOf("openai-chat"), instructions: "", tools: [] });
    expect(body).toMatchObject({ messages: [{ role: "user" }] });
    expect(body).not.toHaveProperty("tools");
  });

  test("with a stream, asks for its usage too", async () => {
    expect((await streaming(streamed({ content: "Hi." }, "stop"))).body).toMatchObject({
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  test.each([
    ["openai-chat", {}, "max_completion_tokens"],
    ["openai-compatible", {}, "max_tokens"],
    ["openai-compatible", { max_completion_tokens: 9 }, "max_completion_tokens"],
  ] as const)("of %s with the settings %j, limits its output as %s", async (provider, settings, name) => {
    const plain = requestOf(provider satisfies ModelProviderName);
    const { body } = await asking(hi, { ...plain, model: { ...plain.model, settings } });
    expect(body).toHaveProperty(name, 1_000);
    expect(Object.keys(body as object).filter((key) => key.startsWith("max_"))).toEqual([name]);
  });

  test("carries a turn back: text and calls in one message, then a result for each", async () => {
    const messages: readonly Message[] = [
      {
        role: "assistant",
        parts: [
          { type: "opaque", protocol: "anthropic", item: { type: "thinking" } },
          { type: "text", text: "Looking." },
          { type: "call", providerCallId: "call_0", tool: "get_order", argsText: "{}" },
          { type: "call", providerCallId: "call_1", tool: "get_order", argsText: "{}" },
        ],
      },
      {
        role: "tool",
        results: [
          { providerCallId: "call_0", tool: "get_order", outcome: { ok: true, output: { status: "sent" } } },
          {
            providerCallId: "call_1",
            tool: "get_order",
            outcome: { ok: false, error: { code: "timeout", message: "late", retryable: true } },
          },
        ],
      },
    ];
    const { body } = await asking(hi, requestOf("openai-chat", { instructions: "", messages }));
    const toolCall = (id: string) => ({
      id,
      type: "function",
      function: { name: "get_order", arguments: "{}" },
    });
    expect(body).toMatchObject({
      messages: [
        { role: "assistant", content: "Looking.", tool_calls: [toolCall("call_0"), toolCall("call_1")] },
        { role: "tool", tool_call_id: "call_0", content: '{"status":"sent"}' },
        {
          role: "tool",
          tool_call_id: "call_1",
          content: '{"error":{"code":"timeout","message":"late","retryable":true}}',
        },
      ],
    });
  });

  test("says null for a text that was not there, and leaves out a turn of which nothing can be said", async () => {
    const messages: readonly Message[] = [
      {
        role: "assistant",
        parts: [{ type: "call", providerCallId: "call_0", tool: "get_order", argsText: "{}" }],
      },
      { role: "assistant", parts: [{ type: "opaque", protocol: "anthropic", item: { type: "thinking" } }] },
      { role: "assistant", parts: [{ type: "refusal", text: "No." }] },
    ];
    const { body } = await asking(hi, requestOf("openai-chat", { instructions: "", messages }));
    expect(body).toMatchObject({ messages: [{ content: null }, { role: "assistant", content: "No." }] });
  });
});

describe("what a chat completion answers", () => {
  test.each([false, true])("may be that it declines (streamed: %s)", async (isStreamed) => {
    const said = { refusal: "I cannot help with that." };
    const { reply } = isStreamed
      ? await streaming(streamed(said, "stop"))
      : await asking(whole(said, "stop"));
    expect(reply).toMatchObject({
      stop: "refusal",
      parts: [{ type: "refusal", text: "I cannot help with that." }],
    });
  });

  test("that a filter stopped is a refusal, and what it began to propose is void", async () => {
    const { reply } = await asking(
      whole({ content: "Well, ", tool_calls: [call(0, "get_order", {})] }, "content_filter"),
    );
    expect(reply.stop).toBe("refusal");
    expect(partsOf(reply).map((part) => part.type)).toEqual(["text", "refusal"]);
  });

  test.each(["stop", "tool_calls", "function_call", "eos"])(
    "with calls proposes them, though it says that it ended by %s",
    async (finish) => {
      const { reply } = await asking(whole({ tool_calls: [call(0, "get_order", {})] }, finish));
      expect(reply).toMatchObject({ stop: "calls", parts: [{ type: "call", tool: "get_order" }] });
    },
  );

  test("that does not say why it ended is malformed", async () => {
    expect((await asking(whole({ content: "Hi." }, null))).reply).toMatchObject({
      failure: { code: "malformed" },
    });
  });

  test("without choices, text or usage is malformed", async () => {
    expect((await asking(whole({}, "stop", { choices: [] }))).reply).toMatchObject({
      failure: { code: "malformed" },
    });
    expect((await asking(whole({ content: "" }, "stop"))).reply).toMatchObject({
      failure: { code: "malformed" },
    });
    expect((await asking(whole({ content: "Hi." }, "stop", { usage: null }))).reply).toMatchObject({
      failure: { code: "malformed" },
    });
  });

  test("names who served it, or what was asked for", async () => {
    expect((await asking(whole({ content: "Hi." }, "stop"))).reply).toMatchObject({
      servedBy: "gpt-4.1-mini-2025-04-14",
    });
    expect((await asking(whole({ content: "Hi." }, "stop", { model: "" }))).reply).toMatchObject({
      servedBy: "test-model",
    });
  });

  test("gives calls without ids some that are new in the conversation", async () => {
    const nameless = { ...call(0, "get_order", {}), id: undefined };
    const twice = [nameless, { ...nameless, id: "" }];
    const ids = partsOf((await asking(whole({ tool_calls: twice }, "tool_calls"))).reply).map(
      (part) => part.type === "call" && part.providerCallId,
    );
    expect(ids).toEqual(["call_1_0", "call_1_1"]);
  });

  test("with a call without arguments gives it none", async () => {
    const bare = { ...call(0, "list_orders", {}), function: { name: "list_orders" } };
    expect(partsOf((await asking(whole({ tool_calls: [bare] }, "tool_calls"))).reply)).toMatchObject([
      { argsText: "{}" },
    ]);
  });

  test("streamed with calls that are not numbered, puts their pieces together", async () => {
    const chunks = chunksOf(
      {
        tool_calls: [call(0, "get_order", { orderId: "o-1" }), call(1, "list_orders", { page: 12_345_678 })],
      },
      "tool_calls",
    );
    const unnumbered: unknown = JSON.parse(
      JSON.stringify(chunks, (key, value: unknown) => (key === "index" ? undefined : value)),
    );
    const { reply } = await streaming(chunked(unnumbered as readonly object[]));
    expect(partsOf(reply)).toMatchObject([
      { tool: "get_order", argsText: '{"orderId":"o-1"}' },
      { tool: "list_orders", argsText: '{"page":12345678}' },
    ]);
  });

  test("streamed without a word of usage is malformed", async () => {
    const chunks = chunksOf({ content: "Hi." }, "stop").slice(0, -1);
    expect((await streaming(chunked(chunks))).reply).toMatchObject({
      failure: { code: "malformed", message: "The reply does not tell what it used." },
    });
  });

  test("with an error in place of a reply is told by it, streamed or not", async () => {
    const error = { error: { code: "rate_limit_exceeded", message: "Slow down." } };
    const limited = { failure: { code: "rate_limited", message: "Slow down.", retryable: true } };
    expect((await asking({ body: error })).reply).toMatchObject(limited);
    expect((await streaming(chunked([error]))).reply).toMatchObject(limited);
  });
});
