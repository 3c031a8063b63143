import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { AuditBatch } from "../../src/ports.ts";
import { D1AuditLog } from "../../src/storage/audit-log.ts";
import { D1AuditReader } from "../../src/storage/audit-reader.ts";
import { D1Inbox } from "../../src/storage/approvals-inbox.ts";
import { D1TaskIndex } from "../../src/storage/task-index.ts";
import { T0, batchOf, commitsOf, inboxEntry } from "../storage/audited.ts";

const db = env.DB;
const log = new D1AuditLog(db);
const reader = new D1AuditReader(db);
const index = new D1TaskIndex(db);
const inbox = new D1Inbox(db);

let tasks = 0;
/** A task of its own for each test: storage is shared by the tests of a file. */
function freshTask(): { tenant: string; task: string } {
  return { tenant: "acme", task: `tsk_${String(++tasks).padStart(32, "0")}` };
}

/** Rows written by a batch, as D1 itself counts them. */
async function rowsWritten(batch: AuditBatch): Promise<number> {
  let written = 0;
  const counting: Pick<D1Database, "prepare" | "batch"> = {
    prepare: (sql) => db.prepare(sql),
    batch: async (statements) => {
      const results = await db.batch(statements);
      written = results.reduce((sum, result) => sum + result.meta.rows_written, 0);
      return results as never;
    },
  };
  await new D1AuditLog(counting as D1Database).append(batch);
  return written;
}

test("what is appended is read back as it was, in order", async () => {
  const owner = freshTask();
  const commits = commitsOf(owner, 30, (seq) => JSON.stringify({ events: [{ type: 'é\u2028"\\', n: seq }] }));
  await log.append(batchOf(commits, owner));
  expect(await reader.rowsOf(owner.tenant, owner.task, 0)).toEqual(
    commits.map((row) => ({ task: owner.task, ...row })),
  );
  expect(await reader.rowsOf(owner.tenant, owner.task, 28)).toHaveLength(2);
});

test("a batch costs one row a commit and at most five for the index; a later one at most two", async () => {
  const owner = freshTask();
  const commits = commitsOf(owner, 21);
  expect(await rowsWritten(batchOf(commits.slice(0, 11), owner))).toBe(11 + 5);
  expect(await rowsWritten(batchOf(commits.slice(11, 16), owner))).toBe(5 + 2);
  expect(await rowsWritten(batchOf(commits.slice(16), { ...owner, status: "completed" }))).toBe(5 + 1);
});

test("a task that reaches the log only at its end costs one row a commit and four for the index", async () => {
  const owner = freshTask();
  expect(await rowsWritten(batchOf(commitsOf(owner, 21), { ...owner, status: "completed" }))).toBe(21 + 4);
});

test("the same batch sent again changes nothing", async () => {
  const owner = freshTask();
  const batch = batchOf(commitsOf(owner, 5), owner);
  await log.append(batch);
  expect(await rowsWritten(batch)).toBe(0);
  expect(await reader.rowsOf(owner.tenant, owner.task, 0)).toHaveLength(5);
});

test("a different commit under a seq that stands is rejected, with all of its batch", async () => {
  const owner = freshTask();
  const commits = commitsOf(owner, 3);
  await log.append(batchOf(commits.slice(0, 2), owner));
  const other = commitsOf(owner, 3, () => "{}");
  await expect(log.append(batchOf(other.slice(1), owner))).rejects.toThrow("another audit row stands here");
  expect(await reader.rowsOf(owner.tenant, owner.task, 0)).toHaveLength(2);
  expect(await index.auditedSeq(owner.tenant, owner.task)).toBe(2);
});

/** D1 takes at most so many bytes in one value; the local one takes more. */
const VALUE_BYTES_MAX = 2_000_000;

/** The bytes of the largest value that a batch binds. */
async function largestValue(batch: AuditBatch): Promise<number> {
  let largest = 0;
  const measuring = (statement: D1PreparedStatement) => ({
    bind: (...values: readonly unknown[]) => {
      largest = Math.max(
        largest,
        ...values.map((value) => new TextEncoder().encode(String(value)).byteLength),
      );
      return statement.bind(...values);
    },
  });
  const measured: Pick<D1Database, "batch"> & { prepare: (sql: string) => object } = {
    prepare: (sql) => measuring(db.prepare(sql)),
    batch: (statements) => db.batch(statements),
  };
  await new D1AuditLog(measured as D1Database).append(batch);
  return largest;
}

