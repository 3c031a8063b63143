import type { CommitRow, Head } from "../contracts/journal.ts";
import { GENESIS } from "../core/chain.ts";

/** The SQLite of one object, as narrow as this file needs it. Reads and writes are synchronous. */
export interface Sql {
  exec(query: string, ...bindings: readonly (string | number)[]): Iterable<Record<string, unknown>>;
  /** All of it or nothing. */
  transaction<T>(work: () => T): T;
}

/** One page of a journal: enough rows to fold fast, few enough to stay far below the memory of an object. */
const PAGE_ROWS_MAX = 500;
const PAGE_BYTES_MAX = 1_000_000;

const JOURNAL = `CREATE TABLE journal (seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, rules INTEGER NOT NULL, body TEXT NOT NULL,
   salt TEXT NOT NULL, digest TEXT NOT NULL, hash TEXT NOT NULL)`;
const KEEPING = "CREATE TABLE kept (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID";
const TABLES = "SELECT name FROM sqlite_master WHERE name IN ('journal', 'kept')";
const APPEND =
  "INSERT INTO journal (seq, at_ms, rules, body, salt, digest, hash) VALUES (?, ?, ?, ?, ?, ?, ?)";
const READ =
  "SELECT seq, at_ms, rules, body, salt, digest, hash FROM journal WHERE seq > ? ORDER BY seq LIMIT ?";
const KEEP =
  "INSERT INTO kept (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
const KEPT = "SELECT value FROM kept WHERE key = ?";

/**
 * What one task's object keeps: its journal, and by key what hangs on it: a snapshot (a cache, J2), how far the audit log has come,
 * and artifacts by content hash. Nothing is written for a task that was never created.
 */
export class TaskStore {
  readonly #sql: Sql;
  #exists: boolean;
  /** Most tasks keep nothing beside their journal; the table for it is made when it is needed. */
  #keeps: boolean;

  constructor(sql: Sql) {
    this.#sql = sql;
    const tables = [...sql.exec(TABLES)].map(({ name }) => name);
    this.#exists = tables.includes("journal");
    this.#keeps = tables.includes("kept");
  }

  get exists(): boolean {
    return this.#exists;
  }

  /** J1. One row, atomically; the first one makes the schema. Throws when the row does not follow the last. */
  append(row: CommitRow): void {
    const { seq, atMs, rules, body, salt, digest, hash } = row;
    const values = [seq, atMs, rules, body, salt, digest, hash];
    if (this.#exists) return this.#run(APPEND, ...values);
    this.#sql.transaction(() => {
      this.#run(JOURNAL);
      this.#run(APPEND, ...values);
    });
    this.#exists = true;
  }

  /** Rows after a seq, in order: up to `limit`, and up to about a megabyte, but at least one when there is one. */
  rowsAfter(seq: number, limit = PAGE_ROWS_MAX): readonly CommitRow[] {
    if (!this.#exists) return [];
    const rows: CommitRow[] = [];
    let characters = 0;
    for (const raw of this.#sql.exec(READ, seq, Math.min(limit, PAGE_ROWS_MAX))) {
      const row = rowOf(raw);
      characters += row.body.length;
      if (rows.length > 0 && characters > PAGE_BYTES_MAX) break;
      rows.push(row);
    }
    return rows;
  }

  get snapshot(): { readonly head: Head; readonly text: string } | null {
    const [line, ...text] = this.#kept("snapshot")?.split("\n") ?? [];
    if (line === undefined) return null;
    const [seq, hash] = line.split(" ");
    return { head: { seq: Number(seq), hash: hash ?? GENESIS.hash }, text: text.join("\n") };
  }

  saveSnapshot(head: Head, text: string): void {
    this.#keep("snapshot", `${head.seq} ${head.hash}\n${text}`);
  }

  /** The last commit that the audit log is known to have. */
  get auditedSeq(): number {
    return Number(this.#kept("audited") ?? 0);
  }

  saveAuditedSeq(seq: number): void {
    this.#keep("audited", String(seq));
  }

  artifact(sha256: string): string | null {
    return this.#kept(`artifact ${sha256}`);
  }

  putArtifact(sha256: string, text: string): void {
    if (this.#exists) this.#keep(`artifact ${sha256}`, text);
  }

  #keep(key: string, value: string): void {
    if (this.#keeps) return this.#run(KEEP, key, value);
    this.#sql.transaction(() => {
      this.#run(KEEPING);
      this.#run(KEEP, key, value);
    });
    this.#keeps = true;
  }

  #kept(key: string): string | null {
    if (!this.#keeps) return null;
    for (const { value } of this.#sql.exec(KEPT, key)) return typeof value === "string" ? value : null;
    return null;
  }

  #run(statement: string, ...bindings: readonly (string | number)[]): void {
    for (const row of this.#sql.exec(statement, ...bindings)) void row;
  }
}

/** Rows are read on every path of a task, so they are checked by hand: the same checks as `CommitRow`, at a tenth of the cost. */
function rowOf({ seq, at_ms: atMs, rules, body, salt, digest, hash }: Record<string, unknown>): CommitRow {
  const numbers = typeof seq === "number" && typeof atMs === "number" && typeof rules === "number";
  const texts =
    typeof body === "string" &&
    typeof salt === "string" &&
    typeof digest === "string" &&
    typeof hash === "string";
  if (!numbers || !texts) throw new Error("a row of the journal is not what was written");
  return { seq, atMs, rules, body, salt, digest, hash };
}
