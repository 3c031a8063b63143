import { expect, test } from "vitest";
import { openAIWebhook } from "../../src/models/openai-webhook.ts";
import { type Canned, answering, json } from "./ask.ts";
import { response } from "./fixtures/responses.ts";
import { WEBHOOK_SECRET, signedEvent } from "./signed-event.ts";

const access = { apiKey: "sk-test-key", baseURL: "https://models.example/v1" };
const OURS = { metadata: { countersign_tenant: "acme", countersign_task: "tsk_1" } };

function hearing(...answers: readonly Canned[]) {
  const { fetch, sent } = answering(...answers);
  return { sent, webhook: openAIWebhook({ access, fetch }, WEBHOOK_SECRET) };
}

test.each(["completed", "failed", "incomplete", "cancelled"])(
  "a response that has %s is found to be its task's",
  async (how) => {
    const { webhook, sent } = hearing(json(response([], OURS)));
    const { text, headers } = signedEvent(`response.${how}`, { id: "resp_1" });
    expect(await webhook.hear(text, headers)).toEqual({ tenant: "acme", task: "tsk_1" });
    expect(sent.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "GET https://models.example/v1/responses/resp_1",
    ]);
  },
);

test("what somebody else signed, or changed, or sends again much later, is forged, and OpenAI is not asked", async () => {
  const { webhook, sent } = hearing(json(response([], OURS)));
  const event = signedEvent("response.completed", { id: "resp_1" });
  const others = [
    signedEvent("response.completed", { id: "resp_1" }, { secret: `whsec_${btoa("another secret")}` }),
    signedEvent("response.completed", { id: "resp_1" }, { ageMs: 600_000 }),
    { ...event, text: event.text.replace("resp_1", "resp_2") },
    { ...event, headers: new Headers() },
  ];
  for (const { text, headers } of others) expect(await webhook.hear(text, headers)).toBe("forged");
  expect(sent).toEqual([]);
});

test.each([
  ["of another kind", signedEvent("batch.completed", { id: "batch_1" })],
  ["without an id", signedEvent("response.completed", {})],
])("an event %s is nothing to us, and OpenAI is not asked", async (_name, { text, headers }) => {
  const { webhook, sent } = hearing(json(response([], OURS)));
  expect(await webhook.hear(text, headers)).toBe("nothing");
  expect(sent).toEqual([]);
});

test.each([
  ["that somebody else asked for", json(response([], { metadata: {} }))],
  ["that is gone", { status: 404, body: { error: { message: "Not found." } } }],
])("a response %s is nothing to us", async (_name, answer) => {
  const { webhook } = hearing(answer);
  const { text, headers } = signedEvent("response.completed", { id: "resp_1" });
  expect(await webhook.hear(text, headers)).toBe("nothing");
});

test("whose response it is cannot be told while OpenAI does not answer", async () => {
  const { webhook } = hearing({ status: 500, body: "oops" });
  const { text, headers } = signedEvent("response.completed", { id: "resp_1" });
  await expect(webhook.hear(text, headers)).rejects.toThrow();
});
