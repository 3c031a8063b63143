import { decodeBody } from "../../../src/core/task/commit.ts";
import type { Ran } from "./evidence.ts";
import { activitiesOf } from "./moments.ts";
import type { Stage } from "./stage.ts";
import { auditedSeqs, stateOf, storedTasks } from "./stored.ts";

const TASKS_MAX = 8;
const COMMITS_MAX = 8;

/** What every task that has not ended was last at, from its view and from the disk. Kills the runtime: nothing more is expected of it. */
export async function stuckReport({ runtime, stateDir }: Stage, ran: readonly Ran[]): Promise<string> {
  // One that has written nothing yet refuses to be killed; it is ended in order, and the report says so by being empty.
  await runtime.kill().catch(() => runtime.stop());
  const audited = auditedSeqs(stateDir);
  const journals = new Map([...storedTasks(stateDir).values()].map(({ task, rows }) => [task, rows]));
  const lines = ran.flatMap(({ case: { id, agent }, task, view }) => {
    const rows = journals.get(task ?? "") ?? [];
    if (rows.length === 0)
      return [`${id} (${agent}) was never made durable; its caller knows ${task ?? "no task"}.`];
    const state = stateOf(rows);
    const activities = activitiesOf(state, audited.get(task ?? "") ?? 0);
    if (state.phase.kind === "ended" && activities.size === 0) return [];
    const last = rows.slice(-COMMITS_MAX).map((row) => {
      const { command, events } = decodeBody(row);
      return `    ${row.seq} ${new Date(row.atMs).toISOString()} ${command.type} → ${events.map(({ type }) => type).join(", ")}`;
    });
    const seen = view === null ? "no view" : `last seen ${view.status} at ${view.seq}`;
    return [`${id} (${agent}) ${task}: ${[...activities].join(", ")}; ${seen}\n${last.join("\n")}`];
  });
  const shown = lines.slice(0, TASKS_MAX).join("\n");
  return `${ran.length} tasks posted, not at their end: ${lines.length}\n${shown}\n${runtime.output}`;
}
