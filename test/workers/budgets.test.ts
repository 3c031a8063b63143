import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import type { AccountTerms, AccountView } from "../../src/contracts/allowance.ts";
import type { TaskView } from "../../src/contracts/task.ts";
import { allowanceDoors } from "../../src/guards/bindings.ts";
import { D1AccountTerms } from "../../src/storage/account-terms.ts";
import { Client } from "./client.ts";
import { TaskObject } from "./entry.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FAIL = { onLimit: "fail" } as const;
/** Seldom enough for a tenant's rate of requests. */
const waiting = { timeout: 40_000, interval: 3_000 };

async function underBudget(tenant: string, terms: AccountTerms): Promise<Client> {
  await new D1AccountTerms(env.DB).write(tenant, "", terms);
  return await Client.of(tenant, "ana");
}

async function tenantAccount(client: Client): Promise<AccountView["limits"][number]> {
  const { items } = await (await client.get("/v1/budgets")).json<{ items: AccountView[] }>();
  const limit = items[0]?.limits[0];
  if (limit === undefined) throw new Error("the tenant has no limit");
  return limit;
}

/** A tenant's accounts, and what a task asks of them. */
function askingOf(tenant: string) {
  const asked = {
    task: `tsk_${"1".repeat(32)}`,
    principal: "ana",
    priority: "normal",
    queued: true,
    n: 1,
    used: { costMicroUsd: 0, tokens: 0 },
    counted: { costMicroUsd: 0, tokens: 0 },
    wanted: { costMicroUsd: 5, tokens: 600 },
    answered: null,
    askTtlMs: 1_000,
  } as const;
  return { door: () => allowanceDoors(env).budget(tenant), asked };
}

async function viewsOf(client: Client, tasks: readonly TaskView[]): Promise<readonly TaskView[]> {
  return await Promise.all(
    tasks.map(async ({ id }) => await (await client.get(`/v1/tasks/${id}`)).json<TaskView>()),
  );
}

test("two hundred tasks race for the last cent of their tenant's day: never overshot, and none is stuck", async () => {
  const limit = 10_000;
  const client = await underBudget("racers", { ...FAIL, day: { costMicroUsd: limit } });
  const tasks = await Promise.all(
    Array.from({ length: 200 }, (_, n) => client.create(n % 4 === 0 ? "big-spender" : "spender")),
  );
  const spentBy = (views: readonly TaskView[]): number =>
    views.reduce((sum, { budget }) => sum + budget.spent.costMicroUsd + budget.overrun.costMicroUsd, 0);
  const views = await vi.waitFor(async () => {
    const seen = await viewsOf(client, tasks);
    expect(spentBy(seen)).toBeLessThanOrEqual(limit);
    const moving = seen.filter(
      ({ status, waitsFor }) => status === "running" || (status === "queued" && waitsFor === undefined),
    );
    expect(moving).toEqual([]);
    return seen;
  }, waiting);
  const statuses = new Set(views.map(({ status }) => status));
  expect(
    [...statuses].filter((status) => status !== "completed" && status !== "failed" && status !== "queued"),
  ).toEqual([]);
  const waits = views.filter(({ status }) => status === "queued");
  expect(waits.length).toBeGreaterThan(20);
  expect(waits[0]?.waitsFor).toMatchObject({
    kind: "budget",
    account: "tenant",
    period: "day",
    dimension: "costMicroUsd",
  });
  for (const { error } of views.filter(({ status }) => status === "failed"))
    expect(error?.code).toBe("budget_exhausted");
  const account = await vi.waitFor(async () => {
    const seen = await tenantAccount(client);
    expect(seen.held).toBe(0);
    return seen;
  }, waiting);
  expect(account).toMatchObject({ spent: spentBy(views), limit, alerted: 100 });
  // Whatever is left is less than one more call needs.
  expect(limit - account.spent).toBeLessThan(400);

  const raised = await client.post("/v1/budgets", { terms: { ...FAIL, day: { costMicroUsd: 1_000_000 } } });
  expect(raised.status).toBe(200);
  await vi.waitFor(async () => {
    const seen = await viewsOf(client, waits);
    expect(seen.filter(({ status }) => status !== "completed").map(({ status }) => status)).toEqual([]);
  }, waiting);
  expect((await tenantAccount(client)).spent).toBe(spentBy(await viewsOf(client, tasks)));
}, 120_000);

test("one human is asked for all, by one task, and a yes lets everybody go on", async () => {
  const client = await underBudget("askers", {
    onLimit: "ask",
    approver: "boss",
    day: { costMicroUsd: 900 },
  });
  const boss = await Client.of("askers", "boss");
  const tasks = await Promise.all(Array.from({ length: 3 }, () => client.create("big-spender")));
  const asking = await vi.waitFor(async () => {
    const asks = (await viewsOf(client, tasks)).filter(({ status }) => status === "waiting_approval");
    expect(asks).toHaveLength(1);
    return asks[0];
  }, waiting);
  const approval = asking?.openApprovals[0] ?? "";
  const seen = await (await boss.get(`/v1/approvals/${approval}`)).json();
  expect(seen).toMatchObject({
    approver: "boss",
    question: { kind: "funds", account: "tenant", period: "day", dimension: "costMicroUsd", ceiling: 900 },
  });
  const page = await (await boss.get("/v1/approvals")).json<{ items: { kind: string; subject: string }[] }>();
  expect(page.items).toMatchObject([{ kind: "funds", subject: "tenant's costMicroUsd" }]);
  await boss.post(`/v1/approvals/${approval}/decision`, { decision: "approve" });
  await client.until(asking?.id ?? "", "completed");
  expect(await tenantAccount(client)).toMatchObject({ limit: 900, raisedTo: 1_800 });
}, 60_000);

