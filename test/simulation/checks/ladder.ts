import type { ApprovalEvent, Event } from "../../../src/core/task/event.ts";
import { type TaskState, type Turn, isSettled } from "../../../src/core/task/state.ts";
import type { Check, Report, Seen } from "./witness.ts";

/** On which rung the step stands, from events alone: -1 at the foot. */
export class LadderBook {
  rung = -1;
  failed = false;

  take(event: Event, turns: readonly Turn[]): void {
    if (event.type === "stepFailed") this.failed = true;
    if (event.type === "stepEscalated") {
      this.rung = event.rung;
      this.failed = false;
    }
    if (event.type === "taskResumed") {
      this.rung = -1;
      this.failed = false;
    }
    const calls = event.type === "turnEnded" ? (turns.at(-1)?.calls ?? []) : [];
    if (calls.some((call) => isSettled(call) && call.progress.outcome.ok)) this.rung = -1;
  }
}

/** A step goes up rung by rung, each at most once, and only when it failed by a fact. */
const climbsByFacts: Check = ({ steps, after, row }, _witness, report) => {
  for (const { event, before } of steps) {
    if (event.type === "stepEscalated") goesUp(event, { before, atMs: row.atMs, report });
    if (event.type === "modelCallIntended" && before?.stuck !== undefined)
      report("ladder", "a step that failed is asked for again at its foot");
  }
  if (after.stuck !== undefined && !after.paused && after.phase.kind !== "ended")
    report("ladder", "a step that failed stays where it is");
};

/** An abler model is tried again within the time that its rung has. */
const triesInTime: Check = ({ steps, row }, _witness, report) => {
  for (const { event, before } of steps)
    if (event.type === "modelCallIntended" && before !== null && isTriedAgain(before) && isLate(before, row))
      report("ladder", "an abler model is tried again beyond its time");
};

function isTriedAgain({ phase }: TaskState): boolean {
  return phase.kind === "thinking" && phase.model.attempt > 0;
}

/** Whether the step stands on the rung of a model whose time is over. */
function isLate({ climb, order }: TaskState, { atMs }: Seen["row"]): boolean {
  return climb !== undefined && order.agent.ladder?.[climb.rung]?.to === "model" && atMs >= climb.untilMs;
}

function goesUp(
  { rung, untilMs }: Extract<Event, { type: "stepEscalated" }>,
  { before, atMs, report }: { before: TaskState | null; atMs: number; report: Report },
): void {
  if (before?.stuck === undefined) report("ladder", "a step goes up that has not failed");
  if (rung <= (before?.climb?.rung ?? -1)) report("ladder", `rung ${rung} is asked again`);
  if (untilMs <= atMs) report("ladder", "a rung has no time");
}

/** What the journal says of the climb is what follows from its events. */
const standsWhereItSays: Check = ({ after }, { ladder }, report) => {
  if (after.phase.kind === "ended") return;
  const told = after.climb?.rung ?? -1;
  if (told !== ladder.rung) report("ladder", `stands on rung ${told}, not on ${ladder.rung}`);
};

/** A step fails by what its commit shows: a model call that is not tried again, turns that brought nothing, an answer, or silence. */
const failsForAReason: Check = (seen, _witness, report) => {
  for (const { event, before } of seen.steps) {
    if (event.type !== "stepFailed" || before === null) continue;
    if (before.order.agent.ladder === undefined) report("ladder", "a step is handed on without a ladder");
    if (!reasonOf(seen, event.because))
      report("ladder", `a step failed by ${event.because}, which is not so`);
  }
};

function reasonOf({ events, before, after, command, row }: Seen, because: string): boolean {
  const isLost = events.some((event) => event.type === "modelCallFailed" && event.retryAtMs === undefined);
  const reply = command.type === "modelReplied" ? command.reply.stop : null;
  const last = [...(before?.turns ?? []), ...after.turns].at(-1)?.calls ?? [];
  const broughtNothing = last.every((call) => isSettled(call) && !call.progress.outcome.ok);
  switch (because) {
    case "model":
      return isLost || reply === "refusal" || (before !== null && isLate(before, row));
    case "answer":
      return reply === "end";
    case "rung":
      return broughtNothing || events.some(isSilence);
    default:
      return broughtNothing;
  }
}

function isSilence(event: Event): event is ApprovalEvent {
  return event.type === "approvalClosed" && event.state === "expired";
}

/** Nobody fails with a step while there is someone above who is always there: a human. */
const asksHumansFirst: Check = ({ events, before, after }, { ladder }, report) => {
  const failed = events.find((event) => event.type === "taskFailed");
  // What an agent says of a join, and a budget that was overrun, come before its ladder.
  if (failed?.error.code === "budget_exhausted" || events.some(({ type }) => type === "joinClosed")) return;
  const lost = events.some((event) => event.type === "modelCallFailed" && event.retryAtMs === undefined);
  if (failed === undefined || !lost || before === null || failed.error.code === "refused_by_policy") return;
  if (after.order.agent.ladder?.some(({ to }, rung) => to === "human" && rung > ladder.rung) === true)
    report("ladder", "fails with a step that a human could have been asked about");
};

export const LADDER_CHECKS: readonly Check[] = [
  climbsByFacts,
  triesInTime,
  standsWhereItSays,
  failsForAReason,
  asksHumansFirst,
];

/** What simulations are to meet often enough. */
export function climbsMet({ events, after }: Seen): readonly string[] {
  return events.flatMap((event) =>
    event.type === "stepEscalated"
      ? [`escalated to ${after.order.agent.ladder?.[event.rung]?.to}, by ${event.handOff.because}`]
      : [],
  );
}
