import { describe, expect, test } from "vitest";
import type { PinnedModel } from "../../src/contracts/model.ts";
import { REPLY_BYTES_MAX, modelProviders } from "../../src/models/registry.ts";
import { Secrets } from "../../src/tools/secrets.ts";
import { timeIsOver } from "../../src/until-aborted.ts";
import { type Canned, answering, having, json, requestOf, silence } from "./ask.ts";
import { call, message, reasoning, response, whole } from "./fixtures/responses.ts";
import { answerOf, interactionsOf, overRecordings, recorded } from "./recordings.ts";

const access = { openai: { apiKey: "sk-test-key", baseURL: "https://models.example/v1" } };
const REQUEST = requestOf("openai", { model: background(requestOf("openai").model) });
const OF = { model: REQUEST.model, response: "resp_1" };
const QUEUED = json(response([], { status: "queued", usage: null }));

function background(model: PinnedModel): PinnedModel {
  return { ...model, backgroundMs: 3_600_000 };
}

function reached(...answers: readonly Canned[]) {
  const { fetch, sent } = answering(...answers);
  return { sent, models: modelProviders({ access, fetch }) };
}

const soon = () => AbortSignal.timeout(5_000);

describe("a response that OpenAI is to work at in the background", () => {
  test("is submitted once, stores nothing, and says whose it is", async () => {
    const { models, sent } = reached(QUEUED);
    expect(await models.complete(REQUEST, soon())).toEqual({ stop: "submitted", response: "resp_1" });
    expect(sent).toHaveLength(1);
    expect(sent[0]?.headers.get("idempotency-key")).toBe(REQUEST.idempotencyKey);
    expect(sent[0]?.body).toMatchObject({
      background: true,
      store: false,
      include: ["reasoning.encrypted_content"],
      metadata: { countersign_tenant: "acme", countersign_task: "task-1" },
    });
  });

  test("keeps what the operator marks it with, and is not streamed to anybody", async () => {
    const { models, sent } = reached(QUEUED);
    const model = { ...REQUEST.model, settings: { metadata: { team: "a" } } };
    const texts: string[] = [];
    await models.complete({ ...REQUEST, model }, soon(), (text) => texts.push(text));
    expect(sent[0]?.body).toMatchObject({ metadata: { team: "a", countersign_task: "task-1" } });
    expect(sent[0]?.body).not.toHaveProperty("stream");
    expect(texts).toEqual([]);
  });

  test("may be done at once", async () => {
    const { models } = reached(whole([message("Hi.")]));
    expect(await models.complete(REQUEST, soon())).toMatchObject({ stop: "end" });
  });

  test("needs an id by which it can be found again", async () => {
    const { models } = reached(json(response([], { status: "queued", id: null })));
    expect(await models.complete(REQUEST, soon())).toMatchObject({
      stop: "failed",
      failure: { code: "malformed" },
    });
  });
});

