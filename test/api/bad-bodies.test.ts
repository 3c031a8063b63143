import { expect, test } from "vitest";
import { OPERATIONS } from "../../src/api/app.ts";
import type { Problem } from "../../src/contracts/problem.ts";
import { APPROVAL, TASK, agent } from "./fixtures.ts";
import { expectProblem } from "./problems.ts";
import { World } from "./world.ts";

const body = { agent: agent.name, input: { text: "hi" } };
const deep = `${'{"a":'.repeat(70)}1${"}".repeat(70)}`;

/** Every door that takes a body. */
const DOORS = [
  ["/v1/tasks", body],
  [`/v1/tasks/${TASK}/cancel`, { reason: "no longer needed" }],
  [`/v1/tasks/${TASK}/pause`, {}],
  [`/v1/tasks/${TASK}/resume`, { checkpoint: 1 }],
  [`/v1/approvals/${APPROVAL}/decision`, { decision: "approve" }],
  ["/v1/budgets", { terms: null }],
] as const;

async function refused(
  path: string,
  of: Parameters<World["call"]>[2],
  status: number,
  code: string,
): Promise<Problem> {
  const world = new World();
  const key = world.key(undefined, { principal: "ana" });
  const problem = await expectProblem(world, await world.call("POST", path, { key, ...of }), status, code);
  expect(world.hops).toEqual([]);
  return problem;
}

test("the table of doors names every operation of callers that takes a body", () => {
  const doors = DOORS.map(([path]) => path.replace(APPROVAL, "{id}").replace(TASK, "{id}"));
  const taking = OPERATIONS.filter(({ method, scopes }) => method === "post" && scopes !== null);
  expect(doors.toSorted()).toEqual(taking.map(({ path }) => path).toSorted());
});

test.each(DOORS)("POST %s takes what is right", async (path, good) => {
  const world = new World();
  const response = await world.call("POST", path, {
    key: world.key(undefined, { principal: "ana" }),
    body: good,
  });
  expect(response.status).toBeLessThan(300);
});

test.each(DOORS)("POST %s refuses every body that is wrong", async (path, good) => {
  await refused(path, { body: "{" }, 400, "malformed_json");
  await refused(path, { body: "\u0000" }, 400, "malformed_json");
  await refused(path, { body: '{"a":1,"a":2}' }, 400, "malformed_json");
  await refused(path, { body: '{"a":9007199254740993}' }, 400, "malformed_json");
  await refused(path, { body: '{"a":"\\ud800"}' }, 400, "malformed_json");
  await refused(path, { body: '{"__proto__":{}}' }, 400, "malformed_json");
  await refused(path, { body: deep }, 400, "malformed_json");
  for (const wrong of ["null", "[]", '"text"', "7"])
    await refused(path, { body: wrong }, 400, "invalid_input");
  const unknown = await refused(path, { body: { ...good, surprise: 1 } }, 400, "invalid_input");
  expect(unknown.issues?.[0]?.message).toContain("surprise");
});

test.each(DOORS)("POST %s refuses media types that are not JSON", async (path, good) => {
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""]) {
    await refused(path, { body: good, headers: { "content-type": type } }, 415, "unsupported_media_type");
  }
  const world = new World();
  const headers = { "content-type": "Application/JSON; charset=utf-8" };
  expect(
    (await world.call("POST", path, { key: world.key(undefined, { principal: "ana" }), body: good, headers }))
      .status,
  ).toBeLessThan(300);
});

test.each(DOORS)("POST %s reads no more than a mebibyte", async (path) => {
  await refused(path, { body: JSON.stringify("x".repeat(1_048_576)) }, 413, "payload_too_large");
  await refused(path, { body: "{}", headers: { "content-length": "1048577" } }, 413, "payload_too_large");
});

/** What comes of a task whose body arrives piece by piece. */
async function streamed(
  world: World,
  pull: (controller: ReadableStreamDefaultController<Uint8Array>) => void,
): Promise<Response> {
  const headers = { authorization: `Bearer ${world.key()}`, "content-type": "application/json" };
  const init: RequestInit & { duplex: "half" } = {
    method: "POST",
    headers,
    body: new ReadableStream({ pull }),
    duplex: "half",
  };
  return await world.api.fetch(new Request("http://api.test/v1/tasks", init));
}

test("a body that never ends is given up at the limit", async () => {
  const world = new World();
  let sent = 0;
  const response = await streamed(world, (controller) => {
    sent += 65_536;
    controller.enqueue(new Uint8Array(65_536).fill(32));
  });
  await expectProblem(world, response, 413, "payload_too_large");
  expect(sent).toBeLessThan(1_400_000);
});

test("a body that breaks off is refused", async () => {
  const world = new World();
  const response = await streamed(world, (controller) => controller.error(new Error("gone")));
  await expectProblem(world, response, 400, "malformed_json");
});

test("a body that is not UTF-8 is refused", async () => {
  const world = new World();
  const headers = { authorization: `Bearer ${world.key()}`, "content-type": "application/json" };
  const sent = new Uint8Array([0x22, 0xff, 0xfe, 0x22]);
  await expectProblem(
    world,
    await world.api.fetch(new Request("http://api.test/v1/tasks", { method: "POST", headers, body: sent })),
    400,
    "malformed_json",
  );
});

test.each([
  ["no agent", { input: body.input }, "/agent"],
  ["an agent that is not deployed", { ...body, agent: "nobody" }, "/agent"],
  ["a version that is not deployed", { ...body, agentVersion: "b".repeat(64) }, "/agentVersion"],
  ["a number as agent", { ...body, agent: 7 }, "/agent"],
  ["no input", { agent: agent.name }, "/input"],
  ["an empty input", { ...body, input: {} }, "/input"],
  ["a deadline that is no time", { ...body, deadline: "tomorrow" }, "/deadline"],
  ["a deadline that has passed", { ...body, deadline: "2020-01-01T00:00:00Z" }, "/deadline"],
  ["a jurisdiction that there is not", { ...body, jurisdiction: "moon" }, "/jurisdiction"],
  ["a negative limit", { ...body, limits: { turns: -1 } }, "/limits/turns"],
  ["a broken limit", { ...body, limits: { turns: 1.5 } }, "/limits/turns"],
  ["a limit that there is not", { ...body, limits: { magic: 1 } }, "/limits"],
  ["metadata that is no text", { ...body, metadata: { a: 1 } }, "/metadata/a"],
])("a task with %s is refused, and the place is named", async (_what, wrong, place) => {
  const problem = await refused("/v1/tasks", { body: wrong }, 400, "invalid_input");
  expect(problem.issues?.map(({ path }) => path)).toContain(place);
});

test.each(["", "x".repeat(256), "tab\there", "émile"])("the idempotency key %j is refused", async (key) => {
  await refused("/v1/tasks", { body, headers: { "idempotency-key": key } }, 400, "invalid_input");
});
