import type { TaskStatus } from "../../contracts/task.ts";
import { type TaskState, isSettled } from "./state.ts";

/** T1. The one status, as a function of the state. Waiting for approval means that nothing else of the task can run. */
export function statusOf(state: TaskState): TaskStatus {
  const { phase } = state;
  switch (phase.kind) {
    case "queued":
      return "queued";
    case "ended":
      return phase.end.status;
    case "resting":
      return "running";
    case "thinking":
      return phase.model.progress.at === "held" ? "waiting_approval" : "running";
    case "acting": {
      const unsettled = phase.open.calls.filter((call) => !isSettled(call));
      const held = unsettled.length > 0 && unsettled.every(({ progress }) => progress.at === "held");
      return held ? "waiting_approval" : "running";
    }
  }
}