test("rows of any size up to the limit of D1 go in one batch", async () => {
  const owner = freshTask();
  const sizes = [10, 900_000, 240_000, 240_000, 240_000, 240_000, 240_000, 1_800_000, 10];
  const commits = commitsOf(owner, sizes.length, (seq) => `"${'\\"'.repeat((sizes[seq - 1] ?? 0) / 2)}"`);
  expect(await largestValue(batchOf(commits, owner))).toBeLessThan(VALUE_BYTES_MAX);
  const read = [];
  for (let seq = 0; seq < sizes.length; seq = read.at(-1)?.seq ?? 0)
    read.push(...(await reader.rowsOf(owner.tenant, owner.task, seq)));
  expect(read.map((row) => row.hash)).toEqual(commits.map((row) => row.hash));
});

test.each([
  ["UPDATE", "UPDATE audit SET body = '{}' WHERE tenant = ?1 AND task = ?2", "audit rows never change"],
  ["DELETE", "DELETE FROM audit WHERE tenant = ?1 AND task = ?2", "audit rows are never removed"],
  [
    "INSERT OR REPLACE that keeps the hash",
    "INSERT OR REPLACE INTO audit SELECT tenant, task, seq, at_ms, rules, '{}', salt, digest, hash FROM audit WHERE tenant = ?1 AND task = ?2",
    "another audit row stands here",
  ],
  [
    "INSERT OR IGNORE of another row",
    "INSERT OR IGNORE INTO audit SELECT tenant, task, seq, at_ms, rules, body, salt, digest, 'h' FROM audit WHERE tenant = ?1 AND task = ?2",
    "another audit row stands here",
  ],
])("the log itself refuses an %s", async (_what, sql, reason) => {
  const owner = freshTask();
  const commits = commitsOf(owner, 2);
  await log.append(batchOf(commits, owner));
  await expect(db.prepare(sql).bind(owner.tenant, owner.task).run()).rejects.toThrow(reason);
  expect((await reader.rowsOf(owner.tenant, owner.task, 0)).map((row) => row.body)).toEqual(
    commits.map((row) => row.body),
  );
});

test("an index entry never goes backwards", async () => {
  const owner = freshTask();
  const commits = commitsOf(owner, 4);
  await log.append(batchOf(commits, { ...owner, status: "completed", spentTokens: 40 }));
  await log.append(batchOf(commits.slice(0, 2), { ...owner, status: "running", spentTokens: 20 }));
  const [entry] = await index.list(
    owner.tenant,
    {},
    { limit: 1, after: { createdAtMs: T0, task: `${owner.task}~` } },
  );
  expect(entry).toMatchObject({ task: owner.task, seq: 4, status: "completed", spentTokens: 40 });
});

test("a tail that comes in several batches, each with the newest entry, is counted only as far as it came", async () => {
  const owner = freshTask();
  const commits = commitsOf(owner, 4);
  const entry = { ...owner, seq: 4, status: "completed" as const };
  await log.append(batchOf(commits.slice(0, 2), entry));
  expect(await index.auditedSeq(owner.tenant, owner.task)).toBe(2);
  await log.append(batchOf(commits.slice(2), entry));
  expect(await index.auditedSeq(owner.tenant, owner.task)).toBe(4);
});

test("an approval enters the inbox once and never goes backwards", async () => {
  const owner = freshTask();
  const commits = commitsOf(owner, 3);
  const open = inboxEntry({ id: `${owner.task}.2.0`, task: owner.task, seq: 2 });
  const opening = { ...batchOf(commits.slice(0, 2), owner), approvals: [open] };
  expect(await rowsWritten(opening)).toBe(2 + 5 + 2);
  const answered = { ...open, seq: 3, state: "approved" as const };
  expect(await rowsWritten({ ...batchOf(commits.slice(2), owner), approvals: [answered] })).toBe(1 + 2 + 1);
  await log.append(opening);
  expect(await inbox.list(owner.tenant, { task: owner.task }, { limit: 10 })).toEqual([answered]);
  expect(await inbox.list(owner.tenant, { task: owner.task, state: "open" }, { limit: 10 })).toEqual([]);
});

test("more approvals than fit into one statement go together", async () => {
  const owner = freshTask();
  const approvals = Array.from({ length: 1_201 }, (_, n) =>
    inboxEntry({ id: `${owner.task}.1.${n}`, task: owner.task, openedAtMs: T0 + n }),
  );
  await log.append({ ...batchOf(commitsOf(owner, 1), owner), approvals });
  const listed = await inbox.list(owner.tenant, { task: owner.task, state: "open" }, { limit: 2_000 });
  expect(listed.map((entry) => entry.id)).toEqual(approvals.map((entry) => entry.id).toReversed());
});
