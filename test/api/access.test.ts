import { expect, test } from "vitest";
import { OPERATIONS } from "../../src/api/app.ts";
import { SCOPES, type Scope } from "../../src/contracts/access.ts";
import { APPROVAL, T0, TASK, agent } from "./fixtures.ts";
import { World } from "./world.ts";

const MISSING = `tsk_${"9".repeat(32)}`;
const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/** Every operation that asks who is calling: a request that would succeed, and the scopes any one of which is enough. */
const GUARDED: readonly [method: string, path: string, body: unknown, scopes: readonly Scope[]][] = [
  ["POST", "/v1/tasks", { agent: agent.name, input: { text: "hi" } }, ["tasks:write"]],
  ["GET", "/v1/tasks", undefined, ["tasks:read"]],
  ["GET", `/v1/tasks/${TASK}`, undefined, ["tasks:read"]],
  ["GET", `/v1/tasks/${TASK}/tree`, undefined, ["tasks:read"]],
  ["GET", `/v1/tasks/${TASK}/events`, undefined, ["tasks:read"]],
  ["POST", `/v1/tasks/${TASK}/cancel`, {}, ["tasks:write"]],
  ["POST", `/v1/tasks/${TASK}/pause`, {}, ["tasks:write"]],
  ["POST", `/v1/tasks/${TASK}/resume`, {}, ["tasks:write"]],
  ["GET", `/v1/tasks/${TASK}/checkpoints`, undefined, ["tasks:read"]],
  ["GET", `/v1/tasks/${TASK}/replay`, undefined, ["tasks:read"]],
  ["GET", "/v1/approvals", undefined, ["tasks:read", "approvals:decide"]],
  ["GET", `/v1/approvals/${APPROVAL}`, undefined, ["tasks:read", "approvals:decide", "approvals:link"]],
  ["POST", `/v1/approvals/${APPROVAL}/decision`, { decision: "approve" }, ["approvals:decide"]],
  ["GET", "/v1/audit", undefined, ["audit:read"]],
  ["GET", "/v1/usage", undefined, ["tasks:read"]],
  ["GET", "/v1/budgets", undefined, ["budgets:read", "budgets:write"]],
  ["POST", "/v1/budgets", { terms: null }, ["budgets:write"]],
  ["GET", `/v1/audit/verify?task=${TASK}`, undefined, ["audit:read"]],
];

const guarded = GUARDED.map(([method, path, body, scopes]) => ({ method, path, body, scopes }));

test("the table names every guarded operation", () => {
  const paths = guarded.map(
    ({ method, path }) => `${method} ${path.split("?")[0]?.replace(APPROVAL, "{id}").replace(TASK, "{id}")}`,
  );
  const served = OPERATIONS.filter(({ scopes }) => scopes !== null).map(
    ({ method, path }) => `${method.toUpperCase()} ${path}`,
  );
  expect(paths.toSorted()).toEqual(served.toSorted());
});

test.each(guarded)(
  "$method $path asks for one of $scopes, and for nothing else",
  async ({ method, path, body, scopes }) => {
    for (const scope of SCOPES) {
      const world = new World();
      const response = await world.call(method, path, {
        key: world.key([scope], { principal: "ana" }),
        body,
      });
      const enough = scopes.includes(scope);
      expect([scope, response.status < 300]).toEqual([scope, enough]);
      if (enough) continue;
      expect(await response.json()).toMatchObject({ status: 403, code: "forbidden" });
      expect(world.hops).toEqual([]);
    }
  },
);

test.each(guarded)(
  "$method $path asks nothing of anyone without a valid key",
  async ({ method, path, body }) => {
    const world = new World();
    const keys = {
      none: null,
      "of another form": "sk-123",
      "that nobody has": `cs_${"x".repeat(43)}`,
      revoked: world.key(SCOPES, { revokedAtMs: T0 - 1 }),
      expired: world.key(SCOPES, { expiresAtMs: T0 }),
    };
    for (const [which, key] of Object.entries(keys)) {
      const response = await world.call(method, path, { key, body });
      expect([which, response.status, response.headers.get("www-authenticate")]).toEqual([
        which,
        401,
        'Bearer realm="countersign"',
      ]);
      expect(await response.json()).toMatchObject({ code: "unauthorized" });
    }
    expect(world.hops).toEqual([]);
  },
);

test.each(guarded)(
  "$method $path is refused when the tenant asks too often",
  async ({ method, path, body }) => {
    const world = new World();
    world.admitsRequests = false;
    const response = await world.call(method, path, { body });
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "10"]);
    expect(await response.json()).toMatchObject({ code: "rate_limited" });
    expect(world.hops).toEqual([]);
  },
);

/** H1. Those that name a task or an approval. */
const addressed = guarded.filter(({ path }) => path.includes(TASK));

