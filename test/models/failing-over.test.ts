import { describe, expect, test } from "vitest";
import type { Message } from "../../src/contracts/message.ts";
import type { ModelReply, ModelRequest } from "../../src/contracts/model.ts";
import { readableBy } from "../../src/core/conversation.ts";
import { asker, partsOf, requestOf } from "./ask.ts";
import { thinking, toolUse, whole as message } from "./fixtures/messages.ts";
import { call, reasoning, whole as response } from "./fixtures/responses.ts";

const claude = asker("anthropic");
const gpt = asker("openai");

/** What a model may be asked after another's reply, whose calls have their results. */
function after(reply: ModelReply, by: string, next: ModelRequest): ModelRequest {
  const parts = partsOf(reply);
  const results = parts.flatMap((part) =>
    part.type === "call"
      ? [{ providerCallId: part.providerCallId, tool: part.tool, outcome: { ok: true, output: 7 } as const }]
      : [],
  );
  const messages: readonly Message[] = [
    { role: "user", text: "Where is my order?" },
    { role: "assistant", parts, by },
    { role: "tool", results },
  ];
  return { ...next, messages: readableBy(`${next.model.provider}/${next.model.model}`, messages) };
}

function claudeCalled(model: string): ModelRequest {
  const request = requestOf("anthropic");
  return { ...request, model: { ...request.model, model } };
}

describe("Anthropic's signed thinking and its call", async () => {
  const answer = message([thinking("sig-1"), toolUse(0, "get_order", { orderId: "o-1" })], "tool_use");
  const { reply } = await claude.asking(answer);

  test("go to OpenAI as the call and its result alone", async () => {
    const { body } = await gpt.asking(
      response([]),
      after(reply, "anthropic/test-model", requestOf("openai")),
    );
    expect(JSON.stringify(body)).not.toContain("sig-1");
    expect(body).toMatchObject({
      input: [
        { role: "user" },
        { type: "function_call", call_id: "toolu_0", name: "get_order" },
        { type: "function_call_output", call_id: "toolu_0" },
      ],
    });
  });

  test("go back to the model that thought it as they came, and without it to another of Anthropic's", async () => {
    const same = await claude.asking(
      answer,
      after(reply, "anthropic/test-model", claudeCalled("test-model")),
    );
    const other = await claude.asking(answer, after(reply, "anthropic/test-model", claudeCalled("another")));
    const use = { type: "tool_use", id: "toolu_0" };
    const rest = { content: [{ type: "tool_result", tool_use_id: "toolu_0" }] };
    expect(same.body).toMatchObject({ messages: [{}, { content: [thinking("sig-1"), use] }, rest] });
    expect(other.body).toMatchObject({ messages: [{}, { content: [use] }, rest] });
  });
});

test("OpenAI's encrypted reasoning stays with its model, and its call goes to Anthropic with its result", async () => {
  const { reply } = await gpt.asking(response([reasoning("rs_1"), call(0, "get_order", { orderId: "o-1" })]));
  const own = await gpt.asking(response([]), after(reply, "openai/test-model", requestOf("openai")));
  expect(JSON.stringify(own.body)).toContain("rs_1");
  const { body } = await claude.asking(
    message([], "end_turn"),
    after(reply, "openai/test-model", claudeCalled("c")),
  );
  expect(JSON.stringify(body)).not.toContain("rs_1");
  expect(body).toMatchObject({
    messages: [
      { role: "user" },
      { role: "assistant", content: [{ type: "tool_use", name: "get_order", input: { orderId: "o-1" } }] },
      { role: "user", content: [{ type: "tool_result" }] },
    ],
  });
});
