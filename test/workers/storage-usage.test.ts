import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { UsageBy } from "../../src/contracts/usage.ts";
import { D1AuditLog } from "../../src/storage/audit-log.ts";
import { D1UsageReader } from "../../src/storage/usage-reader.ts";
import type { IndexEntry } from "../../src/ports.ts";
import { T0, batchOf, commitsOf } from "../storage/audited.ts";

const DAY_MS = 86_400_000;
const TODAY = Math.floor(T0 / DAY_MS);
const log = new D1AuditLog(env.DB);
const reader = new D1UsageReader(env.DB);

const day = (models: object, tools: object = {}) => ({ models, tools }) as never;
const use = (calls: number, tokens: number, costMicroUsd: number) => ({ calls, tokens, costMicroUsd });

async function put(task: string, entry: Partial<IndexEntry>, usage: Record<string, never>, tenant = "acme") {
  const owner = { tenant, task };
  await log.append(batchOf(commitsOf(owner, 1), { ...owner, ...entry }, usage));
}

await put(
  "t1",
  { status: "completed", agent: "lead" },
  {
    [TODAY]: day({ "openai/a": use(2, 20, 200) }, { look: { calls: 3, failed: 1 } }),
  },
);
await put(
  "t2",
  { status: "failed", agent: "lead", principal: "leo" },
  {
    [TODAY - 1]: day({ "openai/a": use(1, 10, 100) }),
    [TODAY]: day({ "openai/b": use(1, 5, 50) }, { look: { calls: 1, failed: 0 } }),
  },
);
await put(
  "t3",
  { status: "completed", agent: "scout", parent: "t1" },
  { [TODAY]: day({ "openai/b": use(1, 1, 7) }) },
);
await put("old", { createdAtMs: T0 - 400 * DAY_MS }, { [TODAY - 400]: day({ "openai/a": use(9, 9, 9) }) });
await put("t1", {}, { [TODAY]: day({ "openai/a": use(1, 1, 1_000_000) }) }, "other");

await put(
  "long at work",
  { createdAtMs: T0 - 300 * DAY_MS, updatedAtMs: T0 - 20 * DAY_MS, agent: "snail" },
  { [TODAY - 300]: day({ "openai/a": use(9, 9, 9) }), [TODAY - 20]: day({ "openai/a": use(1, 1, 3) }) },
);

const lines = (by: UsageBy, days = 2, limit = 100) =>
  reader.lines("acme", { by, fromMs: T0 - (days - 1) * DAY_MS, toMs: T0 + 1, limit });

const brief = async (by: UsageBy, days?: number) =>
  (await lines(by, days)).map(({ key, tasks, completed, calls, costMicroUsd }) => [
    key,
    tasks,
    completed,
    calls,
    costMicroUsd,
  ]);

test("all of a tenant's tasks are summed up, and those that clients made are counted as completed", async () => {
  expect(await lines("tenant")).toEqual([
    { key: "acme", tasks: 3, completed: 1, calls: 5, failed: 0, tokens: 36, costMicroUsd: 357 },
  ]);
});

test.each<[UsageBy, readonly (readonly [string, number, number, number, number])[]]>([
  // Failed tasks cost too: 350 for the one that was completed.
  [
    "agent",
    [
      ["lead", 2, 1, 4, 350],
      ["scout", 1, 1, 1, 7],
    ],
  ],
  [
    "principal",
    [
      ["mia", 2, 1, 3, 207],
      ["leo", 1, 0, 2, 150],
    ],
  ],
  [
    "model",
    [
      ["openai/a", 2, 1, 3, 300],
      ["openai/b", 2, 0, 2, 57],
    ],
  ],
  ["tool", [["look", 2, 1, 4, 0]]],
  [
    "day",
    [
      ["2026-01-05", 3, 1, 4, 257],
      ["2026-01-04", 1, 0, 1, 100],
    ],
  ],
])("use is summed up by %s, the most expensive first", async (by, expected) => {
  expect(await brief(by)).toEqual(expected);
});

test("only whole days of the window count, whenever their tasks were made", async () => {
  expect(await brief("agent", 1)).toEqual([
    ["lead", 2, 1, 3, 250],
    ["scout", 1, 1, 1, 7],
  ]);
  expect(
    await reader.lines("acme", { by: "day", fromMs: T0 - 401 * DAY_MS, toMs: T0 - 399 * DAY_MS, limit: 9 }),
  ).toMatchObject([{ tasks: 1, costMicroUsd: 9 }]);
});

test("a list ends at its limit", async () => {
  expect(await lines("agent", 2, 1)).toHaveLength(1);
});

test("the same batch again adds nothing", async () => {
  await put("t1", { status: "completed", agent: "lead" }, { [TODAY]: day({ "openai/a": use(2, 20, 200) }) });
  expect(await brief("tenant")).toEqual([["acme", 3, 1, 5, 357]]);
});

test("a task counts on the days on which it was at work, however long ago it was made", async () => {
  const found = await reader.lines("acme", {
    by: "agent",
    fromMs: T0 - 20 * DAY_MS,
    toMs: T0 - 19 * DAY_MS,
    limit: 9,
  });
  expect(found).toMatchObject([{ key: "snail", calls: 1, costMicroUsd: 3 }]);
});
