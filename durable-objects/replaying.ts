import type { CommitRow } from "../src/contracts/journal.ts";
import type { CoreFunctions } from "../src/core/functions.ts";
import { replay } from "../src/core/task/replay.ts";
import type { TaskState } from "../src/core/task/state.ts";
import type { ReplayReport } from "../src/ports.ts";
import type { TaskStore } from "../src/storage/task-store.ts";

/** J2, J3. Decides the whole journal again, and compares what it folds to with the state that is lived with. */
export function replayOf(store: TaskStore, lived: TaskState, fns: CoreFunctions): ReplayReport {
  const { state, ...report } = replay(allRows(store), fns);
  if (!report.equal || JSON.stringify(state) === JSON.stringify(lived)) return report;
  return {
    ...report,
    equal: false,
    firstDifference: { seq: report.commits, reason: "the journal folds to another state" },
  };
}

/** Page by page: a journal may be larger than the memory of its object. */
function* allRows(store: TaskStore): Generator<CommitRow> {
  let seq = 0;
  for (let page = store.rowsAfter(seq); page.length > 0; page = store.rowsAfter(seq)) {
    yield* page;
    seq += page.length;
  }
}
