import { DIMENSIONS, type LimitsWanted } from "../../contracts/budget.ts";
import type { Command } from "./command.ts";
import type { TaskRefusal } from "./refusal.ts";
import type { Draft } from "./draft.ts";
import { cancel } from "./ending.ts";
import { advance, toolOf } from "./judging.ts";
import { settledAfter } from "./resumed.ts";
import { type TaskState, isLive, isSettled, openTurn } from "./state.ts";

const ENDED: TaskRefusal = { code: "task_ended", detail: "The task has ended." };

/** Cancels in every live state. Cancelling again changes nothing. */
export function decideCancel(
  draft: Draft,
  command: Extract<Command, { type: "cancel" }>,
): TaskRefusal | null {
  const { phase } = draft.state;
  if (phase.kind === "ended") return phase.end.status === "canceled" ? null : ENDED;
  cancel(draft, command.by, command.reason ?? "");
  return null;
}

/** Holds a task between turns: what is out may settle, nothing new is asked of the model. */
export function decidePause(draft: Draft, command: Extract<Command, { type: "pause" }>): TaskRefusal | null {
  if (!isLive(draft.state)) return ENDED;
  if (!draft.state.paused) draft.emit({ type: "taskPaused", by: command.by });
  return null;
}

/** Lifts a pause, or takes a failed task on from a checkpoint. */
export function decideResume(
  draft: Draft,
  command: Extract<Command, { type: "resume" }>,
): TaskRefusal | null {
  const { phase, paused } = draft.state;
  if (phase.kind === "ended") return phase.end.status === "failed" ? resumeFailed(draft, command) : ENDED;
  if (!paused) return { code: "task_not_resumable", detail: "The task is neither paused nor failed." };
  if (command.checkpoint !== undefined || command.limits !== undefined) {
    return {
      code: "task_not_resumable",
      detail: "A paused task goes on where it is; only a failed one takes a checkpoint or limits.",
    };
  }
  draft.emit({ type: "taskUnpaused", by: command.by });
  advance(draft);
  return null;
}

function resumeFailed(draft: Draft, command: Extract<Command, { type: "resume" }>): TaskRefusal | null {
  const { state } = draft;
  // E1. Its end has settled its parent's call, and a settled call stays settled.
  if (state.order.parent !== undefined)
    return { code: "task_not_resumable", detail: "A child's end is its parent's to deal with." };
  const checkpoint = command.checkpoint ?? state.seq;
  if (checkpoint > state.seq) return { code: "invalid_input", detail: "There is no such checkpoint." };
  if (dropsUnknownWrite(state, checkpoint)) {
    return {
      code: "task_not_resumable",
      detail: "A write after this checkpoint has no known outcome; resume from the last checkpoint.",
    };
  }
  const refusal = extendLimits(draft, command.limits ?? {});
  if (refusal !== null) return refusal;
  draft.emit({
    type: "taskResumed",
    by: command.by,
    checkpoint,
    settledAfter: settledAfter(state, checkpoint),
  });
  return null;
}

/** E2. A write that may have happened must stay in sight: going back before its turn would propose it anew under another key. */
function dropsUnknownWrite(state: TaskState, checkpoint: number): boolean {
  const open = openTurn(state);
  if (open === null || open.repliedSeq <= checkpoint) return false;
  return open.calls.some(
    (call) => !isSettled(call) && call.attempt > 0 && toolOf(state, call.tool)?.effect !== "read",
  );
}

/** A task may be given more on its way, within its agent's limits. */
function extendLimits(draft: Draft, limits: LimitsWanted): TaskRefusal | null {
  const { order, budget } = draft.state;
  for (const dimension of DIMENSIONS) {
    const to = limits[dimension];
    if (to === undefined || to === budget.limit[dimension]) continue;
    if (to < budget.limit[dimension] || to > order.agent.limits[dimension]) {
      return {
        code: "limit_exceeded",
        detail: `The limit of ${dimension} may only be raised, up to the agent's.`,
      };
    }
    draft.emit({ type: "limitExtended", dimension, to });
  }
  return null;
}
