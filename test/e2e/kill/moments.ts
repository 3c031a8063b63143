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
  | "child to make"
  | "child at work"
  | "child asked how it is"
  | "parent to tell"
  | "approval"
  | "audit log behind";

/** Everything that the task was at; several calls of a turn may each be at something else. */
export function activitiesOf(state: TaskState, auditedSeq: number): ReadonlySet<Activity> {
  const found = new Set(phaseActivities(state.phase));
  if (state.phase.kind === "ended" && state.order.parent !== undefined && !state.parentTold)
    found.add("parent to tell");
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
      return phase.open.calls.flatMap(({ progress, grant }) =>
        grant === null ? callActivity(progress) : delegationActivity(progress),
      );
    case "ended":
      return [];
  }
}

function modelActivity(progress: ModelCall["progress"]): Activity {
  switch (progress.at) {
    case "intended":
      return progress.placement === "inline" ? "model call" : "model call in a queue";
    case "submitted":
      return "model call";
    case "claimed":
      return "model call claimed from a queue";
    case "retrying":
      return "model retry";
    case "held":
      return "approval";
    case "unfunded":
      return "model retry";
  }
}

function delegationActivity(progress: Call["progress"]): readonly Activity[] {
  if (progress.at === "intended") return ["child to make"];
  if (progress.at === "claimed") return ["child at work"];
  return progress.at === "readingBack" ? ["child asked how it is"] : callActivity(progress);
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
