import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import { TenantObject } from "../../durable-objects/tenant-object.ts";
import { type Admission, DEFAULT_CAPS } from "../../src/core/tenant-account.ts";
import type { IndexEntry } from "../../src/ports.ts";
import { D1AccountTerms } from "../../src/storage/account-terms.ts";
import { D1AuditLog } from "../../src/storage/audit-log.ts";
import { batchOf, commitsOf, inboxEntry } from "../storage/audited.ts";

afterEach(() => {
  vi.useRealTimers();
});

const log = new D1AuditLog(env.DB);
const refusal = { ok: false, code: "tenant_cap_reached" };

const objectOf = (tenant: string) => {
  const stub = exports.TenantObject.getByName(tenant);
  const inside = async <T>(ask: (object: TenantObject) => Promise<T>): Promise<T> =>
    await runInDurableObject(stub, async (object) => {
      if (!(object instanceof TenantObject)) throw new TypeError("not a tenant's object");
      return await ask(object);
    });
  return {
    stub,
    admit: async (task: string, used: Admission["used"] = []) =>
      await inside(async (object) => await object.admit({ task, used })),
  };
};

async function capTenant(
  tenant: string,
  caps: { live?: number; cost?: number; open?: number; depth?: number; fanOut?: number; children?: number },
): Promise<void> {
  const { live, cost, open, depth, fanOut, children } = caps;
  await env.DB.prepare("INSERT INTO tenants VALUES (?, ?, ?, ?, ?, ?, ?)")
    .bind(tenant, ...[live, cost, open, depth, fanOut, children].map((cap) => cap ?? null))
    .run();
}

async function index(tenant: string, task: string, of: Partial<IndexEntry>): Promise<void> {
  await log.append(batchOf(commitsOf({ tenant, task }, 1), { ...of, tenant, task }));
}

test("a tenant without caps of its own has the default ones", async () => {
  const { delegation } = DEFAULT_CAPS;
  expect(await objectOf("plain").admit("a")).toEqual({
    ok: true,
    value: { tasks: 39, forMs: 5_000, delegation, budgets: false },
  });
});

test("whether a tenant has any budget comes with the leave of its tasks", async () => {
  await new D1AccountTerms(env.DB).write("thrifty", "mia", { onLimit: "fail", day: { tokens: 5 } });
  expect(await objectOf("thrifty").admit("a")).toMatchObject({ value: { budgets: true } });
});

test("what a tenant's tasks may recruit comes with their leave, each cap its own or the default", async () => {
  await capTenant("small", { depth: 1, children: 0 });
  expect(await objectOf("small").admit("a")).toMatchObject({
    value: { delegation: { depth: 1, fanOut: DEFAULT_CAPS.delegation.fanOut, children: 0 } },
  });
  await capTenant("narrow", { fanOut: 3 });
  expect(await objectOf("narrow").admit("a")).toMatchObject({ value: { delegation: { fanOut: 3 } } });
});

test("live tasks count from the index, and those admitted since in memory", async () => {
  await capTenant("live", { live: 3 });
  await index("live", "a", { status: "waiting_approval" });
  await index("live", "b", { status: "completed" });
  await index("elsewhere", "c", { status: "running" });
  const { admit } = objectOf("live");
  expect(await admit("d")).toMatchObject({ ok: true });
  expect(await admit("e")).toMatchObject({ ok: true });
  expect(await admit("f")).toMatchObject(refusal);
  expect(await admit("e")).toMatchObject({ ok: true });
});

test("before a task is turned away, an index that was read a second ago is read again", async () => {
  await capTenant("second", { live: 1 });
  await index("second", "a", { status: "running" });
  const { admit } = objectOf("second");
  const startMs = Date.now();
  vi.useFakeTimers({ toFake: ["Date"], now: startMs });
  expect(await admit("b")).toMatchObject(refusal);
  await env.DB.prepare("UPDATE tasks SET status = 'completed' WHERE tenant = 'second'").run();
  vi.setSystemTime(startMs + 999);
  expect(await admit("b")).toMatchObject(refusal);
  vi.setSystemTime(startMs + 1_000);
  expect(await admit("b")).toMatchObject({ ok: true });
});

