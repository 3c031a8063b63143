import { describe, expect, test } from "vitest";
import type { Message, ReplyPart } from "../../src/contracts/message.ts";
import type { ModelRequest } from "../../src/contracts/model.ts";
import { asker, having, partsOf, requestOf } from "./ask.ts";
import { call, message, reasoning, whole } from "./fixtures/responses.ts";

const { asking } = asker("openai");

function talk(...messages: readonly Message[]): ModelRequest {
  return requestOf("openai", { messages });
}

function said(...parts: readonly ReplyPart[]): Message {
  return { role: "assistant", parts };
}

describe("what OpenAI's Responses API is asked", () => {
  test("is the whole conversation, its tools, and to store nothing", async () => {
    const { body } = await asking(whole([message("Hi.")]));
    expect(body).toEqual({
      model: "test-model",
      instructions: "Help.",
      max_output_tokens: 1_000,
      store: false,
      include: ["reasoning.encrypted_content"],
      input: [{ role: "user", content: "Where is my order?" }],
      tools: [
        {
          type: "function",
          name: "get_order",
          description: "Reads an order.",
          parameters: having({ type: "object" }),
          strict: false,
        },
      ],
    });
  });

  test("has nothing in it that is empty", async () => {
    const { body } = await asking(whole([message("Hi.")]), {
      ...requestOf("openai"),
      instructions: "",
      tools: [],
    });
    expect(body).not.toHaveProperty("instructions");
    expect(body).not.toHaveProperty("tools");
  });

  test.each([
    ["gpt-4o", undefined],
    ["gpt-4.1-mini", undefined],
    ["gpt-5-chat-latest", undefined],
    ["gpt-5.4", ["reasoning.encrypted_content"]],
    ["o4-mini", ["reasoning.encrypted_content"]],
    ["a-model-of-tomorrow", ["reasoning.encrypted_content"]],
  ])("of %s is encrypted reasoning only if it may reason", async (model, include) => {
    const plain = requestOf("openai");
    const { body } = await asking(whole([message("Hi.")]), { ...plain, model: { ...plain.model, model } });
    expect(body).toHaveProperty("model", model);
    expect((body as { include?: unknown }).include).toEqual(include);
  });

  test("takes the operator's settings, but none that the runtime relies on", async () => {
    const plain = requestOf("openai");
    const settings = {
      reasoning: { effort: "low" },
      include: [],
      store: true,
      model: "other",
      max_output_tokens: 9,
      input: "no",
      tools: ["no"],
    };
    const { body } = await asking(whole([message("Hi.")]), { ...plain, model: { ...plain.model, settings } });
    expect(body).toMatchObject({
      reasoning: { effort: "low" },
      include: [],
      store: false,
      model: "test-model",
      max_output_tokens: 1_000,
      input: [{ role: "user" }],
      tools: [{ name: "get_order" }],
    });
  });

  test("carries results back to the calls that they are for, failed ones with their envelope", async () => {
    const error = { code: "not_found", message: "No such order.", retryable: false } as const;
    const results = [
      { providerCallId: "call_0", tool: "get_order", outcome: { ok: true, output: { status: "sent" } } },
      { providerCallId: "call_1", tool: "get_order", outcome: { ok: true, output: "as text" } },
      { providerCallId: "call_2", tool: "get_order", outcome: { ok: false, error } },
      {
        providerCallId: "call_3",
        tool: "get_order",
        outcome: {
          ok: true,
          output: null,
          artifact: { sha256: "a".repeat(64), bytes: 1_000_000, preview: "begin" },
        },
      },
    ] as const;
    const { body } = await asking(whole([message("Hi.")]), talk({ role: "tool", results }));
    expect(body).toMatchObject({
      input: [
        { type: "function_call_output", call_id: "call_0", output: '{"status":"sent"}' },
        { type: "function_call_output", call_id: "call_1", output: "as text" },
        { type: "function_call_output", call_id: "call_2", output: JSON.stringify({ error }) },
        {
          type: "function_call_output",
          call_id: "call_3",
          output: JSON.stringify({ artifact: "a".repeat(64), bytes: 1_000_000, preview: "begin" }),
        },
      ],
    });
  });

  test("carries a reply back in its order, its own items unchanged and other protocols' left out", async () => {
    const parts: readonly ReplyPart[] = [
      { type: "opaque", protocol: "openai-responses", item: { ...reasoning("rs_1") } as never },
      { type: "opaque", protocol: "anthropic", item: { type: "thinking", signature: "s" } },
      { type: "text", text: "Looking." },
      { type: "call", providerCallId: "call_0", tool: "get_order", argsText: '{ "orderId": "o-1" }' },
      { type: "refusal", text: "Not that." },
    ];
    const { body } = await asking(whole([message("Hi.")]), talk(said(...parts)));
    expect(body).toMatchObject({
      input: [
        reasoning("rs_1"),
        { role: "assistant", content: "Looking." },
        { type: "function_call", call_id: "call_0", name: "get_order", arguments: '{ "orderId": "o-1" }' },
        { role: "assistant", content: "Not that." },
      ],
    });
  });

  test("hands back what a message was for", async () => {
    const { reply } = await asking(
      whole([
        { ...message("Thinking aloud."), phase: "commentary" },
        { ...message("Done."), phase: "final_answer" },
      ]),
    );
    const { body } = await asking(whole([message("Hi.")]), talk(said(...partsOf(reply))));
    expect(body).toMatchObject({
      input: [
        { role: "assistant", content: "Thinking aloud.", phase: "commentary" },
        { role: "assistant", content: "Done.", phase: "final_answer" },
      ],
    });
  });
});

