import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type {
  AuditFilter,
  AuditPosition,
  InboxFilter,
  InboxPosition,
  TaskFilter,
  TaskPosition,
} from "../../src/contracts/lists.ts";
import type { IndexEntry } from "../../src/ports.ts";
import { D1AuditLog } from "../../src/storage/audit-log.ts";
import { D1AuditReader } from "../../src/storage/audit-reader.ts";
import { D1Inbox } from "../../src/storage/approvals-inbox.ts";
import { D1TaskIndex } from "../../src/storage/task-index.ts";
import { T0, batchOf, commitsOf, inboxEntry } from "../storage/audited.ts";

const log = new D1AuditLog(env.DB);
const index = new D1TaskIndex(env.DB);
const inbox = new D1Inbox(env.DB);
const reader = new D1AuditReader(env.DB);

const HOUR_MS = 3_600_000;
const STATUSES = ["queued", "running", "waiting_approval", "completed", "failed", "canceled"] as const;

/** Twelve tasks an hour apart, by two principals, of two agents, twice in each status; and one of another tenant. */
const all: readonly IndexEntry[] = await Promise.all(
  Array.from({ length: 12 }, async (_, n) => {
    const owner = { tenant: "acme", task: `tsk_${n}` };
    const createdAtMs = T0 + n * HOUR_MS;
    const commits = commitsOf(owner, 3).map((row) => ({ ...row, atMs: row.atMs + n * HOUR_MS }));
    const batch = batchOf(commits, {
      ...owner,
      createdAtMs,
      status: STATUSES[n % 6] ?? "queued",
      principal: n % 2 === 0 ? "mia" : "leo",
      agent: n < 6 ? "support-desk" : "librarian",
      ...(n % 4 === 3 && { parent: "tsk_0" }),
    });
    await log.append(batch);
    return batch.entry;
  }),
);
const foreign = { tenant: "other", task: "tsk_0" };
await log.append(batchOf(commitsOf(foreign, 2), foreign));

const newestFirst = all.toReversed();

async function listed(filter: TaskFilter, limit: number): Promise<readonly IndexEntry[]> {
  const found: IndexEntry[] = [];
  let after: TaskPosition | undefined;
  for (;;) {
    const page = await index.list("acme", filter, { after, limit });
    found.push(...page);
    after = page.at(-1);
    if (after === undefined) return found;
  }
}

test.each<[string, TaskFilter, (entry: IndexEntry) => boolean]>([
  ["everything", {}, () => true],
  ...STATUSES.map((status): [string, TaskFilter, (entry: IndexEntry) => boolean] => [
    `status ${status}`,
    { status },
    (entry) => entry.status === status,
  ]),
  ["an agent", { agent: "librarian" }, (entry) => entry.agent === "librarian"],
  ["a principal", { principal: "leo" }, (entry) => entry.principal === "leo"],
  [
    "a principal and an agent",
    { principal: "leo", agent: "librarian" },
    (entry) => entry.principal === "leo" && entry.agent === "librarian",
  ],
  [
    "a principal and a live status",
    { principal: "mia", status: "queued" },
    (entry) => entry.status === "queued",
  ],
  [
    "a time",
    { fromMs: T0 + 2 * HOUR_MS, toMs: T0 + 5 * HOUR_MS },
    (entry) => ["tsk_2", "tsk_3", "tsk_4"].includes(entry.task),
  ],
  ["a parent", { parent: "tsk_0" }, (entry) => entry.parent === "tsk_0"],
  ["another parent", { parent: "tsk_1" }, () => false],
  ["nothing", { agent: "nobody" }, () => false],
])("tasks are listed by %s, newest first, whatever the size of the page", async (_what, filter, fits) => {
  const expected = newestFirst.filter(fits);
  expect(await listed(filter, 5)).toEqual(expected);
  expect(await listed(filter, 1)).toEqual(expected);
  expect(await listed(filter, 100)).toEqual(expected);
});

test("the last commit that reached the log is known for a task, and for an unknown one it is 0", async () => {
  expect(await index.auditedSeq("acme", "tsk_3")).toBe(3);
  expect(await index.auditedSeq("other", "tsk_3")).toBe(0);
});

async function read(filter: AuditFilter, limit: number): Promise<readonly string[]> {
  const found: string[] = [];
  let after: AuditPosition | undefined;
  do {
    const page = await reader.page("acme", filter, after, limit);
    found.push(...page.rows.map((row) => `${row.task}.${row.seq}`));
    after = page.next;
  } while (after !== undefined);
  return found;
}

const places = (fits: (entry: IndexEntry) => boolean): readonly string[] =>
  all.filter(fits).flatMap((entry) => [1, 2, 3].map((seq) => `${entry.task}.${seq}`));

