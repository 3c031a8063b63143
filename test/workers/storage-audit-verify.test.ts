import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { CommitRow, Head } from "../../src/contracts/journal.ts";
import { linkOf } from "../../src/core/chain.ts";
import { sha256 } from "../../src/hash.ts";
import { D1AuditLog } from "../../src/storage/audit-log.ts";
import { D1AuditReader } from "../../src/storage/audit-reader.ts";
import { verifyTask } from "../../src/storage/audit-verify.ts";
import { D1TaskIndex } from "../../src/storage/task-index.ts";
import { batchOf, commitsOf } from "../storage/audited.ts";

const db = env.DB;
const log = new D1AuditLog(db);
const reader = new D1AuditReader(db);
const index = new D1TaskIndex(db);

let tasks = 0;
/** A task whose object holds six commits, the first `audited` of which are in the log. */
async function taskWith({ audited = 6 } = {}) {
  const owner = { tenant: "acme", task: `tsk_${++tasks}` };
  const commits = commitsOf(owner, 6);
  if (audited > 0) await log.append(batchOf(commits.slice(0, audited), owner));
  return { owner, commits, verify: () => verifyAgainst(owner, commits) };
}

type Owner = { readonly tenant: string; readonly task: string };

/** Asks as the API does: the log in D1, the journal of the task's object. */
async function verifyAgainst(owner: Owner, commits: readonly CommitRow[] | null) {
  const last = commits?.at(-1);
  const head: Head | null = last === undefined ? null : { seq: last.seq, hash: last.hash };
  return await verifyTask(
    sha256,
    owner,
    {
      rowsAfter: async (seq) => await reader.rowsOf(owner.tenant, owner.task, seq),
      auditedSeq: async () => await index.auditedSeq(owner.tenant, owner.task),
    },
    {
      head: async () => head,
      commits: async (fromSeq, limit) => commits?.slice(fromSeq - 1, fromSeq - 1 + limit) ?? null,
    },
  );
}

/** What someone does who can write to the database and knows its triggers. */
async function tamper(sql: string, ...params: readonly (string | number)[]): Promise<void> {
  const triggers = await db
    .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
    .all<{ name: string; sql: string }>();
  await db.batch([
    ...triggers.results.map((trigger) => db.prepare(`DROP TRIGGER ${trigger.name}`)),
    db.prepare(sql).bind(...params),
    ...triggers.results.map((trigger) => db.prepare(trigger.sql)),
  ]);
}

/** Writes rows from `seq` on anew, linked as they should be: only the object knows better. */
async function forgeFrom(
  { owner, commits }: { owner: Owner; commits: readonly CommitRow[] },
  seq: number,
  toSeq: number,
): Promise<void> {
  let prevHash = commits[seq - 2]?.hash ?? "0".repeat(64);
  for (const row of commits.slice(seq - 1, toSeq)) {
    const body = JSON.stringify({ forged: row.seq });
    const link = linkOf(sha256, owner, prevHash, { ...row, body });
    await tamper(
      "UPDATE audit SET body = ?, digest = ?, hash = ? WHERE task = ? AND seq = ?",
      body,
      link.digest,
      link.hash,
      owner.task,
      row.seq,
    );
    prevHash = link.hash;
  }
}

test("a log that has every commit is intact", async () => {
  const { verify } = await taskWith();
  expect(await verify()).toMatchObject({ state: "intact", verified: { seq: 6 }, fault: null });
});

test.each([0, 1, 5])("a log that has only the first %i of six commits so far is pending", async (audited) => {
  const { verify } = await taskWith({ audited });
  expect(await verify()).toMatchObject({ state: "pending", verified: { seq: audited }, fault: null });
});

test("neither task nor row: nothing to verify", async () => {
  expect(await verifyAgainst({ tenant: "acme", task: "tsk_never" }, null)).toBeNull();
});

test.each([1, 3, 6])("row %i, removed, is named", async (seq) => {
  const { owner, verify } = await taskWith();
  await tamper("DELETE FROM audit WHERE task = ? AND seq = ?", owner.task, seq);
  expect(await verify()).toMatchObject({ state: "broken", fault: { seq, kind: "missing" } });
});

test("all rows removed: the first is named", async () => {
  const { owner, verify } = await taskWith();
  await tamper("DELETE FROM audit WHERE task = ?", owner.task);
  expect(await verify()).toMatchObject({ state: "broken", fault: { seq: 1, kind: "missing" } });
});

test.each([
  ["body", "UPDATE audit SET body = '{}' WHERE task = ? AND seq = 4"],
  ["salt", "UPDATE audit SET salt = 'x' WHERE task = ? AND seq = 4"],
  ["time", "UPDATE audit SET at_ms = at_ms + 1 WHERE task = ? AND seq = 4"],
  ["body, erased,", "UPDATE audit SET body = NULL WHERE task = ? AND seq = 4"],
])("row 4 is named when its %s was changed", async (_what, sql) => {
  const { owner, verify } = await taskWith();
  await tamper(sql, owner.task);
  expect(await verify()).toMatchObject({ state: "broken", fault: { seq: 4, kind: "differs" } });
});

test("a row changed with its own hashes is named itself, not the one behind it that no longer follows", async () => {
  const task = await taskWith();
  await forgeFrom(task, 3, 3);
  expect(await task.verify()).toMatchObject({ state: "broken", fault: { seq: 3, kind: "differs" } });
});

test("a log rewritten to its end, all hashes recomputed, is found by the object's head, and its first row named", async () => {
  const task = await taskWith();
  await forgeFrom(task, 2, 6);
  expect(await task.verify()).toMatchObject({ state: "broken", fault: { seq: 2, kind: "differs" } });
});

test("a rewritten log is found while its tail is still pending", async () => {
  const task = await taskWith({ audited: 4 });
  await forgeFrom(task, 2, 4);
  expect(await task.verify()).toMatchObject({ state: "broken", fault: { seq: 2, kind: "differs" } });
});

test("a rewritten row before a removed one is named first", async () => {
  const task = await taskWith();
  await forgeFrom(task, 2, 4);
  await tamper("DELETE FROM audit WHERE task = ? AND seq = 5", task.owner.task);
  expect(await task.verify()).toMatchObject({ state: "broken", fault: { seq: 2, kind: "differs" } });
});

test("rows behind the head were never committed", async () => {
  const { owner, commits } = await taskWith();
  expect(await verifyAgainst(owner, commits.slice(0, 4))).toMatchObject({
    state: "broken",
    fault: { seq: 5, kind: "unexpected" },
  });
});

test("a log whose task has no journal any more is broken from its first row", async () => {
  const { owner } = await taskWith();
  expect(await verifyAgainst(owner, null)).toMatchObject({
    state: "broken",
    fault: { seq: 1, kind: "unexpected" },
  });
});