describe("what OpenAI's Responses API answers", () => {
  test("counts cached and newly cached tokens as parts of the input", async () => {
    const usage = {
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 60, cache_write_tokens: 30 },
      output_tokens: 5,
    };
    const { reply } = await asking(whole([message("Hi.")], { usage }));
    expect(reply).toMatchObject({
      usage: { inputTokens: 100, cachedInputTokens: 60, cacheWriteTokens: 30, outputTokens: 5 },
    });
  });

  test("may leave the parts of its input uncounted", async () => {
    const { reply } = await asking(
      whole([message("Hi.")], { usage: { input_tokens: 100, input_tokens_details: null, output_tokens: 5 } }),
    );
    expect(reply).toMatchObject({ usage: { inputTokens: 100, cachedInputTokens: 0, cacheWriteTokens: 0 } });
  });

  test("names who served it", async () => {
    expect((await asking(whole([message("Hi.")]))).reply).toMatchObject({
      servedBy: "gpt-5.4-mini-2026-03-17",
    });
    expect((await asking(whole([message("Hi.")], { model: null }))).reply).toMatchObject({
      servedBy: "test-model",
    });
  });

  test("may be that it declines", async () => {
    const content = [{ type: "refusal", refusal: "I cannot help with that." }];
    const { reply } = await asking(whole([{ ...message(""), content }]));
    expect(reply).toMatchObject({
      stop: "refusal",
      parts: [{ type: "refusal", text: "I cannot help with that." }],
    });
  });

  test("that a filter stopped is a refusal, and what it began to propose is void", async () => {
    const filtered = { status: "incomplete", incomplete_details: { reason: "content_filter" } };
    const { reply } = await asking(whole([message("Well, "), call(0, "get_order", {})], filtered));
    expect(reply).toMatchObject({ stop: "refusal", parts: [{ type: "text" }, { type: "refusal" }] });
  });

  test("that failed on its way is told by its code", async () => {
    const broken = { status: "failed", error: { code: "server_error", message: "Something broke." } };
    expect((await asking(whole([], broken))).reply).toMatchObject({
      failure: { code: "unavailable", message: "Something broke.", retryable: true },
    });
  });

  test.each(["queued", "in_progress", "cancelled"])("that is %s is no reply", async (status) => {
    expect((await asking(whole([], { status }))).reply).toMatchObject({ failure: { code: "malformed" } });
  });

  test.each([
    ["nothing at all", []],
    ["an empty text", [message("")]],
    ["reasoning alone", [reasoning("rs_1")]],
  ])("with %s is malformed", async (_what, output) => {
    expect((await asking(whole(output))).reply).toMatchObject({
      failure: { code: "malformed", retryable: true },
      usage: { inputTokens: 120 },
    });
  });

  test("without usage is malformed: it could not be paid for", async () => {
    expect((await asking(whole([message("Hi.")], { usage: null }))).reply).toMatchObject({
      failure: { code: "malformed" },
    });
  });

  test.each([
    ["two calls with one id", [call(0, "get_order", {}), call(0, "get_order", {})]],
    ["a call without an id", [{ ...call(0, "get_order", {}), call_id: "" }]],
    ["a call without a name", [call(0, "", {})]],
    ["a call with an endless name", [call(0, "x".repeat(201), {})]],
    ["a call whose arguments are no text", [{ ...call(0, "get_order", {}), arguments: {} }]],
    ["a message of an unknown kind", [{ ...message(""), content: [{ type: "hologram" }] }]],
  ])("with %s is malformed", async (_what, output) => {
    expect((await asking(whole(output))).reply).toMatchObject({
      failure: { code: "malformed", retryable: true },
    });
  });

  test("with a call without arguments gives it none", async () => {
    const { reply } = await asking(whole([{ ...call(0, "list_orders", {}), arguments: "" }]));
    expect(partsOf(reply)).toMatchObject([{ type: "call", argsText: "{}" }]);
  });

  test("keeps its reasoning and its own items, each at its place and as it came", async () => {
    const own = { type: "web_search_call", id: "ws_1", status: "completed" };
    const { reply } = await asking(whole([reasoning("rs_1"), own, message("Hi.")]));
    expect(partsOf(reply)).toEqual([
      { type: "opaque", protocol: "openai-responses", item: reasoning("rs_1") },
      { type: "opaque", protocol: "openai-responses", item: own },
      { type: "text", text: "Hi." },
    ]);
  });

  test("with reasoning that nobody can hand back drops it", async () => {
    const inTheClear = { ...reasoning("rs_1"), encrypted_content: null };
    const { reply } = await asking(whole([inTheClear, message("Hi.")]));
    expect(partsOf(reply)).toEqual([{ type: "text", text: "Hi." }]);
  });

  test("keeps arguments as the text that they came as, however odd", async () => {
    const odd = '{"amountCents": 9007199254740993, "amountCents": 1 ';
    const { reply } = await asking(whole([{ ...call(0, "get_order", {}), arguments: odd }]));
    expect(partsOf(reply)).toMatchObject([{ argsText: odd }]);
  });
});
