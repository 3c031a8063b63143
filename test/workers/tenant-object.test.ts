import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";
import { TenantObject } from "../../durable-objects/tenant-object.ts";
import type { IndexEntry } from "../../src/ports.ts";
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
    admit: async (task: string) => await inside(async (object) => await object.admit(task)),
    ended: async (task: string, spent = 0) => await inside(async (object) => await object.ended(task, spent)),
  };
};

async function capTenant(
  tenant: string,
  caps: { live?: number; cost?: number; open?: number },
): Promise<void> {
  await env.DB.prepare("INSERT INTO tenants VALUES (?, ?, ?, ?)")
    .bind(tenant, caps.live ?? null, caps.cost ?? null, caps.open ?? null)
    .run();
}

async function index(tenant: string, task: string, of: Partial<IndexEntry>): Promise<void> {
  await log.append(batchOf(commitsOf({ tenant, task }, 1), { ...of, tenant, task }));
}

test("a tenant without caps of its own has the default ones", async () => {
  expect(await objectOf("plain").admit("a")).toEqual({ ok: true, value: null });
});

test("live tasks count from the index at the start, and in memory after", async () => {
  await capTenant("live", { live: 3 });
  await index("live", "a", { status: "waiting_approval" });
  await index("live", "b", { status: "completed" });
  await index("elsewhere", "c", { status: "running" });
  const { admit, ended } = objectOf("live");
  expect(await admit("d")).toMatchObject({ ok: true });
  expect(await admit("e")).toMatchObject({ ok: true });
  expect(await admit("f")).toMatchObject(refusal);
  expect(await admit("e")).toMatchObject({ ok: true });
  await ended("a");
  expect(await admit("f")).toMatchObject({ ok: true });
});

test("an object that was evicted counts again from the index, and writes no row for it", async () => {
  await capTenant("evicted", { live: 1 });
  const { stub, admit, ended } = objectOf("evicted");
  expect(await admit("a")).toMatchObject({ ok: true });
  expect(await admit("b")).toMatchObject(refusal);
  await evictDurableObject(stub);
  await ended("a");
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
  await index("costly", "a", { status: "completed", spentMicroUsd: 600, createdAtMs: Date.now() });
  await index("costly", "old", {
    status: "completed",
    spentMicroUsd: 600,
    createdAtMs: Date.now() - 86_400_000,
  });
  const { admit, ended } = objectOf("costly");
  expect(await admit("b")).toMatchObject({ ok: true });
  await ended("b", 400);
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

test("a minute later the index is read again, without anyone waiting for it", async () => {
  await capTenant("minute", { live: 1 });
  const { admit } = objectOf("minute");
  expect(await admit("a")).toMatchObject({ ok: true });
  await index("minute", "a", { status: "completed" });
  expect(await admit("b")).toMatchObject(refusal);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60_001 });
  await vi.waitFor(async () => expect(await admit("b")).toMatchObject({ ok: true }), {
    timeout: 5_000,
    interval: 5,
  });
});
