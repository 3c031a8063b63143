import { verifyChain } from "../../../src/core/chain.ts";
import { statusOf } from "../../../src/core/task/status.ts";
import { sha256 } from "../../../src/hash.ts";
import { commitOf } from "../../../src/storage/audit-log.ts";
import type { SimulatedD1 } from "../d1.ts";
import { type Report, type Witness, headOf } from "./witness.ts";

const GAPS = "SELECT task FROM audit GROUP BY task HAVING min(seq) <> 1 OR count(*) <> max(seq)";
const AHEAD = `SELECT task FROM tasks WHERE seq > (SELECT max(seq) FROM audit WHERE audit.task = tasks.task)`;

/** L1, after each batch: rows come in order, and the index never says more than the rows. */
export function growsInOrder(d1: SimulatedD1, report: Report): void {
  for (const { task } of d1.rows(GAPS)) report("L1", `${String(task)}: a row is missing in the middle`);
  for (const { task } of d1.rows(AHEAD)) report("L1", `${String(task)}: the index is ahead of the rows`);
}

/** L1, after each flush: the object never believes that the log has what it has not. */
export function acknowledgesWhatArrived(
  d1: SimulatedD1,
  task: string,
  of: { acknowledged: number; report: Report },
): void {
  const [row] = d1.rows("SELECT coalesce(max(seq), 0) AS seq FROM audit WHERE task = ?", task);
  if (of.acknowledged > Number(row?.["seq"]))
    of.report("L1", `${task}: ${of.acknowledged} commits are taken for audited`);
}

/** L1, in the end: the audit log holds every commit, as it was. */
export function isAudited(d1: SimulatedD1, witness: Witness, report: Report): void {
  const { order, rows } = witness;
  const audited = d1.rows("SELECT * FROM audit WHERE task = ? ORDER BY seq", order.task).map(commitOf);
  const { state: verdict, fault } = verifyChain(sha256, order, audited, headOf(witness));
  if (verdict !== "intact")
    report("L1", `${order.task}: the audit log is ${verdict} at ${fault?.seq ?? audited.length}`);
  const different = audited.find((row, i) => row.body !== rows[i]?.body);
  if (different !== undefined) report("L1", `${order.task}: row ${different.seq} says something else`);
}

/** N1. What is kept of a task outside of its object is kept under its tenant's name, and under no other. */
export function isItsTenants(d1: SimulatedD1, { order }: Witness, report: Report): void {
  for (const table of ["audit", "tasks", "approvals"]) {
    const rows = d1.rows(`SELECT DISTINCT tenant FROM ${table} WHERE task = ?`, order.task);
    if (rows.some(({ tenant }) => tenant !== order.tenant))
      report("N1", `${order.task} of ${order.tenant} is in ${table} as ${JSON.stringify(rows)}`);
  }
}

/** L1, in the end: the projections that travel with the audit have come as far as the journal. */
export function isProjected(d1: SimulatedD1, { order, state }: Witness, report: Report): void {
  if (state === null) return;
  const [entry] = d1.rows("SELECT seq, status FROM tasks WHERE task = ?", order.task);
  if (entry?.["seq"] !== state.seq || entry["status"] !== statusOf(state))
    report("L1", `${order.task}: the index says ${JSON.stringify(entry)}`);
  const rows = d1.rows("SELECT id, state FROM approvals WHERE task = ?", order.task);
  const inbox = new Map(rows.map((row) => [row["id"], row["state"]]));
  for (const approval of state.approvals)
    if (inbox.get(approval.id) !== approval.state)
      report("L1", `${approval.id} is ${approval.state}, the inbox says ${String(inbox.get(approval.id))}`);
}
