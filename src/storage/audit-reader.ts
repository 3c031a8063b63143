import type { AuditFilter, AuditPage, AuditPosition, AuditedCommit } from "../contracts/lists.ts";
import { commitOf } from "./audit-log.ts";
import { where } from "./where.ts";

/** A page examines at most this many rows, and ends soon after this many bytes of bodies. */
const ROWS_MAX = 500;
const BYTES_MAX = 4_000_000;

/** A commit by its place. */
export interface CommitName {
  readonly task: string;
  readonly seq: number;
}

/** Ends a page by bytes as well as by rows; `fetched` tells whether it did. The bytes of the row itself do not count, so a page has one. */
const bounded = (rows: string, order: string): string => `SELECT * FROM (
    SELECT *, count(*) OVER () AS fetched, sum(bytes) OVER (ORDER BY ${order} ROWS UNBOUNDED PRECEDING) - bytes AS bytes_before
    FROM (SELECT *, coalesce(octet_length(body), 0) AS bytes FROM (${rows}) ORDER BY ${order} LIMIT ?)
  ) WHERE bytes_before < ${BYTES_MAX} ORDER BY ${order}`;

const ROWS_OF_TASK = bounded("SELECT * FROM audit WHERE tenant = ? AND task = ? AND seq > ?", "seq");

const ROWS_BY_NAME = `SELECT audit.* FROM json_each(?2) AS name CROSS JOIN audit
  ON audit.tenant = ?1 AND audit.task = name.value ->> 0 AND audit.seq = name.value ->> 1`;

/** Reads the audit log; nothing here writes. */
export class D1AuditReader {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  /** A page of the log, in order. The task index narrows it by principal and time before a row of the log is touched. */
  async page(
    tenant: string,
    filter: AuditFilter,
    after: AuditPosition | undefined,
    limitWanted: number,
  ): Promise<AuditPage> {
    const limit = Math.min(limitWanted, ROWS_MAX);
    const query = conditions(tenant, filter, after);
    const rowsSql = `SELECT t.created_at_ms, a.* FROM tasks AS t ${indexFor(filter)}
      CROSS JOIN audit AS a ON a.tenant = t.tenant AND a.task = t.task WHERE ${query.sql}`;
    const sql = bounded(rowsSql, "created_at_ms, task, seq");
    const { results } = await this.#db
      .prepare(sql)
      .bind(...query.params, limit)
      .all();
    const rows = results.map(commitOf);
    const last = results.at(-1);
    const row = rows.at(-1);
    if (last === undefined || row === undefined) return { rows };
    const fetched = Number(last["fetched"]);
    if (fetched < limit && rows.length === fetched) return { rows };
    return { rows, next: { createdAtMs: Number(last["created_at_ms"]), task: row.task, seq: row.seq } };
  }

  /** A task's rows behind `seq`, as they stand in the log, whatever the index says of it. Empty when none is left. */
  async rowsOf(tenant: string, task: string, afterSeq: number): Promise<readonly AuditedCommit[]> {
    const { results } = await this.#db.prepare(ROWS_OF_TASK).bind(tenant, task, afterSeq, ROWS_MAX).all();
    return results.map(commitOf);
  }

  /** Single commits by their places; those that are not there are left out. */
  async commits(tenant: string, names: readonly CommitName[]): Promise<readonly AuditedCommit[]> {
    const places = JSON.stringify(names.map(({ task, seq }) => [task, seq]));
    const { results } = await this.#db.prepare(ROWS_BY_NAME).bind(tenant, places).all();
    return results.map(commitOf);
  }
}

function conditions(
  tenant: string,
  filter: AuditFilter,
  after: AuditPosition | undefined,
): ReturnType<typeof where> {
  const { task, principal, fromMs, toMs } = filter;
  return where([
    ["t.tenant = ?", tenant],
    ["t.task = ?", task],
    ["t.principal = ?", principal],
    ["t.updated_at_ms >= ?", fromMs],
    ["t.created_at_ms < ?", toMs],
    ["a.at_ms >= ?", fromMs],
    ["a.at_ms < ?", toMs],
    ["(t.created_at_ms, t.task) >= (?, ?)", after?.createdAtMs, after?.task],
    ["(t.created_at_ms, t.task, a.seq) > (?, ?, ?)", after?.createdAtMs, after?.task, after?.seq],
  ]);
}

/** The index whose order is the order of the page. */
function indexFor({ task, principal }: AuditFilter): string {
  if (task !== undefined) return "";
  return principal === undefined ? "INDEXED BY tasks_by_time" : "INDEXED BY tasks_by_principal";
}
