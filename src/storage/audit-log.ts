import { z } from "zod";
import type { CommitRow } from "../contracts/journal.ts";
import type { AuditedCommit } from "../contracts/lists.ts";
import type { AuditBatch, AuditLog } from "../ports.ts";
import { putInbox } from "./approvals-inbox.ts";
import { putIndexEntry } from "./task-index.ts";

/** One statement takes a hundred parameters, seven a row beside tenant and task; and 2 MB in all, at up to three bytes a character. */
const CHUNK_ROWS_MAX = 14;
const CHUNK_CHARACTERS_MAX = 600_000;

const COLUMNS = "tenant, task, seq, at_ms, rules, body, salt, digest, hash";
/** OR IGNORE would hide failures of other constraints. The trigger rejects a different row under the same seq. */
const ON_CONFLICT = "ON CONFLICT (tenant, task, seq) DO NOTHING";
/** For one row, two, and so on: plain parameters cost D1 a third less than rows that travel as one JSON text. */
const PUTS = Array.from({ length: CHUNK_ROWS_MAX }, (_, n) => put(n + 1));

function put(rows: number): string {
  const values = Array.from({ length: rows }, (_, n) => {
    const first = 3 + n * 7;
    return `(?1, ?2, ${Array.from({ length: 7 }, (_place, column) => `?${first + column}`).join(", ")})`;
  });
  return `INSERT INTO audit (${COLUMNS}) VALUES ${values.join(", ")} ${ON_CONFLICT}`;
}

/** A row as it stands in the log. What was changed from outside may be anything; it must not stop who looks for it. */
const AuditRow = z.object({
  tenant: z.string(),
  task: z.string(),
  seq: z.number(),
  at_ms: z.number(),
  rules: z.number(),
  body: z.string().nullable().transform(orEmpty),
  salt: z.string().nullable().transform(orEmpty),
  digest: z.string(),
  hash: z.string(),
});

export function commitOf(row: unknown): AuditedCommit {
  const { task, seq, at_ms: atMs, rules, body, salt, digest, hash } = AuditRow.parse(row);
  return { task, seq, atMs, rules, body, salt, digest, hash };
}

/** The audit log in D1 (L1): rows, task index and inbox in one batch, which is one transaction. */
export class D1AuditLog implements AuditLog {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  async append(batch: AuditBatch): Promise<void> {
    const { commits, entry, approvals } = batch;
    // The index counts on no row that is not in the log: a tail may come in several batches, each with the newest entry.
    const seq = commits.at(-1)?.seq ?? entry.seq;
    await this.#db.batch([
      ...putCommits(this.#db, batch),
      putIndexEntry(this.#db, { ...entry, seq }),
      ...putInbox(this.#db, entry.tenant, approvals),
    ]);
  }
}

function putCommits(
  db: D1Database,
  { commits, entry: { tenant, task } }: AuditBatch,
): readonly D1PreparedStatement[] {
  return chunksOf(commits).map((chunk) =>
    db.prepare(PUTS[chunk.length - 1] ?? put(chunk.length)).bind(tenant, task, ...chunk.flatMap(valuesOf)),
  );
}

function valuesOf({ seq, atMs, rules, body, salt, digest, hash }: CommitRow): readonly (string | number)[] {
  return [seq, atMs, rules, body, salt, digest, hash];
}

/** Splits rows, in order, so that each chunk fits into one statement. */
function chunksOf(rows: readonly CommitRow[]): readonly (readonly CommitRow[])[] {
  const chunks: CommitRow[][] = [];
  let characters = Infinity;
  for (const row of rows) {
    characters += row.body.length;
    if (characters > CHUNK_CHARACTERS_MAX || chunks.at(-1)?.length === CHUNK_ROWS_MAX) {
      chunks.push([]);
      characters = row.body.length;
    }
    chunks.at(-1)?.push(row);
  }
  return chunks;
}

function orEmpty(text: string | null): string {
  return text ?? "";
}
