import type { HostedTask } from "../../../durable-objects/hosted-task.ts";
import { isLive } from "../../../src/core/task/state.ts";
import { statusOf } from "../../../src/core/task/status.ts";
import { type Ledger, refOf } from "../ledger.ts";
import { type CallRecord, type Report, type Witness, headOf } from "./witness.ts";

/** Everything ends: nothing is left running with nobody to move it. */
export function hasComeToRest({ state, order }: Witness, report: Report): void {
  if (state === null) return report("ends", `${order.task} was never made`);
  if (isLive(state) && !state.paused)
    report("ends", `${order.task} is ${statusOf(state)}, and nothing moves it`);
}

/** J2, J3. The journal folds to the state that is lived with, and deciding it again gives the same. */
export async function replaysEqually(task: HostedTask, witness: Witness, report: Report): Promise<void> {
  const { task: name } = witness.order;
  const [replayed, head, view] = [await task.replay(), await task.head(), await task.view()];
  if (replayed?.equal !== true)
    report("J3", `${name}: ${JSON.stringify(replayed?.firstDifference ?? "nothing to replay")}`);
  if (JSON.stringify(head) !== JSON.stringify(headOf(witness)))
    report("J2", `${name}: the object knows another head than was durable`);
  if (witness.state !== null && view?.status !== statusOf(witness.state))
    report("J2", `${name}: the object is ${view?.status}, the journal says ${statusOf(witness.state)}`);
}

/** E1, E2 by what really happened: nothing twice, nothing under a record that says otherwise. */
export function tookEffectOnce(ledger: Ledger, witness: Witness, report: Report): void {
  const records = [...witness.calls.values()];
  const applications = ledger.applications.filter(({ task }) => task === witness.order.task);
  const refs = new Set(applications.map(({ ref }) => ref));
  for (const ref of refs) {
    const times = applications.filter((application) => application.ref === ref).length;
    const yeses = records
      .filter(({ args }) => refOf(JSON.parse(args)) === ref)
      .reduce((sum, r) => sum + r.yeses, 0);
    if (times > 1 + yeses) report("E2", `${ref} of ${witness.order.task} took effect ${times} times`);
  }
  for (const record of records) {
    const times = applications.filter(({ call }) => call === record.id).length;
    if (times > 1 + record.yeses) report("E2", `${record.id} took effect ${times} times`);
    checkRecord(record, times, report);
  }
}

/** E1. A success that was taken from a consumer is recorded, also after the end. A read that a resume dropped may be made again. */
export function recordsWhatWasHandedIn({ calls, handedIn }: Witness, report: Report): void {
  for (const id of handedIn) {
    const record = calls.get(id);
    if (record?.outcome === null && record.tool?.effect !== "read")
      report("E1", `the result of ${id} was taken, and is not recorded`);
  }
}

function checkRecord(
  { id, tool, outcome, reusedFrom, yeses }: CallRecord,
  times: number,
  report: Report,
): void {
  if (!takesEffect(tool) || outcome === null || reusedFrom !== null || yeses > 0) return;
  if (outcome.ok && times === 0) report("E1", `${id} is recorded as done, and never took effect`);
  if (outcome.ok || times === 0) return;
  const { code } = outcome.error;
  if (code !== "outcome_unknown" && code !== "output_invalid")
    report("E2", `${id} is recorded as ${code}, and took effect`);
}

/** What a child does is on its own record. */
function takesEffect(tool: CallRecord["tool"]): boolean {
  return tool !== null && tool.effect !== "read" && tool.executor.kind !== "agent";
}
