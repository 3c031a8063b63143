import { expect, test } from "vitest";
import type { ApiDeps } from "../../src/api/deps.ts";
import { NewTask } from "../../src/contracts/task.ts";
import { PAIR } from "../core/fixtures/route.ts";
import { canonicalJson, sha256 } from "../../src/hash.ts";
import { indexEntry } from "../storage/audited.ts";
import { T0, TASK, agent, model, viewOf } from "./fixtures.ts";
import { BODY, created } from "./created.ts";
import { World } from "./world.ts";

const { turns, toolCalls, tokens, wallMs, costMicroUsd, children } = agent.limits;
const agentLimits = { turns, toolCalls, tokens, wallMs, costMicroUsd, children };

test("a task is made with everything pinned that its life depends on", async () => {
  const world = new World();
  const more = {
    limits: { turns: 5 },
    deadline: "2026-01-06T12:00:00+01:00",
    metadata: { ticket: "7" },
    interactive: true,
  };
  const { response, location, order } = await created(world, {
    body: { ...BODY, ...more },
    headers: { traceparent: `00-${"ab".repeat(16)}-${"cd".repeat(8)}-01` },
  });
  expect(response.status).toBe(202);
  expect(location).toMatch(/^\/v1\/tasks\/tsk_[0-9a-f]{32}$/);
  expect(order).toEqual({
    task: location.slice("/v1/tasks/".length),
    tenant: "acme",
    principal: "mia",
    keyId: "key_1",
    agent,
    model,
    input: BODY.input,
    limit: { ...agentLimits, turns: 5 },
    deadlineAtMs: Date.UTC(2026, 0, 6, 11),
    metadata: { ticket: "7" },
    interactive: true,
    bodyHash: sha256(canonicalJson({ ...BODY, ...more })),
    origin: "http://api.test",
    traceparent: response.headers.get("traceparent"),
  });
  expect(order?.traceparent).toMatch(new RegExp(`^00-${"ab".repeat(16)}-[0-9a-f]{16}-01$`));
  expect(await response.json()).toMatchObject({ id: order?.task, status: "running" });
});

test("what a task does not say is its agent's, and no more than that", async () => {
  const { order } = await created(new World());
  expect(order).toMatchObject({ limit: agentLimits, metadata: {}, interactive: false });
  expect(order).not.toHaveProperty("deadlineAtMs");
  expect(order).not.toHaveProperty("jurisdiction");
});

test("limits above the agent's are refused, each by its name", async () => {
  const world = new World();
  const { response } = await created(world, {
    body: { ...BODY, limits: { turns: 20, tokens: 200_001, costMicroUsd: 500_001 } },
  });
  expect(await response.json()).toMatchObject({
    status: 422,
    code: "limit_exceeded",
    issues: [
      { path: "/limits/tokens", message: "the agent's limit is 200000" },
      { path: "/limits/costMicroUsd", message: "the agent's limit is 500000" },
    ],
  });
  expect(world.hops).toEqual([]);
});

test("a task is created in its jurisdiction, which its id names", async () => {
  const world = new World();
  const { location, order } = await created(world, { body: { ...BODY, jurisdiction: "eu" } });
  expect(location).toMatch(/^\/v1\/tasks\/tsk_eu_[0-9a-f]{32}$/);
  expect(order?.jurisdiction).toBe("eu");
  expect((await world.call("GET", location)).status).toBe(200);
});

test("a task pins its route, and what each call of a model should take", async () => {
  const registry: ApiDeps["registry"] = {
    agent: () => agent,
    serving: () => ({ model, route: PAIR }),
    team: () => [],
  };
  const body = { ...BODY, latencyObjectiveMs: 4_000 };
  const { order } = await created(new World({ registry }), { body });
  expect(order).toMatchObject({ model, route: PAIR, latencyObjectiveMs: 4_000 });
  expect(NewTask.safeParse(order).success).toBe(true);
  const { order: alone } = await created(new World(), { body: BODY });
  expect(alone).not.toHaveProperty("route");
  expect(alone).not.toHaveProperty("latencyObjectiveMs");
});

test("an agent whose route has no model cannot be given a task now", async () => {
  const deps = {
    registry: { agent: () => ({ ...agent, model: "elsewhere" }), serving: () => null, team: () => [] },
  };
  const { response } = await created(new World(deps));
  expect(await response.json()).toMatchObject({ status: 503, code: "unavailable" });
});

