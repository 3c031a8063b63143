import { z } from "zod";
import type { UsageBy, UsageFilter, UsageLine } from "../contracts/usage.ts";

const DAY_MS = 86_400_000;
/** The longest that a task may live: what was made earlier cannot have used anything since. */
const LIFE_MS_MAX = 366 * DAY_MS;

const Line = z.object({
  key: z.string(),
  tasks: z.number(),
  completed: z.number(),
  calls: z.number(),
  failed: z.number(),
  tokens: z.number(),
  cost: z.number(),
});

/**
 * Parameters: tenant, first day, last day, between which times the tasks were made that are looked at, and since when they have done
 * something. No index knows that last one: each commit of a task would write it anew.
 */
const DAYS = `FROM tasks INDEXED BY tasks_by_time, json_each(tasks.usage) AS day
  WHERE tenant = ?1 AND created_at_ms >= ?4 AND created_at_ms < ?5 AND updated_at_ms >= ?7
  AND CAST(day.key AS INTEGER) BETWEEN ?2 AND ?3`;

const MODELS = `SELECT tasks.*, day.key AS day, model.key AS model, NULL AS tool, model.value ->> 'calls' AS calls, 0 AS failed,
  model.value ->> 'tokens' AS tokens, model.value ->> 'costMicroUsd' AS cost
  ${DAYS.replace(" WHERE", ", json_each(day.value, '$.models') AS model WHERE")}`;

const TOOLS = `SELECT tasks.*, day.key AS day, NULL AS model, tool.key AS tool, tool.value ->> 'calls' AS calls,
  tool.value ->> 'failed' AS failed, 0 AS tokens, 0 AS cost
  ${DAYS.replace(" WHERE", ", json_each(day.value, '$.tools') AS tool WHERE")}`;

/** A child is a part of the work of the task that a client made; an agent's own tasks are all those that it worked on. */
const COMPLETED = (by: UsageBy): string =>
  `count(DISTINCT CASE WHEN status = 'completed'${by === "agent" ? "" : " AND parent IS NULL"} THEN task END)`;

/** The key of each line is a column of what is summed up; what comes from outside is never part of the text. */
const KEY = {
  tenant: "tenant",
  agent: "agent",
  principal: "principal",
  model: "model",
  tool: "tool",
  day: "day",
} as const satisfies Record<UsageBy, string>;

/** What a tenant's tasks used, from the index: it lags up to two minutes behind a task at work. */
export class D1UsageReader {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  async lines(tenant: string, { by, fromMs, toMs, limit }: UsageFilter): Promise<readonly UsageLine[]> {
    const sql = `SELECT ${KEY[by]} AS key, count(DISTINCT task) AS tasks, ${COMPLETED(by)} AS completed,
        sum(calls) AS calls, sum(failed) AS failed, sum(tokens) AS tokens, sum(cost) AS cost
      FROM (${by === "tool" ? TOOLS : MODELS}) GROUP BY 1 ORDER BY cost DESC, calls DESC, key LIMIT ?6`;
    const { results } = await this.#db
      .prepare(sql)
      .bind(tenant, dayOf(fromMs), dayOf(toMs - 1), fromMs - LIFE_MS_MAX, toMs, limit, dayOf(fromMs) * DAY_MS)
      .all();
    return results.map((row) => lineOf(by, row));
  }
}

function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS);
}

function lineOf(by: UsageBy, row: unknown): UsageLine {
  const { key, cost: costMicroUsd, ...rest } = Line.parse(row);
  const name = by === "day" ? new Date(Number(key) * DAY_MS).toISOString().slice(0, 10) : key;
  return { key: name, ...rest, costMicroUsd };
}
