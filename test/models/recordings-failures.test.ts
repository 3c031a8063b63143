import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { ModelProviderName } from "../../src/contracts/model.ts";
import { type Canned, containing, events, json, requestOf, sse } from "./ask.ts";
import { text, toolUse, eventsOf } from "./fixtures/messages.ts";
import {
  answerOf,
  interactionsOf,
  jsonOf,
  overRecordings,
  recorded,
  replaying,
  streamOf,
} from "./recordings.ts";

async function failureFor(provider: ModelProviderName, answer: Canned | undefined) {
  const reply = await replaying(provider, [answer ?? json(null)]).reply(requestOf(provider));
  if (reply.stop !== "failed") throw new Error(`not a failure: ${JSON.stringify(reply)}`);
  return reply.failure;
}

describe.skipIf(!recorded)(overRecordings("recorded failures"), () => {
  test.each([
    ["anthropic", "anthropic/err_404_model.json", "HTTP 404: model: claude-sonet-4-5"],
    ["anthropic", "anthropic/err_404_count_tokens.json", "HTTP 404: model: claude-does-not-exist"],
    [
      "openai-chat",
      "openai_chat/err_404_model.json",
      "HTTP 404: The model `gpt-5.2-proo` does not exist or you do not have access to it.",
    ],
    [
      "openai-chat",
      "openai_chat/err_400_role.json",
      "HTTP 400: Unsupported value: 'messages[0].role' does not support 'developer' with this model.",
    ],
    [
      "openai",
      "openai_responses/err_400.json",
      "HTTP 400: Invalid 'temperature': decimal below minimum value. Expected a value >= 0, but got -1 instead.",
    ],
  ] as const)("%s, %s: an invalid request is not tried again", async (provider, file, message) => {
    const [interaction] = interactionsOf(file);
    expect(await failureFor(provider, interaction && answerOf(interaction))).toEqual({
      code: "invalid_request",
      message,
      retryable: false,
    });
  });

  test("a parameter that the model does not know is an invalid request", async () => {
    const body = jsonOf("openai_responses/vercel_reasoning-model-temperature-error.json");
    expect(await failureFor("openai", { ...json(body), status: 400 })).toMatchObject({
      code: "invalid_request",
      retryable: false,
    });
  });

  test("an exhausted quota is told as such by status and within a stream, and is not tried again", async () => {
    const exhausted = {
      code: "quota_exhausted",
      retryable: false,
      message: containing("exceeded your current quota"),
    };
    const body = jsonOf("openai_responses/vercel_openai-error.1.json");
    expect(await failureFor("openai", { ...json(body), status: 429 })).toMatchObject(exhausted);
    expect(
      await failureFor("openai", sse(streamOf("openai_responses/vercel_openai-error.1.chunks.txt"))),
    ).toMatchObject(exhausted);
  });
});

const Documented = z.object({
  cases: z.array(
    z.object({
      id: z.string(),
      status: z.int(),
      headers: z.record(z.string(), z.string()),
      body: z.unknown().optional(),
      sse_tail: z.string().optional(),
      retry: z.boolean(),
    }),
  ),
});

describe.skipIf(!recorded)(overRecordings("documented failures"), () => {
  test.each([
    ["anthropic_529", "overloaded", undefined],
    ["anthropic_429", "rate_limited", 12_000],
    ["anthropic_429_spend_cap", "quota_exhausted", undefined],
    ["anthropic_sse_midstream_overloaded", "overloaded", undefined],
    ["openai_429_rate", "rate_limited", 20_000],
    ["openai_429_quota", "quota_exhausted", undefined],
    ["openai_400_context", "context_too_long", undefined],
  ])("%s is %s", async (id, code, retryAfterMs) => {
    const documented = Documented.parse(jsonOf("errors/documented-errors.json")).cases.find(
      (one) => one.id === id,
    );
    if (documented === undefined) throw new Error(`${id} is not documented`);
    const { status, headers, body, sse_tail, retry } = documented;
    const begun = events(eventsOf([text("Looking."), toolUse(0, "get_order", {})], "tool_use").slice(0, 5));
    const answer = { status, headers, body: sse_tail === undefined ? body : begun + sse_tail };
    const failure = await failureFor(id.startsWith("openai") ? "openai" : "anthropic", answer);
    expect(failure).toMatchObject({ code, retryable: retry });
    expect(failure.retryAfterMs).toBe(retryAfterMs);
  });
});