test("while D1 is down the last reading stands", async () => {
  await capTenant("down", { live: 2 });
  const { admit } = objectOf("down");
  const startMs = Date.now();
  expect(await admit("a")).toMatchObject({ ok: true });
  await env.DB.prepare("ALTER TABLE tenants RENAME TO tenants_away").run();
  vi.useFakeTimers({ toFake: ["Date"], now: startMs + 120_000 });
  expect(await admit("b")).toMatchObject({ ok: true });
  expect(await admit("c")).toMatchObject(refusal);
  await env.DB.prepare("ALTER TABLE tenants_away RENAME TO tenants").run();
});

test("an object that was evicted counts again from the index, and writes no row for it", async () => {
  await capTenant("evicted", { live: 1 });
  const { stub, admit } = objectOf("evicted");
  expect(await admit("a")).toMatchObject({ ok: true });
  expect(await admit("b")).toMatchObject(refusal);
  await evictDurableObject(stub);
  expect(await admit("b")).toMatchObject({ ok: true });
  const tables = await runInDurableObject(stub, (_object, state) =>
    state.storage.sql
      .exec("SELECT name FROM sqlite_schema WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'")
      .toArray(),
  );
  expect(tables).toEqual([]);
});

test("a day's cost is capped", async () => {
  await capTenant("costly", { cost: 1_000 });
  const today = { status: "completed", spentMicroUsd: 600, createdAtMs: Date.now() } as const;
  await index("costly", "a", today);
  await index("costly", "old", { ...today, createdAtMs: Date.now() - 86_400_000 });
  const { stub, admit } = objectOf("costly");
  expect(await admit("b")).toMatchObject({ ok: true });
  await index("costly", "b", { ...today, spentMicroUsd: 400 });
  await evictDurableObject(stub);
  expect(await admit("c")).toMatchObject({
    ...refusal,
    detail: "The tenant has reached its cap of 1000 micro-USD a day.",
  });
});

test("what is older than a day and still at work counts with all that it has cost", async () => {
  await capTenant("lasting", { cost: 1_000 });
  const createdAtMs = Date.now() - 3 * 86_400_000;
  await index("lasting", "old", { status: "running", spentMicroUsd: 1_000, createdAtMs });
  expect(await objectOf("lasting").admit("b")).toMatchObject(refusal);
});

test("open approvals are capped", async () => {
  await capTenant("asked", { open: 1 });
  await log.append({
    ...batchOf(commitsOf({ tenant: "asked", task: "a" }, 1), { tenant: "asked", task: "a" }),
    approvals: [inboxEntry({ id: "a.1.0", task: "a" })],
  });
  expect(await objectOf("asked").admit("b")).toMatchObject({
    ...refusal,
    detail: "The tenant has reached its cap of 1 open approvals.",
  });
});

test("far from every cap the index is read again after a minute, without anyone waiting for it", async () => {
  await capTenant("minute", { live: 100 });
  const { admit } = objectOf("minute");
  const startMs = Date.now();
  vi.useFakeTimers({ toFake: ["Date"], now: startMs });
  expect(await admit("a")).toMatchObject({ value: { tasks: 1 } });
  await env.DB.prepare("UPDATE tenants SET live_tasks_max = 10 WHERE tenant = 'minute'").run();
  vi.setSystemTime(startMs + 59_999);
  expect(await admit("b")).toMatchObject({ value: { tasks: 1 } });
  vi.setSystemTime(startMs + 60_000);
  await vi.waitFor(async () => expect(await admit("c")).toMatchObject({ value: { tasks: 0 } }), {
    timeout: 5_000,
    interval: 5,
  });
});
