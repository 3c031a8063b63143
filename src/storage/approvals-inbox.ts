import { z } from "zod";
import { ApprovalStatus } from "../contracts/approval.ts";
import type { InboxFilter, InboxPosition } from "../contracts/lists.ts";
import type { InboxEntry } from "../ports.ts";
import { where } from "./where.ts";

const InboxRow = z.object({
  opened_at_ms: z.number(),
  id: z.string(),
  task: z.string(),
  seq: z.number(),
  approver: z.string(),
  kind: z.enum(["call", "budget", "resend", "join", "funds", "handOff"]),
  subject: z.string(),
  state: ApprovalStatus,
  expires_at_ms: z.number(),
  parent: z.string().nullable(),
});

/** Entries in one statement take few parameters, and stay far below what D1 takes in one value. */
const ENTRIES_MAX = 500;

const PUT = `INSERT INTO approvals (tenant, opened_at_ms, id, task, seq, approver, kind, subject, state, expires_at_ms)
  SELECT ?1, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7, value ->> 8
  FROM json_each(?2) WHERE TRUE
  ON CONFLICT (tenant, opened_at_ms, id) DO UPDATE SET seq = excluded.seq, state = excluded.state
  WHERE excluded.seq > approvals.seq`;

const PARENT =
  "SELECT parent FROM tasks WHERE tasks.tenant = approvals.tenant AND tasks.task = approvals.task";

export function putInbox(
  db: D1Database,
  tenant: string,
  entries: readonly InboxEntry[],
): readonly D1PreparedStatement[] {
  const chunks = Array.from({ length: Math.ceil(entries.length / ENTRIES_MAX) }, (_, n) =>
    entries.slice(n * ENTRIES_MAX, (n + 1) * ENTRIES_MAX),
  );
  return chunks.map((chunk) => db.prepare(PUT).bind(tenant, JSON.stringify(chunk.map(valuesOf))));
}

/** Lists approvals of a tenant, newest first. */
export class D1Inbox {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  async list(
    tenant: string,
    filter: InboxFilter,
    page: { after?: InboxPosition | undefined; limit: number },
  ): Promise<readonly InboxEntry[]> {
    const { state, approver, task } = filter;
    const query = where([
      ["tenant = ?", tenant],
      ["approver = ?", approver],
      ["task = ?", task],
      ["state = ?", state],
      ["(opened_at_ms, id) < (?, ?)", page.after?.openedAtMs, page.after?.id],
    ]);
    // The partial index is used only where its own condition is spelled out.
    const source =
      state === "open" ? "approvals INDEXED BY approvals_open WHERE state = 'open'" : "approvals WHERE TRUE";
    const sql = `SELECT *, (${PARENT}) AS parent FROM ${source} AND ${query.sql} ORDER BY opened_at_ms DESC, id DESC LIMIT ?`;
    const { results } = await this.#db
      .prepare(sql)
      .bind(...query.params, page.limit)
      .all();
    return results.map(entryOf);
  }
}

function valuesOf(entry: InboxEntry): readonly (string | number)[] {
  const { openedAtMs, id, task, seq, approver, kind, subject, state, expiresAtMs } = entry;
  return [openedAtMs, id, task, seq, approver, kind, subject, state, expiresAtMs];
}

function entryOf(row: unknown): InboxEntry {
  const { opened_at_ms: openedAtMs, expires_at_ms: expiresAtMs, parent, ...rest } = InboxRow.parse(row);
  return { ...rest, openedAtMs, expiresAtMs, ...(parent !== null && { parent }) };
}
