import { z } from "zod";
import { DEFAULT_CAPS, type TenantLoad } from "../core/tenant-account.ts";

const Count = z.number().nonnegative();
const CapsRow = z.object({
  live_tasks_max: Count.nullable(),
  cost_micro_usd_per_day_max: Count.nullable(),
  open_approvals_max: Count.nullable(),
  delegation_depth_max: Count.nullable(),
  fan_out_max: Count.nullable(),
  children_max: Count.nullable(),
});
const TaskRow = z.object({ task: z.string() });
const OpenRow = z.object({ open: Count });
const BudgetsRow = z.object({ budgets: Count });
const SpentRow = z.object({ spent: Count });

const CAPS = `SELECT live_tasks_max, cost_micro_usd_per_day_max, open_approvals_max,
    delegation_depth_max, fan_out_max, children_max
  FROM tenants WHERE tenant = ?`;
const LIVE = `SELECT task FROM tasks INDEXED BY tasks_live
  WHERE tenant = ? AND status IN ('queued', 'running', 'waiting_approval')`;
const KNOWN = "SELECT task FROM tasks WHERE tenant = ? AND task IN (SELECT value FROM json_each(?))";
const OPEN =
  "SELECT count(*) AS open FROM approvals INDEXED BY approvals_open WHERE tenant = ? AND state = 'open'";
const BUDGETS = "SELECT count(*) AS budgets FROM budgets WHERE tenant = ?";
const SPENT = `SELECT
  (SELECT coalesce(sum(spent_micro_usd), 0) FROM tasks INDEXED BY tasks_by_time
    WHERE tenant = ?1 AND created_at_ms >= ?2) +
  (SELECT coalesce(sum(spent_micro_usd), 0) FROM tasks INDEXED BY tasks_live
    WHERE tenant = ?1 AND status IN ('queued', 'running', 'waiting_approval') AND created_at_ms < ?2) AS spent`;

export interface LoadQuery {
  /** Tasks of which the caller wants to know whether the index has them. */
  readonly tracked: readonly string[];
  readonly readAtMs: number;
  /** Tasks made since then count towards the day's cost, and with all that they cost those that are older and still live. */
  readonly sinceMs: number;
}

/** Reads what counts against a tenant's caps from the projections, in one round trip. */
export async function loadTenant(
  db: D1Database,
  tenant: string,
  { tracked, sinceMs, readAtMs }: LoadQuery,
): Promise<TenantLoad> {
  const [caps, live, known, open, spent, budgets] = await db.batch([
    db.prepare(CAPS).bind(tenant),
    db.prepare(LIVE).bind(tenant),
    db.prepare(KNOWN).bind(tenant, JSON.stringify(tracked)),
    db.prepare(OPEN).bind(tenant),
    db.prepare(SPENT).bind(tenant, sinceMs),
    db.prepare(BUDGETS).bind(tenant),
  ]);
  return {
    caps: capsOf(caps?.results[0]),
    live: tasksOf(live?.results),
    known: tasksOf(known?.results),
    openApprovals: OpenRow.parse(open?.results[0]).open,
    spentMicroUsd: SpentRow.parse(spent?.results[0]).spent,
    budgets: BudgetsRow.parse(budgets?.results[0]).budgets > 0,
    readAtMs,
  };
}

function capsOf(row: unknown): TenantLoad["caps"] {
  if (row === undefined) return DEFAULT_CAPS;
  const own = CapsRow.parse(row);
  const { depth, fanOut, children } = DEFAULT_CAPS.delegation;
  return {
    liveTasks: own.live_tasks_max ?? DEFAULT_CAPS.liveTasks,
    costMicroUsdPerDay: own.cost_micro_usd_per_day_max ?? DEFAULT_CAPS.costMicroUsdPerDay,
    openApprovals: own.open_approvals_max ?? DEFAULT_CAPS.openApprovals,
    delegation: {
      depth: own.delegation_depth_max ?? depth,
      fanOut: own.fan_out_max ?? fanOut,
      children: own.children_max ?? children,
    },
  };
}

function tasksOf(rows: readonly unknown[] | undefined): ReadonlySet<string> {
  return new Set(rows?.map((row) => TaskRow.parse(row).task));
}