test.each(addressed)(
  "$method $path: a foreign one is like a missing one, byte for byte, after the same hops",
  async ({ method, path, body }) => {
    const tell = async (id: string) => {
      const world = new World();
      const key = world.key(SCOPES, { tenant: "other", principal: "ana" });
      const response = await world.call(method, path.replaceAll(TASK, id), {
        key,
        body,
        headers: { traceparent: TRACEPARENT },
      });
      const headers = [...response.headers].filter(([name]) => name !== "traceparent");
      const object = world.task(id, "other");
      expect(world.task(TASK).asked).toEqual([]);
      return {
        status: response.status,
        headers,
        body: await response.text(),
        hops: [...world.hops, ...object.asked].map((hop) => hop.replaceAll(id, "id")),
      };
    };
    const foreign = await tell(TASK);
    expect(foreign).toEqual(await tell(MISSING));
    expect(foreign.status).toBe(404);
    expect(JSON.parse(foreign.body)).toMatchObject({ code: "not_found" });
  },
);

test("an approval that someone else is asked is like a missing one to who only decides", async () => {
  const tell = async (id: string) => {
    const world = new World();
    const key = world.key(["approvals:decide"], { principal: "ben" });
    const read = await world.call("GET", `/v1/approvals/${id}`, {
      key,
      headers: { traceparent: TRACEPARENT },
    });
    const decided = await world.call("POST", `/v1/approvals/${id}/decision`, {
      key,
      body: { decision: "deny" },
      headers: { traceparent: TRACEPARENT },
    });
    return [
      read.status,
      await read.text(),
      decided.status,
      await decided.text(),
      world.hops.map((hop) => hop.replaceAll(id, "id")),
    ];
  };
  expect(await tell(APPROVAL)).toEqual(await tell(`${TASK}.4.1`));
});

test("a key acts for another principal only with the scope impersonate", async () => {
  const world = new World();
  const headers = { "x-countersign-principal": "leo" };
  const body = { agent: agent.name, input: { text: "hi" } };
  const without = await world.call("POST", "/v1/tasks", { key: world.key(["tasks:write"]), body, headers });
  expect(await without.json()).toMatchObject({ status: 403, code: "forbidden" });
  const created = await world.call("POST", "/v1/tasks", {
    key: world.key(["tasks:write", "impersonate"]),
    body,
    headers,
  });
  expect(await created.json()).toMatchObject({ principal: "leo" });
  const own = await world.call("POST", "/v1/tasks", {
    key: world.key(["tasks:write"]),
    body,
    headers: { "x-countersign-principal": "mia" },
  });
  expect(await own.json()).toMatchObject({ principal: "mia" });
});

test("a principal that could not be one is refused", async () => {
  const world = new World();
  const response = await world.call("GET", "/v1/tasks", {
    headers: { "x-countersign-principal": "x".repeat(201) },
  });
  expect(await response.json()).toMatchObject({ status: 400, code: "invalid_input" });
});

test("a key is looked up once in thirty seconds, and its revocation is noticed after them", async () => {
  const world = new World();
  const key = world.key(["tasks:read"]);
  const status = async () => (await world.call("GET", `/v1/tasks/${TASK}`, { key })).status;
  expect([await status(), await status(), world.keyReads]).toEqual([200, 200, 1]);
  for (const [hash, record] of world.keys) world.keys.set(hash, { ...record, revokedAtMs: T0 });
  world.nowMs = T0 + 29_999;
  expect([await status(), world.keyReads]).toEqual([200, 1]);
  world.nowMs = T0 + 30_000;
  expect([await status(), world.keyReads]).toEqual([401, 2]);
});

test("a key that expires is refused at once, cached or not", async () => {
  const world = new World();
  const key = world.key(["tasks:read"], { expiresAtMs: T0 + 10 });
  expect((await world.call("GET", `/v1/tasks/${TASK}`, { key })).status).toBe(200);
  world.nowMs = T0 + 10;
  expect((await world.call("GET", `/v1/tasks/${TASK}`, { key })).status).toBe(401);
});

test("a key that is unknown is asked about again after five seconds", async () => {
  const world = new World();
  const key = world.key(["tasks:read"]);
  const records = [...world.keys];
  world.keys.clear();
  const status = async () => (await world.call("GET", `/v1/tasks/${TASK}`, { key })).status;
  expect([await status(), await status(), world.keyReads]).toEqual([401, 401, 1]);
  for (const [hash, record] of records) world.keys.set(hash, record);
  world.nowMs = T0 + 5_000;
  expect(await status()).toBe(200);
});

test("the cache of keys is bounded", async () => {
  const world = new World();
  const key = world.key(["tasks:read"]);
  await world.call("GET", `/v1/tasks/${TASK}`, { key });
  for (let n = 0; n < 5_000; n++)
    await world.call("GET", "/v1/tasks", { key: `cs_${String(n).padStart(43, "0")}` });
  expect(world.keyReads).toBe(5_001);
  await world.call("GET", `/v1/tasks/${TASK}`, { key });
  expect(world.keyReads).toBe(5_002);
});
