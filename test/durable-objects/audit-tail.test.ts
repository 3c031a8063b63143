import { beforeEach, expect, test } from "vitest";
import { AuditTail } from "../../durable-objects/audit-tail.ts";
import { TaskLog } from "../../durable-objects/task-log.ts";
import type { Command } from "../../src/core/task/command.ts";
import type { AuditBatch } from "../../src/ports.ts";
import { type Sql, TaskStore } from "../../src/storage/task-store.ts";
import { FNS } from "../core/fixtures/core-functions.ts";
import { T0, orderOf } from "../core/fixtures/order.ts";
import { Sqlite } from "../simulation/sqlite.ts";

let sqlite: Sqlite;
let statements: string[];
let batches: AuditBatch[];
let audit: { append: (batch: AuditBatch) => Promise<void> };
let told: string[];
let nowMs: number;

beforeEach(() => {
  [sqlite, statements, batches, told, nowMs] = [new Sqlite(), [], [], [], T0];
  audit = { append: async (batch) => void batches.push(batch) };
});

/** One life of an object: its log, and the tail that follows it. */
function live() {
  const sql: Sql = {
    exec: (query, ...bindings) => {
      statements.push(query);
      return sqlite.all(query, bindings);
    },
    transaction: (work) => work(),
  };
  const store = new TaskStore(sql);
  const clock = { nowMs: () => nowMs };
  const log: TaskLog = new TaskLog({
    store,
    fns: FNS,
    clock,
    salt: () => "5a17".repeat(8),
    onCommit: (row) => tail.grew(row),
  });
  const tenants = { ended: async (_tenant: string, task: string) => void told.push(task) };
  const tail: AuditTail = new AuditTail({ log, store, audit, tenants, clock });
  const commit = (...commands: readonly Command[]): void => commands.forEach((one) => log.commit(one));
  return { tail, commit };
}

const CREATE: Command = { type: "create", order: orderOf() };
const CANCEL: Command = { type: "cancel", by: "mia" };
const sentSeqs = () => batches.map(({ commits }) => commits.map(({ seq }) => seq));
const reads = () => statements.filter((query) => query.startsWith("SELECT seq"));

test("the tail goes out in one batch, from memory, with the index as of its last row", async () => {
  const { tail, commit } = live();
  commit(CREATE, { type: "start" });
  const readBefore = reads().length;
  await tail.flush();
  commit(CANCEL);
  await tail.flush();
  expect(sentSeqs()).toEqual([[1, 2], [3]]);
  expect(batches[0]?.entry).toMatchObject({ seq: 2, status: "running" });
  expect([reads().length - readBefore, tail.dueMs(false)]).toEqual([0, null]);
});

test("what was acknowledged is noted, and not sent again in another life", async () => {
  const first = live();
  first.commit(CREATE, { type: "start" });
  await first.tail.flush();
  first.commit({ type: "pause", by: "mia" });
  await live().tail.flush();
  expect(sentSeqs()).toEqual([[1, 2], [3]]);
});

test("the tail is never more than a minute behind, however often the object is born again", async () => {
  const first = live();
  first.commit(CREATE, { type: "start" });
  expect(first.tail.dueMs(false)).toBe(T0 + 2_000);
  await first.tail.flush();
  nowMs += 5_000;
  first.commit({ type: "pause", by: "mia" });
  nowMs += 30_000;
  const second = live();
  second.commit({ type: "resume", by: "mia" });
  expect(second.tail.dueMs(false)).toBe(T0 + 65_000);
  expect(second.tail.dueMs(true)).toBeLessThan(nowMs);
});

test("a task that ends notes nothing: a further life would send what stands in the log already", async () => {
  const first = live();
  first.commit(CREATE, CANCEL);
  await first.tail.flush();
  expect(statements.some((query) => query.includes("kept ("))).toBe(false);
  await live().tail.flush();
  expect(sentSeqs()).toEqual([
    [1, 2],
    [1, 2],
  ]);
});

test("a log that is down is tried again later and later, and then gets everything", async () => {
  const { tail, commit } = live();
  const up = audit.append;
  audit.append = () => Promise.reject(new Error("D1_ERROR"));
  commit(CREATE);
  const delays: (number | null)[] = [];
  for (let n = 0; n < 8; n++) {
    await tail.flush();
    delays.push((tail.dueMs(true) ?? 0) - nowMs);
  }
  expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  audit.append = up;
  commit({ type: "start" });
  await tail.flush();
  expect(sentSeqs()).toEqual([[1, 2]]);
});

test("the tenant's guard is told once that the task has ended", async () => {
  const { tail, commit } = live();
  commit(CREATE);
  await tail.flush();
  expect(told).toEqual([]);
  commit(CANCEL);
  await tail.flush();
  await tail.flush();
  expect(told).toEqual(["t1"]);
});
