import type { TaskStatus } from "../../../src/contracts/task.ts";
import { effectsOf } from "../../../src/core/task/effect.ts";
import { type TaskState, isSettled, openCalls } from "../../../src/core/task/state.ts";
import { statusOf } from "../../../src/core/task/status.ts";
import type { Check } from "./witness.ts";

/** T1. The drawn edges. */
const EDGES: Readonly<Record<TaskStatus, readonly TaskStatus[]>> = {
  queued: ["running", "failed", "canceled"],
  running: ["waiting_approval", "completed", "failed", "canceled"],
  waiting_approval: ["running", "failed", "canceled"],
  failed: ["queued"],
  completed: [],
  canceled: [],
};

/** T1, event by event: only the drawn edges, and out of `failed` only by `resume`. */
export const followsEdges: Check = ({ command, steps }, _witness, report) => {
  for (const { event, before, after } of steps) {
    const from = before === null ? null : statusOf(before);
    const to = statusOf(after);
    if (from === null ? to !== "queued" : from !== to && !EDGES[from].includes(to))
      report("T1", `${from} → ${to} by ${event.type}`);
    if (from === "failed" && to === "queued" && (command.type !== "resume" || event.type !== "taskResumed"))
      report("T1", `a failed task came back by ${event.type}`);
  }
};

/** T1. A task waits for approval only when nothing else of it can run. */
export const waitsOnlyForHumans: Check = ({ after }, _witness, report) => {
  if (statusOf(after) !== "waiting_approval") return;
  const running = openCalls(after).filter((call) => !isSettled(call) && call.progress.at !== "held");
  // A child that is to be ended is no work of its parent's any more, and neither is a response, or what it gives back.
  const work = effectsOf(after).filter(
    (effect) =>
      effect.kind !== "endChild" &&
      effect.kind !== "dropResponse" &&
      !(effect.kind === "askAllowance" && effect.ask.wanted === null),
  );
  if (work.length > 0 || running.length > 0) report("T1", "waits for approval while work is left");
  if (!hasOpenQuestion(after)) report("T1", "waits for approval, and nothing is asked");
};

/** T1. A resume carries where it goes back to, and every call settled after that which it takes out of sight. */
export const resumesInSight: Check = ({ events, before }, witness, report) => {
  for (const event of events) {
    if (event.type !== "taskResumed" || before === null) continue;
    const dropped = before.turns
      .filter(({ endedSeq, repliedSeq }) => endedSeq > event.checkpoint && repliedSeq > event.checkpoint)
      .flatMap(({ calls }) => calls.filter(isSettled).map(({ id }) => id));
    const missing = dropped.filter((id) => !event.settledAfter.includes(id));
    if (missing.length > 0) report("T1", `the resume does not carry ${missing.join(", ")}`);
    const unknown = event.settledAfter.filter((id) => (witness.calls.get(id)?.outcome ?? null) === null);
    if (unknown.length > 0) report("T1", `the resume carries ${unknown.join(", ")}, which never settled`);
  }
};

/** A pause holds a task between turns: what is out or held may go on, and no further turn is begun. */
export const restsWhilePaused: Check = ({ events, before, after }, _witness, report) => {
  if (before?.phase.kind === "thinking") return;
  const begun = events.some((event) => event.type === "modelCallIntended" && event.attempt === 1);
  if (after.paused && begun) report("T1", "a paused task begins a turn");
};

function hasOpenQuestion({ approvals }: TaskState): boolean {
  return approvals.some(({ state }) => state === "open");
}
