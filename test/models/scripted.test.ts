import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../src/contracts/json.ts";
import type { Message } from "../../src/contracts/message.ts";
import { type ModelReply, type ModelRequest, ScriptTurn } from "../../src/contracts/model.ts";
import type { Outcome } from "../../src/contracts/outcome.ts";
import { inputMessage } from "../../src/core/conversation.ts";
import { scriptedModel } from "../../src/models/scripted.ts";
import { anyNumber, ask, partsOf, requestOf } from "./ask.ts";

const ok = (output: Json): Outcome => ({ ok: true, output });

function playing(
  script: readonly ScriptTurn[],
  messages: readonly Message[] = [hello],
  attempt = 1,
): Promise<ModelReply> {
  return ask(scriptedModel({ "test-model": script }), requestOf("scripted", { messages, attempt }));
}

const hello: Message = { role: "user", text: "Where is my order?" };

/** A conversation in which the script's turns so far were played and their calls ended like this. */
async function after(
  script: readonly ScriptTurn[],
  outcomes: readonly (readonly Outcome[])[],
  input: Message = hello,
): Promise<readonly Message[]> {
  let messages: readonly Message[] = [input];
  for (const turn of outcomes) {
    const parts = partsOf(await playing(script, messages, 9));
    const calls = parts.filter((part) => part.type === "call");
    const results = turn.map((outcome, index) => ({
      providerCallId: calls[index]?.providerCallId ?? "",
      tool: calls[index]?.tool ?? "",
      outcome,
    }));
    messages = [...messages, { role: "assistant", parts }, { role: "tool", results }];
  }
  return messages;
}

function argsOf(reply: ModelReply): unknown {
  return partsOf(reply).flatMap((part) =>
    part.type === "call" ? [JSON.parse(part.argsText) as unknown] : [],
  );
}

const refund: readonly ScriptTurn[] = [
  { calls: [{ tool: "find_customer", args: { email: "mia@example.com" } }] },
  {
    calls: [
      { tool: "get_order", args: { orderId: "$0.result.orders[0].id" } },
      { tool: "get_order", args: { orderId: "$0.result.orders[1].id" } },
    ],
  },
  {
    calls: [
      {
        tool: "refund_order",
        args: { orderId: "$0.result.orders[0].id", amountCents: "$2.result.totalCents" },
      },
    ],
  },
  { text: "Refunded $1.result.totalCents cents as $3.result.refundId." },
];
const found = ok({ orders: [{ id: "o-1" }, { id: "o-2" }] });

describe("a script", () => {
  test("is played turn by turn, references filled in with what earlier calls gave, counted over all of them", async () => {
    expect(argsOf(await playing(refund))).toEqual([{ email: "mia@example.com" }]);
    expect(argsOf(await playing(refund, await after(refund, [[found]])))).toEqual([
      { orderId: "o-1" },
      { orderId: "o-2" },
    ]);
    const orders = [ok({ totalCents: 100 }), ok({ totalCents: 250 })];
    expect(argsOf(await playing(refund, await after(refund, [[found], orders])))).toEqual([
      { orderId: "o-1", amountCents: 250 },
    ]);
    const done = await playing(refund, await after(refund, [[found], orders, [ok({ refundId: "r-7" })]]));
    expect(done).toMatchObject({
      stop: "end",
      parts: [{ type: "text", text: "Refunded 100 cents as r-7." }],
    });
  });

  test("gives every call of a conversation an id of its own", async () => {
    const messages = await after(refund, [
      [found],
      [ok({ totalCents: 1 }), ok({ totalCents: 2 })],
      [ok({ refundId: "r" })],
    ]);
    const ids = messages.flatMap((message) =>
      message.role === "assistant"
        ? message.parts.flatMap((part) => (part.type === "call" ? [part.providerCallId] : []))
        : [],
    );
    expect(ids).toEqual(["call_0", "call_1", "call_2", "call_3"]);
  });

  test("is played the same from the same conversation, by any instance", async () => {
    const messages = await after(refund, [[found]]);
    const copy = structuredClone(messages);
    expect(await playing(refund, copy)).toEqual(await playing(refund, messages));
  });

  test("ends when its turns are over", async () => {
    const messages = [hello, { role: "assistant", parts: [{ type: "text", text: "Done." }] }] as const;
    expect(await playing([{ text: "Done." }], messages)).toMatchObject({
      stop: "failed",
      failure: { code: "invalid_request", retryable: false },
    });
    expect(await playing([])).toMatchObject({ stop: "failed", failure: { code: "invalid_request" } });
  });

  test("may say something beside its calls", async () => {
    const reply = await playing([{ text: "Looking.", calls: [{ tool: "list_orders", args: {} }] }]);
    expect(reply).toMatchObject({
      stop: "calls",
      parts: [{ type: "text", text: "Looking." }, { type: "call" }],
    });
  });

  test("uses tokens like its bytes, more with every turn, and the same each time", async () => {
    const first = await playing(refund);
    const second = await playing(refund, await after(refund, [[found]]));
    if (first.stop === "failed" || second.stop === "failed") throw new Error("not failed");
    expect(second.usage.inputTokens).toBeGreaterThan(first.usage.inputTokens);
    expect((await playing(refund)).usage).toEqual(first.usage);
    expect(first.usage.outputTokens).toBeGreaterThan(10);
  });
});

