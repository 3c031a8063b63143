import { expect, test } from "vitest";
import { OPERATIONS } from "../../src/api/app.ts";
import { Problem } from "../../src/contracts/problem.ts";
import { APPROVAL, TASK, World, agent } from "./fakes.ts";

const body = { agent: agent.name, input: { text: "hi" } };
const deep = `${'{"a":'.repeat(70)}1${"}".repeat(70)}`;

/** Every door that takes a body. */
const DOORS = [
  ["/v1/tasks", body],
  [`/v1/tasks/${TASK}/cancel`, { reason: "no longer needed" }],
  [`/v1/tasks/${TASK}/pause`, {}],
  [`/v1/tasks/${TASK}/resume`, { checkpoint: 1 }],
  [`/v1/approvals/${APPROVAL}/decision`, { decision: "approve" }],
] as const;

/** What came back is a problem document that says as much as its status. Nothing was asked of anything behind the API. */
async function expectProblem(
  world: World,
  response: Response,
  status: number,
  code: string,
): Promise<Problem> {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const problem = Problem.parse(await response.json());
  expect([response.status, problem.status, problem.code]).toEqual([status, status, code]);
  expect(world.reported).toEqual([]);
  return problem;
}

async function refused(
  path: string,
  of: Parameters<World["call"]>[2],
  status: number,
  code: string,
): Promise<Problem> {
  const world = new World();
  const problem = await expectProblem(
    world,
    await world.call("POST", path, { key: world.key(undefined, { principal: "ana" }), ...of }),
    status,
    code,
  );
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

test("a body that never ends is given up at the limit", async () => {
  const world = new World();
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += 65_536;
      controller.enqueue(new Uint8Array(65_536).fill(32));
    },
  });
  const headers = { authorization: `Bearer ${world.key()}`, "content-type": "application/json" };
  const response = await world.api.fetch(
    new Request("http://api.test/v1/tasks", {
      method: "POST",
      headers,
      body: endless,
      duplex: "half",
    } as RequestInit),
  );
  await expectProblem(world, response, 413, "payload_too_large");
  expect(sent).toBeLessThan(1_400_000);
});

test("a body that breaks off is refused", async () => {
  const world = new World();
  const broken = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.error(new Error("gone"));
    },
  });
  const headers = { authorization: `Bearer ${world.key()}`, "content-type": "application/json" };
  const response = await world.api.fetch(
    new Request("http://api.test/v1/tasks", {
      method: "POST",
      headers,
      body: broken,
      duplex: "half",
    } as RequestInit),
  );
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

test.each([
  ["/v1/tasks?status=sleeping", "/status"],
  ["/v1/tasks?limit=0", "/limit"],
  ["/v1/tasks?limit=201", "/limit"],
  ["/v1/tasks?limit=1.5", "/limit"],
  ["/v1/tasks?limit=many", "/limit"],
  ["/v1/tasks?from=yesterday", "/from"],
  ["/v1/tasks?to=2026-01-01", "/to"],
  ["/v1/tasks?agent=a&agent=b", "/agent"],
  ["/v1/tasks?cursor=garbage", "/cursor"],
  ["/v1/tasks?cursor=e30.AAAA", "/cursor"],
  [`/v1/tasks?cursor=${"A".repeat(4_001)}`, "/cursor"],
  [`/v1/tasks/${TASK}/events?after=-1`, "/after"],
  [`/v1/tasks/${TASK}/events?limit=201`, "/limit"],
  [`/v1/tasks/${TASK}/checkpoints?after=x`, "/after"],
  ["/v1/approvals?state=lost", "/state"],
  ["/v1/approvals?cursor=garbage", "/cursor"],
  ["/v1/audit?cursor=garbage", "/cursor"],
  ["/v1/audit?from=0", "/from"],
  ["/v1/audit?tool=refund_order", "/task"],
  ["/v1/audit?event=taskFailed", "/task"],
  ["/v1/audit/verify", "/task"],
])("GET %s is refused, and the place is named", async (path, place) => {
  const world = new World();
  const problem = await expectProblem(world, await world.call("GET", path), 400, "invalid_input");
  expect(problem.issues?.map((issue) => issue.path)).toContain(place);
  expect(world.hops).toEqual([]);
});

test.each(OPERATIONS.filter(({ scopes }) => scopes !== null))(
  "$method $path refuses a query that it does not know",
  async ({ method, path }) => {
    const world = new World();
    const asked = `${path.replace("/approvals/{id}", `/approvals/${APPROVAL}`).replace("{id}", TASK)}?surprise=1`;
    const response = await world.call(method.toUpperCase(), asked, method === "post" ? { body: {} } : {});
    await expectProblem(world, response, 400, "invalid_input");
    expect(world.hops).toEqual([]);
  },
);

