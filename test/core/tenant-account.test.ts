import { describe, expect, test } from "vitest";
import { type Admission, TenantAccount, type TenantLoad } from "../../src/core/tenant-account.ts";

const delegation = { depth: 2, fanOut: 5, children: 9 };
const caps = { liveTasks: 3, costMicroUsdPerDay: 1_000, openApprovals: 3, delegation };
const T0 = 1_000_000;
const none = { leave: { tasks: 0, forMs: 5_000, delegation, budgets: false } };

function load(of: Partial<TenantLoad> & { liveTasks?: readonly string[] } = {}): TenantLoad {
  const { liveTasks = [], ...rest } = of;
  const live = new Set(liveTasks);
  return {
    caps,
    live,
    known: live,
    openApprovals: 0,
    budgets: false,
    spentMicroUsd: 0,
    readAtMs: T0,
    ...rest,
  };
}

/** A tenant of a thousand tasks, so many of which live. */
function large(living: number, of: Partial<TenantLoad> = {}): TenantLoad {
  return load({
    caps: { ...caps, liveTasks: 1_000 },
    liveTasks: Array.from({ length: living }, (_, n) => `old-${n}`),
    ...of,
  });
}

function wants(task: string, used: Admission["used"] = []): Admission {
  return { task, used };
}

test("tasks are admitted up to the cap of live tasks", () => {
  const account = new TenantAccount(load({ liveTasks: ["a"] }));
  expect(account.admit(wants("b"), T0)).toEqual(none);
  expect(account.admit(wants("c"), T0)).toEqual(none);
  expect(account.admit(wants("d"), T0)).toEqual({ reached: "3 live tasks" });
});

test("asking again for a task that lives takes no further place, even when all are taken", () => {
  const account = new TenantAccount(load({ liveTasks: ["a", "b"] }));
  expect(["c", "c", "a"].map((task) => account.admit(wants(task), T0))).toEqual([none, none, none]);
  expect(account.admit(wants("d"), T0)).toEqual({ reached: "3 live tasks" });
});

test("a task that has ended frees its place with the next reading", () => {
  const account = new TenantAccount(load({ liveTasks: ["a", "b", "c"] }));
  expect(account.admit(wants("d"), T0)).toEqual({ reached: "3 live tasks" });
  account.reconcile(load({ liveTasks: ["b", "c"] }));
  expect(account.admit(wants("d"), T0)).toEqual(none);
  expect(account.admit(wants("a"), T0)).toEqual({ reached: "3 live tasks" });
});

test.each([
  ["the day's cost", { spentMicroUsd: 999 }, { spentMicroUsd: 1_000 }, "1000 micro-USD a day"],
  ["open approvals", { openApprovals: 2 }, { openApprovals: 3 }, "3 open approvals"],
])("%s is capped as the index tells it", (_what, below, at, reached) => {
  expect(new TenantAccount(load(below)).admit(wants("a"), T0)).toEqual(none);
  expect(new TenantAccount(load(at)).admit(wants("a"), T0)).toEqual({ reached });
});

test("an admitted task counts until the index has it, and after that as the index says", () => {
  const account = new TenantAccount(load());
  account.admit(wants("a"), T0);
  account.reconcile(load({ readAtMs: T0 + 60_000 }));
  expect(account.tracked()).toEqual(["a"]);
  account.reconcile(load({ known: new Set(["a"]), readAtMs: T0 + 120_000 }));
  expect(account.tracked()).toEqual([]);
});

test("an admitted task that never reaches the index is forgotten after five minutes", () => {
  const account = new TenantAccount(load());
  account.admit(wants("a"), T0);
  account.reconcile(load({ readAtMs: T0 + 300_000 }));
  expect(account.tracked()).toEqual(["a"]);
  account.reconcile(load({ readAtMs: T0 + 300_001 }));
  expect(account.tracked()).toEqual([]);
});

describe("leave", () => {
  const tasksOf = (account: TenantAccount, admission: Admission, nowMs = T0): number => {
    const admitted = account.admit(admission, nowMs);
    return "leave" in admitted ? admitted.leave.tasks : Number.NaN;
  };

  test.each([
    ["of a fiftieth of what is left", 0, 19],
    ["of less, when less is left", 500, 9],
    ["of nothing from four fifths of the cap on", 799, 0],
  ])("is given %s", (_what, living, tasks) => {
    expect(tasksOf(new TenantAccount(large(living)), wants("a"))).toBe(tasks);
  });

  test("is for forty tasks at most", () => {
    const account = new TenantAccount(load({ caps: { ...caps, liveTasks: 1_000_000 } }));
    expect(tasksOf(account, wants("a"))).toBe(40);
  });

  test.each([
    ["the day's cost", { spentMicroUsd: 800 }],
    ["open approvals", { openApprovals: 3, caps: { ...caps, liveTasks: 1_000, openApprovals: 3.5 } }],
  ])("is not given when four fifths of %s are reached", (_what, near) => {
    expect(tasksOf(new TenantAccount(large(0, near)), wants("a"))).toBe(0);
  });

  test("comes to a tenth of the cap together", () => {
    const account = new TenantAccount(large(0));
    const given = Array.from({ length: 50 }, (_, n) => tasksOf(account, wants(`t${n}`)));
    expect(given.reduce((sum, tasks) => sum + tasks)).toBe(100);
    expect(given.at(-1)).toBe(0);
  });

  test("counts as if all of it were used, until it is said what was", () => {
    const account = new TenantAccount(large(978));
    account.reconcile(large(750));
    expect(tasksOf(account, wants("a"))).toBe(4);
    account.reconcile(large(995));
    expect(account.admit(wants("b"), T0)).toEqual({ reached: "1000 live tasks" });
    expect(account.admit(wants("b", [{ leave: "a", tasks: ["a1"] }]), T0)).toEqual(none);
    expect(account.tracked()).toEqual(["a", "a1", "b"]);
  });

  test("that nobody reports is forgotten after fifteen seconds", () => {
    const account = new TenantAccount(large(750));
    account.admit(wants("a"), T0);
    account.reconcile(large(995));
    expect(account.admit(wants("b"), T0 + 15_000)).toEqual({ reached: "1000 live tasks" });
    expect(account.admit(wants("b"), T0 + 15_001)).toEqual(none);
  });

  test("reports of tasks that the index has say nothing new", () => {
    const account = new TenantAccount(large(10));
    account.admit(wants("a", [{ leave: "z", tasks: ["old-1"] }]), T0);
    expect(account.tracked()).toEqual(["a"]);
  });
});

test.each([
  ["a minute, far from every cap", large(0), 60_000],
  ["a second, near one", large(800), 1_000],
])("a reading is too old after %s", (_when, read, ageMs) => {
  const account = new TenantAccount(read);
  expect([account.isStale(T0 + ageMs - 1), account.isStale(T0 + ageMs)]).toEqual([false, true]);
});