describe("a failure in a script", () => {
  const script: readonly ScriptTurn[] = [
    { fail: "overloaded" },
    { fail: "malformed" },
    { calls: [{ tool: "list_orders", args: {} }] },
    { fail: "cut_off" },
    { text: "Done." },
  ];

  test("is played by the attempts before the turn, one each, and then the turn is", async () => {
    expect(await playing(script, [hello], 1)).toMatchObject({
      failure: { code: "overloaded", retryable: true },
    });
    expect(await playing(script, [hello], 2)).toMatchObject({
      failure: { code: "malformed", retryable: true },
      usage: { inputTokens: anyNumber },
    });
    expect(await playing(script, [hello], 3)).toMatchObject({ stop: "calls" });
    expect(await playing(script, [hello], 4)).toMatchObject({ stop: "calls" });
  });

  test("belongs to the turn behind it", async () => {
    const messages = await after(script, [[ok([])]]);
    expect(await playing(script, messages, 1)).toMatchObject({
      failure: { code: "cut_off", retryable: false },
      usage: { outputTokens: 1_000 },
    });
    expect(await playing(script, messages, 2)).toMatchObject({ stop: "end" });
  });

  test("at the end of a script is played for good", async () => {
    const ending: readonly ScriptTurn[] = [{ fail: "overloaded" }, { fail: "malformed" }];
    const codes = await Promise.all(
      [1, 2, 3, 9].map(async (attempt) => (await playing(ending, [hello], attempt)) satisfies ModelReply),
    );
    expect(codes.map((reply) => reply.stop === "failed" && reply.failure.code)).toEqual([
      "overloaded",
      "malformed",
      "malformed",
      "malformed",
    ]);
  });
});

describe("a reference in a script", () => {
  const results = [
    {
      providerCallId: "call_0",
      tool: "a",
      outcome: ok({ id: "o-1", total: 7, items: [{ sku: "x" }], none: null }),
    },
    {
      providerCallId: "call_1",
      tool: "b",
      outcome: { ok: false, error: { code: "not_found", message: "No such order.", retryable: false } },
    },
  ] as const;

  /** What `value` becomes after two calls, the first of which worked. */
  async function filled(value: Json, input: Message = hello): Promise<unknown> {
    const script: readonly ScriptTurn[] = [{ text: "First." }, { calls: [{ tool: "t", args: { value } }] }];
    const messages: readonly Message[] = [
      input,
      { role: "assistant", parts: [{ type: "text", text: "First." }] },
      { role: "tool", results },
    ];
    const reply = await playing(script, messages);
    if (reply.stop === "failed") return reply.failure;
    const [args] = argsOf(reply) as readonly { readonly value: unknown }[];
    return args?.value;
  }

  test.each([
    ["$0.result.id", "o-1"],
    ["$0.result.total", 7],
    ["$0.result", { id: "o-1", total: 7, items: [{ sku: "x" }], none: null }],
    ["$0.result.none", null],
    ["$0.result.items[0].sku", "x"],
    ["$1.error.code", "not_found"],
    ["$1.outcome", "missing (not_found)"],
    ["$1.outcome.orders[0].id", "missing (not_found)"],
    ["Order $0.result.id has $0.result.items.", 'Order o-1 has [{"sku":"x"}].'],
    ["It costs $5, or $0, or $0.50", "It costs $5, or $0, or $0.50"],
    [
      ["$0.result.id", { deep: "$0.result.total" }, 1, null],
      ["o-1", { deep: 7 }, 1, null],
    ],
  ])("%j becomes %j", async (value, expected) => {
    expect(await filled(value)).toEqual(expected);
  });

  test.each([
    "$2.result.id",
    "$0.error.code",
    "$1.result",
    "$0.result.missing",
    "$0.result.items[1]",
    "$0.result.id.length",
    "$0.result.items.length",
    "$0.result.constructor",
    "$input.json",
  ])("%s leads nowhere here, and that ends the task with a reason", async (reference) => {
    expect(await filled(`see ${reference}`)).toEqual({
      code: "invalid_request",
      retryable: false,
      message: `Nothing in the conversation answers to ${reference}.`,
    });
    expect(await playing([{ text: reference }])).toMatchObject({ stop: "failed" });
  });

  test("reaches the task's input as the runtime writes it", async () => {
    const both = inputMessage({
      text: "Refund this.\n\nPlease.",
      json: { order: { id: "o-9", note: "a\n\nb" } },
    });
    expect(await filled("$input.json.order.id", both)).toBe("o-9");
    expect(await filled("$input.text", both)).toBe("Refund this.\n\nPlease.");
    expect(await filled("$input.json[1]", inputMessage({ json: [1, 2] }))).toBe(2);
    expect(await filled("$input.text", inputMessage({ text: "Only text." }))).toBe("Only text.");
  });

  test("never becomes anything but what a schema of turns allows, whatever the script says", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), async (said) => {
        const turn = ScriptTurn.parse({ text: said });
        const reply = await playing([turn]);
        expect(["end", "failed"]).toContain(reply.stop);
      }),
    );
  });
});

test("a script's text is streamed in a few pieces that split no character, and no further than an abort", async () => {
  const text = "🎉".repeat(5);
  const model = scriptedModel({ "test-model": [{ text }] });
  const request: ModelRequest = requestOf("scripted");
  const pieces: string[] = [];
  await model.complete(request, new AbortController().signal, (piece) => pieces.push(piece));
  expect(pieces.join("")).toBe(text);
  expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
  const controller = new AbortController();
  const heard: string[] = [];
  const reply = await model.complete(request, controller.signal, (piece) => {
    heard.push(piece);
    controller.abort();
  });
  expect(heard).toHaveLength(1);
  expect(reply).toMatchObject({ stop: "failed", failure: { code: "aborted" } });
});