test.each<[string, AuditFilter, readonly string[]]>([
  ["nothing", {}, places(() => true)],
  ["task", { task: "tsk_4" }, places((entry) => entry.task === "tsk_4")],
  ["principal", { principal: "leo" }, places((entry) => entry.principal === "leo")],
  ["task and another principal", { task: "tsk_4", principal: "leo" }, []],
  [
    "a window of two tasks",
    { fromMs: T0 + HOUR_MS, toMs: T0 + 3 * HOUR_MS },
    places((entry) => ["tsk_1", "tsk_2"].includes(entry.task)),
  ],
  ["a window within a task", { task: "tsk_0", fromMs: T0 + 2_000, toMs: T0 + 3_000 }, ["tsk_0.2"]],
  ["an unknown task", { task: "tsk_99" }, []],
])(
  "the log is read by %s in the order of the tasks and their commits, whatever the size of the page",
  async (_what, filter, expected) => {
    expect(await read(filter, 500)).toEqual(expected);
    expect(await read(filter, 4)).toEqual(expected);
    expect(await read(filter, 1)).toEqual(expected);
  },
);

test("a page of large bodies ends by its bytes, and the next goes on", async () => {
  const owner = { tenant: "large", task: "tsk_large" };
  const commits = commitsOf(owner, 12, () => JSON.stringify("x".repeat(1_000_000)));
  await log.append(batchOf(commits, owner));
  const first = await reader.page("large", {}, undefined, 500);
  expect(first.rows).toHaveLength(4);
  const second = await reader.page("large", {}, first.next, 500);
  expect(second.rows.map((row) => row.seq)).toEqual([5, 6, 7, 8]);
  expect(await reader.rowsOf("large", "tsk_large", 10)).toHaveLength(2);
});

test("commits are found by their places, and only the tenant's own", async () => {
  const names = [
    { task: "tsk_0", seq: 2 },
    { task: "tsk_7", seq: 3 },
    { task: "tsk_7", seq: 4 },
  ];
  expect((await reader.commits("acme", names)).map((row) => `${row.task}.${row.seq}`)).toEqual([
    "tsk_0.2",
    "tsk_7.3",
  ]);
  expect((await reader.commits("other", names)).map((row) => `${row.task}.${row.seq}`)).toEqual(["tsk_0.2"]);
  expect(await reader.commits("acme", [])).toEqual([]);
});

test.each<[string, InboxFilter, readonly number[]]>([
  ["everything", {}, [5, 4, 3, 2, 1, 0]],
  ["open ones", { state: "open" }, [4, 2, 0]],
  ["open ones of an approver", { state: "open", approver: "ana" }, [4, 0]],
  ["answered ones", { state: "approved" }, [5, 3, 1]],
  ["a task's", { task: "tsk_b" }, [5, 4, 3]],
])(
  "approvals are listed by %s, newest first, whatever the size of the page",
  async (_what, filter, expected) => {
    const owner = { tenant: "inbox", task: "tsk_a" };
    const entries = Array.from({ length: 6 }, (_, n) =>
      inboxEntry({
        id: `tsk_${n < 3 ? "a" : "b"}.${n + 1}.0`,
        task: n < 3 ? "tsk_a" : "tsk_b",
        openedAtMs: T0 + n,
        state: n % 2 === 0 ? "open" : "approved",
        approver: n % 4 === 2 ? "ben" : "ana",
      }),
    );
    await log.append({ ...batchOf(commitsOf(owner, 1), owner), approvals: entries });
    for (const limit of [1, 4, 100]) {
      const found = [];
      let after: InboxPosition | undefined;
      do {
        const page = await inbox.list("inbox", filter, { after, limit });
        found.push(...page);
        after = page.at(-1);
      } while (after !== undefined);
      expect(found).toEqual(expected.map((n) => entries[n]));
    }
  },
);

test("an approval of a child is listed with the task that recruited it", async () => {
  const owner = { tenant: "family", task: "tsk_child" };
  const entry = inboxEntry({ id: "tsk_child.1.0", task: "tsk_child" });
  await log.append({ ...batchOf(commitsOf(owner, 1), { ...owner, parent: "tsk_lead" }), approvals: [entry] });
  expect(await inbox.list("family", {}, { limit: 5 })).toEqual([{ ...entry, parent: "tsk_lead" }]);
});

test("no list sorts or scans: each follows an index", async () => {
  const seen: string[] = [];
  const spying = { prepare: (sql: string) => (seen.push(sql), env.DB.prepare(sql)) } as D1Database;
  const page = { limit: 5, after: { createdAtMs: T0, task: "tsk_0" } };
  for (const filter of [
    {},
    { status: "queued" },
    { status: "failed", agent: "a", principal: "p" },
    { agent: "a" },
    { parent: "tsk_0" },
  ] as const) {
    await new D1TaskIndex(spying).list("acme", filter, page);
  }
  await new D1Inbox(spying).list("acme", { state: "open" }, { limit: 5 });
  await new D1Inbox(spying).list("acme", {}, { limit: 5 });
  for (const sql of seen) {
    const parameters = sql.split("?").length - 1;
    const plan = await env.DB.prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .bind(...Array.from({ length: parameters }, () => 1))
      .all<{ detail: string }>();
    const steps = plan.results.map((step) => step.detail).join("; ");
    expect(steps).toMatch(/^SEARCH/);
    expect(steps.match(/SEARCH/g)).toHaveLength(sql.split("FROM").length - 1);
    expect(steps).not.toMatch(/SCAN|TEMP B-TREE/);
  }
  expect(seen).toHaveLength(7);
});