test.each([
  "nope",
  "tsk_",
  `tsk_${"1".repeat(31)}`,
  `tsk_${"1".repeat(33)}`,
  `tsk_${"G".repeat(32)}`,
  `tsk_moon_${"1".repeat(32)}`,
  `${TASK}%0a`,
  `${TASK}%00`,
  "%E0%A4%A",
  "..%2f..%2fetc",
  "x".repeat(5_000),
])("the id %s is nobody's", async (id) => {
  for (const path of [
    `/v1/tasks/${id}`,
    `/v1/tasks/${id}/events`,
    `/v1/tasks/${id}/replay`,
    `/v1/approvals/${id}`,
    `/v1/approvals/${id}.1.0`,
  ]) {
    const world = new World();
    await expectProblem(world, await world.call("GET", path), 404, "not_found");
    expect(world.hops).toEqual([]);
  }
});

test("an id of this form that nobody has is not found", async () => {
  const world = new World();
  for (const path of [
    `/v1/tasks/tsk_${"0".repeat(32)}`,
    `/v1/tasks/tsk_eu_${"0".repeat(32)}`,
    `/v1/approvals/${TASK}.1.99`,
  ]) {
    await expectProblem(world, await world.call("GET", path), 404, "not_found");
  }
});

test("a task in a jurisdiction that cannot be served here is neither made nor looked for elsewhere", async () => {
  const world = new World();
  await expectProblem(
    world,
    await world.call("POST", "/v1/tasks", { body: { ...body, jurisdiction: "fedramp" } }),
    503,
    "unavailable",
  );
  await expectProblem(
    world,
    await world.call("GET", `/v1/tasks/tsk_fedramp_${"0".repeat(32)}`),
    503,
    "unavailable",
  );
  expect(world.hops).toEqual([]);
});

test.each([
  "/",
  "/v1",
  "/v1/",
  "/v2/tasks",
  "/v1/tasks/",
  `/v1/tasks/${TASK}/explain`,
  "/v1/agents",
  "/v1/keys",
  "/openapi.yaml",
  "/v1/tasks//events",
])("there is no route %s", async (path) => {
  const world = new World();
  const problem = await expectProblem(world, await world.call("GET", path), 404, "not_found");
  expect(problem.detail).toBe("There is no such route.");
});

test.each([
  ["DELETE", "/v1/tasks", "POST, GET, HEAD"],
  ["PUT", `/v1/tasks/${TASK}`, "GET, HEAD"],
  ["GET", `/v1/tasks/${TASK}/cancel`, "POST"],
  ["OPTIONS", "/v1/approvals", "GET, HEAD"],
  ["PATCH", "/v1/approve/token", "GET, HEAD, POST"],
  ["POST", "/v1/health", "GET, HEAD"],
  ["POST", "/openapi.json", "GET, HEAD"],
])("%s %s is told what is allowed", async (method, path, allow) => {
  const world = new World();
  const response = await world.call(method, path);
  expect(response.headers.get("allow")).toBe(allow);
  await expectProblem(world, response, 405, "method_not_allowed");
});

test("HEAD is GET without a body, also where a stream was asked for", async () => {
  const world = new World();
  const response = await world.call("HEAD", `/v1/tasks/${TASK}/events`, {
    headers: { accept: "text/event-stream" },
  });
  expect([response.status, await response.text()]).toEqual([200, ""]);
  expect(world.task(TASK).asked).toEqual(["commits"]);
});

test("a failure that nobody expected is told by its code and trace alone, and reported with its cause", async () => {
  const failing = new World({ inbox: { list: () => Promise.reject(new Error("secret of the house")) } });
  const response = await failing.call("GET", "/v1/approvals", {
    headers: { traceparent: `00-${"ab".repeat(16)}-${"cd".repeat(8)}-01` },
  });
  const text = await response.text();
  expect(JSON.parse(text)).toMatchObject({ status: 500, code: "internal", traceId: "ab".repeat(16) });
  expect(text).not.toContain("secret");
  expect(failing.reported).toEqual([new Error("secret of the house")]);
});

test.each([
  ["D1", new Error("D1_ERROR: no such host")],
  ["an object that was moved", Object.assign(new Error("moved"), { retryable: true })],
  ["an object that has too much to do", Object.assign(new Error("busy"), { overloaded: true })],
])("while %s does not answer, the API is unavailable, not broken", async (_what, error) => {
  const failing = new World({ keys: { find: () => Promise.reject(error) } });
  const response = await failing.call("GET", "/v1/tasks");
  expect(response.headers.get("retry-after")).toBe("1");
  expect(await response.json()).toMatchObject({ status: 503, code: "unavailable" });
});
