import { expect, test } from "vitest";
import type { Heard } from "../../src/model-ports.ts";
import { TASK } from "./fixtures.ts";
import { expectProblem } from "./problems.ts";
import { World } from "./world.ts";

const PATH = "/v1/webhooks/openai";

/** An API to which OpenAI's webhooks say this, and what they were taken to be. */
function hearing(heard: Heard | Error) {
  const texts: string[] = [];
  const hear = async (text: string): Promise<Heard> => {
    texts.push(text);
    if (heard instanceof Error) throw heard;
    return heard;
  };
  return { texts, world: new World({ openAIWebhook: { hear } }) };
}

test("a response that has ended makes its task look at once, without a key of ours", async () => {
  const { world, texts } = hearing({ tenant: "acme", task: TASK });
  const reply = await world.call("POST", PATH, { key: null, body: { id: "evt_1" } });
  expect(reply.status).toBe(204);
  expect(texts).toEqual(['{"id":"evt_1"}']);
  expect(world.task(TASK).asked).toEqual(["poke"]);
});

test("what is not OpenAI's is refused, and touches no task", async () => {
  const { world } = hearing("forged");
  const reply = await world.call("POST", PATH, { key: null, body: {} });
  await expectProblem(world, reply, 401, "signature_invalid");
  expect(world.hops).toEqual([]);
});

test.each<[string, Heard]>([
  ["is nothing of ours", "nothing"],
  ["names a task that cannot be", { tenant: "acme", task: "no-task" }],
  ["names a task that cannot be served here", { tenant: "acme", task: `tsk_fedramp_${"0".repeat(32)}` }],
])("a webhook that %s is taken note of, and touches no task", async (_name, heard) => {
  const { world } = hearing(heard);
  expect((await world.call("POST", PATH, { key: null, body: {} })).status).toBe(204);
  expect(world.hops).toEqual([]);
});

test("OpenAI is to send it again while nobody can tell whose response it is", async () => {
  const { world } = hearing(new Error("down"));
  await expectProblem(world, await world.call("POST", PATH, { key: null, body: {} }), 503, "unavailable");
});

test("there are no webhooks where no secret of them is bound", async () => {
  const world = new World();
  await expectProblem(world, await world.call("POST", PATH, { key: null, body: {} }), 404, "not_found");
});

test("a body is bounded, and JSON", async () => {
  const { world, texts } = hearing("nothing");
  const long = "x".repeat(1_100_000);
  await expectProblem(
    world,
    await world.call("POST", PATH, { key: null, body: long }),
    413,
    "payload_too_large",
  );
  const headers = { "content-type": "text/plain" };
  const plain = await world.call("POST", PATH, { key: null, body: "x", headers });
  await expectProblem(world, plain, 415, "unsupported_media_type");
  expect(texts).toEqual([]);
});
