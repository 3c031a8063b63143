import { expect, test } from "vitest";
import { TaskLeave } from "../../src/api/task-leave.ts";
import type { Admission } from "../../src/core/tenant-account.ts";

const refusal = { ok: false, code: "tenant_cap_reached", detail: "Full." } as const;
const delegation = { depth: 2, fanOut: 5, children: 9 };
const yes = { ok: true, value: { delegation, budgets: true } };

/** Guards that give each tenant's questions this much leave, one after the other, and refuse what comes later. */
function guardsWith(leaves: readonly number[]) {
  const asked: { readonly tenant: string; readonly admission: Admission }[] = [];
  const clock = { ms: 0, nowMs: () => clock.ms };
  const leave = new TaskLeave(
    (tenant) => ({
      admit: async (admission) => {
        const tasks = leaves[asked.filter((one) => one.tenant === tenant).length];
        asked.push({ tenant, admission });
        return tasks === undefined
          ? refusal
          : { ok: true, value: { tasks, forMs: 5_000, delegation, budgets: true } };
      },
    }),
    clock,
  );
  return { asked, clock, leave };
}

test("without leave the guard is asked for every task, and its refusal is passed on", async () => {
  const { asked, leave } = guardsWith([0, 0]);
  expect(await leave.admit("acme", "a")).toEqual(yes);
  expect(await leave.admit("acme", "b")).toEqual(yes);
  expect(await leave.admit("acme", "c")).toEqual(refusal);
  expect(asked.map(({ admission }) => admission.task)).toEqual(["a", "b", "c"]);
});

test("tasks are made on leave without asking, and reported with the next question", async () => {
  const { asked, leave } = guardsWith([2, 0]);
  for (const task of ["a", "b", "c"]) expect(await leave.admit("acme", task)).toEqual(yes);
  expect(asked).toHaveLength(1);
  expect(await leave.admit("acme", "d")).toEqual(yes);
  expect(asked[1]?.admission).toEqual({ task: "d", used: [{ leave: "a", tasks: ["b", "c"] }] });
  await leave.admit("acme", "e");
  expect(asked[2]?.admission).toEqual({ task: "e", used: [] });
});

test("leave lapses, and what was made of it by then is reported", async () => {
  const { asked, clock, leave } = guardsWith([2, 0]);
  await leave.admit("acme", "a");
  clock.ms = 4_999;
  await leave.admit("acme", "b");
  clock.ms = 5_000;
  await leave.admit("acme", "c");
  expect(asked[1]?.admission).toEqual({ task: "c", used: [{ leave: "a", tasks: ["b"] }] });
});

test("one tenant's leave is of no use to another", async () => {
  const { asked, leave } = guardsWith([5]);
  await leave.admit("acme", "a");
  await leave.admit("other", "b");
  expect(asked.map(({ tenant }) => tenant)).toEqual(["acme", "other"]);
});

test("questions that are asked at once each bring their own leave, and all of it is used before another", async () => {
  const { asked, leave } = guardsWith([1, 1]);
  await Promise.all([leave.admit("acme", "a"), leave.admit("acme", "b")]);
  await leave.admit("acme", "c");
  await leave.admit("acme", "d");
  expect(asked).toHaveLength(2);
  await leave.admit("acme", "e");
  expect(asked[2]?.admission.used).toEqual([
    { leave: "a", tasks: ["c"] },
    { leave: "b", tasks: ["d"] },
  ]);
});

test("an isolate that serves many tenants forgets the oldest leave", async () => {
  const { asked, leave } = guardsWith([5, 5]);
  for (let n = 0; n <= 1_000; n++) await leave.admit(`tenant-${n}`, "a");
  await leave.admit("tenant-0", "b");
  await leave.admit("tenant-1000", "b");
  expect(asked.filter(({ tenant }) => tenant === "tenant-0")).toHaveLength(2);
  expect(asked.filter(({ tenant }) => tenant === "tenant-1000")).toHaveLength(1);
});
