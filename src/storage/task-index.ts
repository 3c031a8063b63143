import { z } from "zod";
import type { TaskFilter, TaskPosition } from "../contracts/lists.ts";
import { TASK_STATUSES, TaskStatus } from "../contracts/task.ts";
import type { IndexEntry } from "../ports.ts";
import { where } from "./where.ts";

/** The same text as in the partial index, or it is not used. */
const LIVE = "status IN ('queued', 'running', 'waiting_approval')";
const LIVE_STATUSES: ReadonlySet<TaskStatus> = new Set(TASK_STATUSES.slice(0, 3));

const TaskRow = z.object({
  tenant: z.string(),
  task: z.string(),
  seq: z.number(),
  status: TaskStatus,
  paused: z.number(),
  agent: z.string(),
  agent_version: z.string(),
  principal: z.string(),
  created_at_ms: z.number(),
  updated_at_ms: z.number(),
  spent_micro_usd: z.number(),
  spent_tokens: z.number(),
  parent: z.string().nullable(),
});

/** Never goes backwards: an entry that is not newer by seq changes nothing. */
const PUT = `INSERT INTO tasks (tenant, task, seq, status, paused, agent, agent_version, principal, created_at_ms, updated_at_ms,
    spent_micro_usd, spent_tokens, parent)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
  ON CONFLICT DO UPDATE SET seq = excluded.seq, status = excluded.status, paused = excluded.paused,
    updated_at_ms = excluded.updated_at_ms, spent_micro_usd = excluded.spent_micro_usd, spent_tokens = excluded.spent_tokens
  WHERE excluded.seq > tasks.seq`;

export function putIndexEntry(db: D1Database, entry: IndexEntry): D1PreparedStatement {
  const { tenant, task, seq, status, paused, agent, agentVersion, principal } = entry;
  const what = [tenant, task, seq, status, paused ? 1 : 0, agent, agentVersion, principal];
  const figures = [entry.createdAtMs, entry.updatedAtMs, entry.spentMicroUsd, entry.spentTokens];
  return db.prepare(PUT).bind(...what, ...figures, entry.parent ?? null);
}

/** Lists tasks of a tenant from the index, newest first. */
export class D1TaskIndex {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  async list(
    tenant: string,
    filter: TaskFilter,
    page: { after?: TaskPosition | undefined; limit: number },
  ): Promise<readonly IndexEntry[]> {
    const { status, agent, principal, parent, fromMs, toMs } = filter;
    const query = where([
      ["tenant = ?", tenant],
      ["agent = ?", agent],
      ["principal = ?", principal],
      ["parent = ?", parent],
      ["status = ?", status],
      ["created_at_ms >= ?", fromMs],
      ["created_at_ms < ?", toMs],
      ["(created_at_ms, task) < (?, ?)", page.after?.createdAtMs, page.after?.task],
    ]);
    const sql = `SELECT * FROM tasks ${sourceOf(filter)} AND ${query.sql} ORDER BY created_at_ms DESC, task DESC LIMIT ?`;
    const { results } = await this.#db
      .prepare(sql)
      .bind(...query.params, page.limit)
      .all();
    return results.map(entryOf);
  }

  /** The last commit of a task that reached the log; 0 when none did. */
  async auditedSeq(tenant: string, task: string): Promise<number> {
    const seq = await this.#db
      .prepare("SELECT seq FROM tasks WHERE tenant = ? AND task = ?")
      .bind(tenant, task)
      .first("seq");
    return z.number().parse(seq ?? 0);
  }
}

/** The narrowest index, named: without statistics the planner would guess. */
function sourceOf({ status, agent, principal, parent }: TaskFilter): string {
  if (parent !== undefined) return "INDEXED BY tasks_by_parent WHERE parent IS NOT NULL";
  if (status !== undefined && LIVE_STATUSES.has(status)) return `INDEXED BY tasks_live WHERE ${LIVE}`;
  if (principal !== undefined) return "INDEXED BY tasks_by_principal WHERE TRUE";
  return agent === undefined ? "INDEXED BY tasks_by_time WHERE TRUE" : "INDEXED BY tasks_by_agent WHERE TRUE";
}

function entryOf(row: unknown): IndexEntry {
  const parsed = TaskRow.parse(row);
  const { tenant, task, seq, status, agent, principal, parent } = parsed;
  return {
    tenant,
    task,
    seq,
    status,
    paused: parsed.paused === 1,
    agent,
    agentVersion: parsed.agent_version,
    principal,
    ...(parent !== null && { parent }),
    createdAtMs: parsed.created_at_ms,
    updatedAtMs: parsed.updated_at_ms,
    spentMicroUsd: parsed.spent_micro_usd,
    spentTokens: parsed.spent_tokens,
  };
}
