import { expect, test } from "vitest";
import { TenantAccount, type TenantLoad } from "../../src/core/tenant-account.ts";

const caps = { liveTasks: 3, costMicroUsdPerDay: 1_000, openApprovals: 2 };
const T0 = 1_000_000;

function load(of: Partial<TenantLoad> & { liveTasks?: readonly string[] } = {}): TenantLoad {
  const live = new Set(of.liveTasks);
  return { caps, live, known: live, openApprovals: 0, spentMicroUsd: 0, ...of };
}

test("tasks are admitted up to the cap of live tasks", () => {
  const account = new TenantAccount(load({ liveTasks: ["a"] }));
  expect(account.admit("b", T0)).toBeNull();
  expect(account.admit("c", T0)).toBeNull();
  expect(account.admit("d", T0)).toBe("3 live tasks");
});

test("asking again for a task that lives takes no further place, even when all are taken", () => {
  const account = new TenantAccount(load({ liveTasks: ["a", "b"] }));
  expect([account.admit("c", T0), account.admit("c", T0), account.admit("a", T0)]).toEqual([
    null,
    null,
    null,
  ]);
});

test.each([
  ["in the index", ["a", "b", "c"], []],
  ["admitted since", [], ["a", "b", "c"]],
])("a task that ends frees its place: %s", (_where, liveTasks, admitted) => {
  const account = new TenantAccount(load({ liveTasks }));
  for (const task of admitted) account.admit(task, T0);
  expect(account.admit("d", T0)).toBe("3 live tasks");
  account.ended("a", 0);
  account.ended("a", 0);
  expect(account.admit("d", T0)).toBeNull();
  expect(account.admit("e", T0)).toBe("3 live tasks");
});

test("a task that ended and is resumed needs a place again", () => {
  const account = new TenantAccount(load({ liveTasks: ["a", "b", "c"] }));
  account.ended("a", 0);
  expect(account.admit("d", T0)).toBeNull();
  expect(account.admit("a", T0)).toBe("3 live tasks");
  account.ended("d", 0);
  expect(account.admit("a", T0)).toBeNull();
});

test("the day's cost counts what ended since the reading, once a task", () => {
  const account = new TenantAccount(load({ spentMicroUsd: 400 }));
  account.ended("a", 599);
  account.ended("a", 599);
  expect(account.admit("b", T0)).toBeNull();
  account.ended("c", 1);
  expect(account.admit("d", T0)).toBe("1000 micro-USD a day");
});

test("open approvals are capped as the inbox tells them", () => {
  expect(new TenantAccount(load({ openApprovals: 1 })).admit("a", T0)).toBeNull();
  expect(new TenantAccount(load({ openApprovals: 2 })).admit("a", T0)).toBe("2 open approvals");
});

test("an admitted task counts until the index has it, and after that as the index says", () => {
  const account = new TenantAccount(load());
  account.admit("a", T0);
  account.reconcile(load(), T0 + 60_000);
  expect(account.tracked()).toEqual(["a"]);
  account.reconcile(load({ liveTasks: [], known: new Set(["a"]) }), T0 + 120_000);
  expect(account.tracked()).toEqual([]);
});

test("an admitted task that never reaches the index is forgotten after five minutes", () => {
  const account = new TenantAccount(load());
  account.admit("a", T0);
  account.reconcile(load(), T0 + 300_000);
  expect(account.tracked()).toEqual(["a"]);
  account.reconcile(load(), T0 + 300_001);
  expect(account.tracked()).toEqual([]);
});

test("an ended task is remembered until the index says that it has ended", () => {
  const account = new TenantAccount(load({ liveTasks: ["a"] }));
  account.ended("a", 5);
  account.reconcile(load({ liveTasks: ["a"] }), T0);
  expect(account.tracked()).toEqual(["a"]);
  account.reconcile(load({ known: new Set(["a"]) }), T0);
  expect(account.tracked()).toEqual([]);
});