describe("a response that is asked for", () => {
  test("by its id, with its reasoning, is worked at, or is there like any other", async () => {
    const { models, sent } = reached(
      json(response([], { status: "in_progress", usage: null })),
      whole([reasoning("rs_1"), call(1, "get_order", { orderId: "o-1" })]),
    );
    expect(await models.poll(OF, soon())).toEqual({ stop: "working" });
    expect(await models.poll(OF, soon())).toMatchObject({
      stop: "calls",
      parts: [{ type: "opaque" }, { type: "call", tool: "get_order" }],
      usage: { inputTokens: 120, outputTokens: 30 },
    });
    expect(sent.map(({ method }) => method)).toEqual(["GET", "GET"]);
    const url = new URL(sent[0]?.url ?? "");
    expect(url.pathname).toBe("/v1/responses/resp_1");
    expect([...url.searchParams.values()]).toEqual(["reasoning.encrypted_content"]);
  });

  test("says when it is worth asking again", async () => {
    const { models } = reached({ ...QUEUED, headers: { ...QUEUED.headers, "openai-poll-after-ms": "4500" } });
    expect(await models.poll(OF, soon())).toEqual({ stop: "working", againInMs: 4_500 });
  });

  test.each([
    ["failed", { status: "failed", error: { code: "server_error", message: "No." } }, "unavailable"],
    ["cut off", { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } }, "cut_off"],
    ["canceled", { status: "cancelled" }, "malformed"],
  ])("has %s", async (_name, given, code) => {
    const { models } = reached(json(response([], given)));
    expect(await models.poll(OF, soon())).toMatchObject({ stop: "failed", failure: { code } });
  });

  test("is gone", async () => {
    const { models } = reached({ status: 404, body: { error: { message: "Not found." } } });
    expect(await models.poll(OF, soon())).toMatchObject({
      stop: "failed",
      failure: { code: "unavailable", retryable: true },
    });
  });

  test.each([
    ["is limited", { status: 429, body: { error: { message: "Slow down." } } }],
    ["is down", { status: 500, body: "oops" }],
    ["does not know the key any more", { status: 401, body: { error: { message: "No." } } }],
    ["says something broken", { headers: { "content-type": "application/json" }, body: '{"id":"resp_' }],
  ])("of a provider that %s is not lost for that", async (_name, answer) => {
    const { models } = reached(answer);
    expect(await models.poll(OF, soon())).toEqual({ stop: "working" });
  });

  test("of nobody who can be asked is not lost, and not dropped", async () => {
    const models = modelProviders({ access: {} });
    expect(await models.poll(OF, soon())).toEqual({ stop: "working" });
    await expect(models.drop("openai", "resp_1", soon())).rejects.toThrow();
  });

  test("of a provider that says nothing is asked for no longer than its signal lasts", async () => {
    const models = modelProviders({ access, fetch: silence });
    expect(await models.poll(OF, AbortSignal.timeout(20))).toEqual({ stop: "working" });
    await expect(models.drop("openai", "resp_1", AbortSignal.abort(timeIsOver()))).rejects.toThrow();
  });

  test("is held to what the journal may hold, and tells no secret", async () => {
    const secrets = new Secrets({ API_TOKEN: "s3cr3t-value" });
    const scrub = secrets.scrubJson.bind(secrets);
    const { fetch } = answering(
      whole([message("é".repeat(REPLY_BYTES_MAX / 2))]),
      whole([message("It is s3cr3t-value.")]),
      json(response([], { status: "failed", error: { message: "Wrong key sk-test-key." } })),
    );
    const models = modelProviders({ access, fetch, scrub });
    expect(await models.poll(OF, soon())).toMatchObject({ failure: { code: "cut_off" } });
    expect(JSON.stringify(await models.poll(OF, soon()))).not.toContain("s3cr3t");
    expect(JSON.stringify(await models.poll(OF, soon()))).not.toContain("sk-test-key");
  });
});

describe("a response that nobody waits for", () => {
  test("is canceled by its id", async () => {
    const { models, sent } = reached(json(response([], { status: "cancelled" })));
    await models.drop("openai", "resp_1", soon());
    expect(sent).toEqual([
      having({ method: "POST", url: "https://models.example/v1/responses/resp_1/cancel" }),
    ]);
  });

  test.each([400, 404, 409])("may be over already (%i)", async (status) => {
    const { models } = reached({ status, body: { error: { message: "Cannot cancel." } } });
    await models.drop("openai", "resp_1", soon());
  });

  test.each([401, 429, 500])("is not dropped before its provider knows (%i)", async (status) => {
    const { models } = reached({ status, body: { error: { message: "No." } } });
    await expect(models.drop("openai", "resp_1", soon())).rejects.toThrow();
  });
});

describe.runIf(recorded)(overRecordings("recorded work in the background"), () => {
  test("is submitted, worked at, and done", async () => {
    const outcomes: string[] = [];
    for (const interaction of interactionsOf("openai_responses/background_tool.json")) {
      const { models } = reached(answerOf(interaction));
      const isPoll = interaction.request.method === "GET";
      const answer = isPoll ? await models.poll(OF, soon()) : await models.complete(REQUEST, soon());
      outcomes.push(`${interaction.request.method} ${answer.stop}`);
    }
    expect(outcomes).toEqual(["POST submitted", "GET calls", "POST submitted", "GET working", "GET end"]);
  });
});