test("a task whose agent may recruit is made with its team, each with the model that serves it", async () => {
  const lead = { ...agent, delegation: { depth: 1, fanOut: 2 } };
  const member = { ...agent, name: "member", version: "e".repeat(64) };
  const registry = { agent: () => lead, serving: () => ({ model }), team: () => [member] };
  const { order } = await created(new World({ registry }));
  expect(order?.team).toEqual([{ agent: member, model }]);
  const alone = await created(new World({ registry: { ...registry, agent: () => agent } }));
  expect(alone.order).not.toHaveProperty("team");
});

test("what its tenant may recruit is pinned in a task that may, and narrows its limit", async () => {
  const lead = { ...agent, limits: { ...agent.limits, children: 30 }, delegation: { depth: 1, fanOut: 2 } };
  const registry = { agent: () => lead, serving: () => ({ model }), team: () => [] };
  const { order } = await created(new World({ registry }));
  expect(order).toMatchObject({
    delegationCaps: { depth: 4, fanOut: 10, children: 20 },
    limit: { children: 20 },
  });
  expect((await created(new World())).order).not.toHaveProperty("delegationCaps");
});

test("a task is not made when one of its team has no model now", async () => {
  const lead = { ...agent, delegation: { depth: 1, fanOut: 2 } };
  const member = { ...agent, name: "member", model: "elsewhere" };
  const serving = ({ name }: { name: string }) => (name === "member" ? null : { model });
  const registry = { agent: () => lead, serving, team: () => [member] };
  const { response } = await created(new World({ registry }));
  expect(await response.json()).toMatchObject({
    code: "unavailable",
    detail: "No model is configured for the route elsewhere.",
  });
});

test("what the operator keeps secret goes into no journal, whoever sends it", async () => {
  const scrub: ApiDeps["scrub"] = (value, text) => (text.includes("hush") ? null : value);
  const world = new World({ scrub });
  const { response } = await created(world, { body: { ...BODY, input: { text: "hush" } } });
  const approve = await world.call("POST", `/v1/approvals/${TASK}.3.1/decision`, {
    key: world.key(["approvals:decide"]),
    body: { decision: "approve", comment: "hush" },
  });
  expect([response.status, approve.status]).toEqual([400, 400]);
});

const content = {
  answer: "the answer",
  partial: "half",
  error: { code: "internal", message: "said so", retryable: false },
} as const;

test.each([
  ["with content:read", ["tasks:read", "content:read"], content],
  ["without content:read", ["tasks:read"], { error: { code: "internal", message: "", retryable: false } }],
] as const)("a task is shown %s as far as its viewer may see it", async (_what, scopes, shown) => {
  const world = new World();
  // What is missing of an answer is no content.
  const missing = [{ join: "findings", tool: "look_up", call: "c", why: "timeout" }] as const;
  const view = viewOf({ task: TASK, principal: "mia" }, { missing });
  world.task(TASK).current = { ...view, ...content };
  const response = await world.call("GET", `/v1/tasks/${TASK}`, { key: world.key(scopes) });
  expect(await response.json()).toEqual({ ...view, ...shown });
});

test("tasks are steered in the name of who calls, with what they say", async () => {
  const world = new World();
  const task = world.task(TASK);
  await world.call("POST", `/v1/tasks/${TASK}/cancel`, { body: { reason: "wrong order" } });
  await world.call("POST", `/v1/tasks/${TASK}/cancel`);
  await world.call("POST", `/v1/tasks/${TASK}/pause`, { headers: { "x-countersign-principal": "leo" } });
  await world.call("POST", `/v1/tasks/${TASK}/resume`, { body: { checkpoint: 3, limits: { turns: 9 } } });
  expect(task.asked).toEqual([
    "cancel by mia: wrong order",
    "cancel by mia: -",
    "pause by leo",
    "view",
    'resume by mia from 3 with {"turns":9}',
  ]);
});

test("what a task refuses is told with its code", async () => {
  const world = new World();
  world.task(TASK).refuseWith = { ok: false, code: "task_ended", detail: "The task has ended." };
  const response = await world.call("POST", `/v1/tasks/${TASK}/pause`);
  expect(await response.json()).toMatchObject({
    status: 409,
    code: "task_ended",
    detail: "The task has ended.",
  });
});

test("a failed task is resumed only where the tenant has a place for it; a paused one has its place", async () => {
  const world = new World();
  world.capReached = true;
  const task = world.task(TASK);
  task.current = viewOf({ task: TASK, principal: "mia" }, { status: "failed" });
  const failed = await world.call("POST", `/v1/tasks/${TASK}/resume`);
  expect(await failed.json()).toMatchObject({ status: 429, code: "tenant_cap_reached" });
  task.current = viewOf({ task: TASK, principal: "mia" }, { status: "running", paused: true });
  expect((await world.call("POST", `/v1/tasks/${TASK}/resume`)).status).toBe(200);
});

