import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { CommitRow } from "../../../src/contracts/journal.ts";
import { foldRow } from "../../../src/core/task/commit.ts";
import type { TaskState } from "../../../src/core/task/state.ts";
import { stateFiles } from "../../harness/miniflare.ts";

/** A task as it lies on the disk, read past the runtime while nothing of it lives. */
export interface StoredTask {
  readonly task: string;
  readonly rows: readonly CommitRow[];
}

const JOURNAL = 'SELECT seq, at_ms AS "atMs", rules, body, salt, digest, hash FROM journal ORDER BY seq';
const HAS_JOURNAL = "SELECT 1 FROM sqlite_master WHERE name = 'journal'";
const AUDIT =
  'SELECT task, seq, at_ms AS "atMs", rules, body, salt, digest, hash FROM audit ORDER BY task, seq';
const AUDITED = "SELECT task, max(seq) AS seq FROM audit GROUP BY task";

/** The journals of all tasks' objects; `skip` names files that need not be read. */
export function storedTasks(
  stateDir: string,
  skip: ReadonlySet<string> = new Set(),
): ReadonlyMap<string, StoredTask> {
  const files = stateFiles(stateDir, "do").filter((file) => file.includes("TaskObject") && !skip.has(file));
  const stored = files.map((file) => [file, readJournal(join(stateDir, "do", file))] as const);
  return new Map(stored.flatMap(([file, task]) => (task === null ? [] : [[file, task] as const])));
}

/** The audit log's rows of each task. */
export function auditedRows(stateDir: string): ReadonlyMap<string, readonly CommitRow[]> {
  const rows = reading(d1File(stateDir), (database) => database.prepare(AUDIT).all());
  const byTask = new Map<string, CommitRow[]>();
  for (const { task, ...row } of rows.map((raw) => CommitRow.extend({ task: z.string() }).parse(raw))) {
    const known = byTask.get(task);
    if (known === undefined) byTask.set(task, [row]);
    else known.push(row);
  }
  return byTask;
}

/** How far the audit log has come with each task. */
export function auditedSeqs(stateDir: string): ReadonlyMap<string, number> {
  const Audited = z.object({ task: z.string(), seq: z.int() });
  const rows = reading(d1File(stateDir), (database) => database.prepare(AUDITED).all());
  return new Map(rows.map((raw) => Audited.parse(raw)).map(({ task, seq }) => [task, seq]));
}

/** The state that rows fold to. */
export function stateOf(rows: readonly CommitRow[]): TaskState {
  let state: TaskState | null = null;
  for (const row of rows) state = foldRow(state, row);
  if (state === null) throw new Error("A task has at least one commit.");
  return state;
}

function readJournal(file: string): StoredTask | null {
  return reading(file, (database) => {
    if (database.prepare(HAS_JOURNAL).get() === undefined) return null;
    const rows = database
      .prepare(JOURNAL)
      .all()
      .map((raw) => CommitRow.parse(raw));
    const [first] = rows;
    return first === undefined ? null : { task: taskOf(first), rows };
  });
}

const Creation = z.object({ command: z.object({ order: z.object({ task: z.string() }) }) });

function taskOf(first: CommitRow): string {
  return Creation.parse(JSON.parse(first.body)).command.order.task;
}

function d1File(stateDir: string): string {
  const [file, ...others] = stateFiles(stateDir, "d1");
  if (file === undefined || others.length > 0) throw new Error("Expected one database of D1.");
  return join(stateDir, "d1", file);
}

/**
 * Reads a copy, logs included: what was killed in the middle of a transaction has to be recovered before it can be read, and that is
 * for the runtime to do, not for who looks at it.
 */
function reading<T>(file: string, read: (database: DatabaseSync) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "countersign-stored-"));
  const copy = join(folder, "copy.sqlite");
  try {
    for (const part of ["", "-wal", "-journal"])
      if (existsSync(file + part)) copyFileSync(file + part, copy + part);
    const database = new DatabaseSync(copy);
    try {
      return read(database);
    } finally {
      database.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
