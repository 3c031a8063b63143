import { expect, test } from "vitest";
import { OPERATIONS } from "../../src/api/app.ts";
import { APPROVAL, TASK, agent } from "./fixtures.ts";
import { expectProblem } from "./problems.ts";
import { World } from "./world.ts";

const body = { agent: agent.name, input: { text: "hi" } };

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