test("what is spent and held survives a restart, and without its terms nobody is answered", async () => {
  await new D1AccountTerms(env.DB).write("survivors", "", { ...FAIL, day: { tokens: 1_000 } });
  const { door, asked } = askingOf("survivors");
  expect(await door().answer(asked)).toMatchObject({ allowance: { held: { tokens: 625 } } });
  await evictDurableObject(exports.BudgetObject.getByName("survivors"));
  expect(await door().answer(asked)).toMatchObject({ allowance: { held: { tokens: 625 } } });
  const other = { ...asked, task: `tsk_${"2".repeat(32)}` };
  expect((await door().answer(other))?.allowance.refused?.why).toMatchObject({ shared: true });
  await evictDurableObject(exports.BudgetObject.getByName("survivors"));
  await env.DB.exec("ALTER TABLE budgets RENAME TO hidden");
  await runInDurableObject(exports.BudgetObject.getByName("survivors"), async (object) => {
    await expect(object.answer(other)).rejects.toThrow("no such table");
  });
  await env.DB.exec("ALTER TABLE hidden RENAME TO budgets");
});

test("accounts are told in pages: the tenant's first, then those of its principals by name", async () => {
  const terms = new D1AccountTerms(env.DB);
  for (const principal of ["", "*", "zoe", "bob"])
    await terms.write("pages", principal, { ...FAIL, day: { tokens: 1_000 } });
  const { door, asked } = askingOf("pages");
  await door().answer({ ...asked, principal: "mia" });
  const page = async (after: string | undefined, limit: number) =>
    (await door().accounts({ after: after === undefined ? undefined : { principal: after }, limit })).map(
      ({ principal }) => principal,
    );
  expect(await page(undefined, 2)).toEqual([undefined, "bob"]);
  expect(await page("bob", 2)).toEqual(["mia", "zoe"]);
  expect(await page("", 9)).toEqual(["bob", "mia", "zoe"]);
  expect(await page("zoe", 2)).toEqual([]);
});

test("places among the tasks at work are kept over a restart, and whoever is next is let in", async () => {
  const door = () => allowanceDoors(env).admission("tasks");
  const one = {
    task: `tsk_${"3".repeat(32)}`,
    tenant: "acme",
    priority: "normal",
    begun: false,
    n: 1,
    seat: "a seat",
  } as const;
  const two = { ...one, task: `tsk_${"4".repeat(32)}` };
  expect(await door().enter(one, 1)).toBe(true);
  expect(await door().enter(two, 1)).toBe(false);
  await evictDurableObject(exports.AdmissionObject.getByName("tasks"));
  expect(await door().enter(two, 1)).toBe(false);
  await door().leave(one.task, 2, 1);
  expect(await door().enter(two, 1)).toBe(true);
  await runInDurableObject(exports.AdmissionObject.getByName("tasks"), async (_object, { storage }) => {
    const rows = storage.sql.exec("SELECT task FROM places").toArray();
    expect(rows).toEqual([{ task: two.task }]);
  });
});

test("whoever has kept a place for more than a day is no longer counted, and whoever is next is poked", async () => {
  const door = () => allowanceDoors(env).admission("tasks#7");
  const poked = vi.spyOn(TaskObject.prototype, "poke");
  const of = (digit: string) => ({
    ...({ task: `tsk_${digit.repeat(32)}`, tenant: "acme", priority: "normal", begun: false } as const),
    n: 1,
    seat: digit,
  });
  const beganMs = Date.now();
  vi.useFakeTimers({ toFake: ["Date"] });
  try {
    const [lost, silent, first, second] = [of("5"), of("6"), of("7"), of("8")];
    expect(await door().enter(lost, 2)).toBe(true);
    expect(await door().enter(silent, 2)).toBe(true);
    vi.setSystemTime(beganMs + DAY_MS - 60_000);
    expect(await door().enter({ ...silent, n: 2 }, 2)).toBe(true);
    vi.setSystemTime(beganMs + DAY_MS + HOUR_MS - 120_000);
    expect(await door().enter(first, 2)).toBe(false);
    vi.setSystemTime(beganMs + DAY_MS + HOUR_MS);
    expect(await door().enter(second, 2)).toBe(false);
  } finally {
    vi.useRealTimers();
  }
  await vi.waitFor(() => expect(poked).toHaveBeenCalled());
  await runInDurableObject(exports.AdmissionObject.getByName("tasks#7"), async (_object, { storage }) => {
    const rows = storage.sql.exec("SELECT task, since_ms, n FROM places").toArray();
    expect(rows).toEqual([{ task: of("6").task, since_ms: beganMs + DAY_MS - 60_000, n: 2 }]);
  });
});