test("tasks are listed page by page, by what the query says", async () => {
  const world = new World();
  world.index = [1, 2, 3].map((n) =>
    indexEntry({ tenant: "acme", task: `tsk_${n}`, createdAtMs: T0 - n, spentTokens: n }),
  );
  const query =
    "status=running&agent=support-desk&principal=mia&from=2026-01-01T00:00:00Z&to=2026-02-01T01:00:00%2B01:00&limit=2";
  const first = await (
    await world.call("GET", `/v1/tasks?${query}`)
  ).json<{ items: object[]; next: string }>();
  expect(first.items).toEqual([
    {
      id: "tsk_1",
      status: "running",
      paused: false,
      agent: "support-desk",
      agentVersion: "a".repeat(64),
      principal: "mia",
      createdAt: "2026-01-05T11:59:59.999Z",
      updatedAt: "2026-01-05T12:00:00.000Z",
      spent: { costMicroUsd: 0, tokens: 1 },
      seq: 1,
    },
    expect.objectContaining({ id: "tsk_2" }),
  ]);
  const second = await (await world.call("GET", `/v1/tasks?${query}&cursor=${first.next}`)).json();
  expect(second).toEqual({ items: [expect.objectContaining({ id: "tsk_3" })] });
  const filter = {
    status: "running",
    agent: "support-desk",
    principal: "mia",
    fromMs: Date.UTC(2026, 0, 1),
    toMs: Date.UTC(2026, 1, 1),
  };
  expect(world.hops).toEqual([`list acme ${JSON.stringify(filter)}`, `list acme ${JSON.stringify(filter)}`]);
});

test("a cursor is of use only to whom it was given, for the list and the filter it was given for", async () => {
  const world = new World();
  world.index = [1, 2, 3].map((n) => indexEntry({ tenant: "acme", task: `tsk_${n}` }));
  const { next } = await (
    await world.call("GET", "/v1/tasks?limit=1&agent=support-desk")
  ).json<{ next: string }>();
  const [payload = "", seal = ""] = next.split(".");
  const status = async (path: string, of: Parameters<World["call"]>[2] = {}) =>
    (await world.call("GET", path, of)).status;
  expect(await status(`/v1/tasks?limit=2&agent=support-desk&cursor=${next}`)).toBe(200);
  expect(await status(`/v1/tasks?limit=1&agent=librarian&cursor=${next}`)).toBe(400);
  expect(await status(`/v1/tasks?limit=1&cursor=${next}`)).toBe(400);
  expect(await status(`/v1/approvals?cursor=${next}`)).toBe(400);
  const all = await (await world.call("GET", "/v1/tasks?limit=1")).json<{ next: string }>();
  expect(await status(`/v1/audit?cursor=${all.next}`)).toBe(400);
  expect(
    await status(`/v1/tasks?agent=support-desk&cursor=${next}`, {
      key: world.key(undefined, { tenant: "other" }),
    }),
  ).toBe(400);
  expect(
    await status(`/v1/tasks?agent=support-desk&cursor=${next}`, {
      key: world.key(undefined, { principal: "leo" }),
    }),
  ).toBe(400);
  for (const forged of [
    `${payload}.`,
    `${payload}.${seal.slice(0, -1)}`,
    `${payload}.${seal}.${seal}`,
    `${payload}A.${seal}`,
    payload,
    `.${seal}`,
  ]) {
    expect([forged, await status(`/v1/tasks?agent=support-desk&cursor=${forged}`)]).toEqual([forged, 400]);
  }
});

test("health is told to anyone, without a look behind", async () => {
  const world = new World();
  const response = await world.call("GET", "/v1/health", { key: null });
  expect([response.status, await response.json(), world.hops, world.keyReads]).toEqual([
    200,
    { status: "ok" },
    [],
    0,
  ]);
});

test("no answer is cached, and each has its trace", async () => {
  const world = new World();
  for (const path of ["/v1/health", "/v1/tasks", "/nowhere"]) {
    const { headers } = await world.call("GET", path);
    expect([headers.get("cache-control"), headers.get("x-content-type-options")]).toEqual([
      "no-store",
      "nosniff",
    ]);
    expect(headers.get("traceparent")).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  }
});
