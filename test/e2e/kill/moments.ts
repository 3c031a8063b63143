import type { Call, ModelCall, TaskState } from "../../../src/core/task/state.ts";
import { statusOf } from "../../../src/core/task/status.ts";

/** What a task was doing when a kill struck, as its durable state tells. */
export type Activity =
  | "queued"
  | "resting"
  | "model call"
  | "model call in a queue"
  | "model call claimed from a queue"
  | "model retry"
  | "gate"
  | "tool call"
  | "tool call in a queue"
  | "tool call claimed from a queue"
  | "tool retry"
  | "read-back"
  | "approval"
  | "audit log behind";

/** Everything that the task was at; several calls of a turn may each be at something else. */
export function activitiesOf(state: TaskState, auditedSeq: number): ReadonlySet<Activity> {
  const found = new Set(phaseActivities(state.phase));
  // While a task works on, its log may lag; one that rests or has ended is just being written.
  const rests = state.phase.kind === "ended" || statusOf(state) === "waiting_approval";
  return rests && auditedSeq < state.seq ? found.add("audit log behind") : found;
}

function phaseActivities(phase: TaskState["phase"]): readonly Activity[] {
  switch (phase.kind) {
    case "queued":
    case "resting":
      return [phase.kind];
    case "thinking":
      return [modelActivity(phase.model.progress)];
    case "acting":
      return phase.open.calls.flatMap(({ progress }) => callActivity(progress));
    case "ended":
      return [];
  }
}

function modelActivity(progress: ModelCall["progress"]): Activity {
  switch (progress.at) {
    case "intended":
      return progress.placement === "inline" ? "model call" : "model call in a queue";
    case "claimed":
      return "model call claimed from a queue";
    case "retrying":
      return "model retry";
    case "held":
      return "approval";
  }
}

function callActivity(progress: Call["progress"]): readonly Activity[] {
  switch (progress.at) {
    case "settled":
      return [];
    case "ready":
      return ["gate"];
    case "held":
      return ["approval"];
    case "intended":
      return [progress.placement === "inline" ? "tool call" : "tool call in a queue"];
    case "claimed":
      return ["tool call claimed from a queue"];
    case "retrying":
      return ["tool retry"];
    case "readingBack":
      return ["read-back"];
  }
}
