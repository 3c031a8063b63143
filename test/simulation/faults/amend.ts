import type { CoreFunctions } from "../../../src/core/functions.ts";
import type { Command } from "../../../src/core/task/command.ts";
import type { Decision } from "../../../src/core/task/decide.ts";
import type { Effect } from "../../../src/core/task/effect.ts";
import type { Event } from "../../../src/core/task/event.ts";
import { evolve } from "../../../src/core/task/evolve.ts";
import type { Stamp } from "../../../src/core/task/stamp.ts";
import type { Call, TaskState } from "../../../src/core/task/state.ts";

export type Decide = (
  state: TaskState | null,
  command: Command,
  nowMs: number,
  fns: CoreFunctions,
) => Decision;

export type EffectsOf = (state: TaskState) => readonly Effect[];

/** Decides as the real one does, and then says something else. */
export function amended(
  decide: Decide,
  change: (event: Event, state: TaskState) => readonly Event[],
): Decide {
  return (state, command, nowMs, fns) => {
    const decision = decide(state, command, nowMs, fns);
    if (!decision.ok || state === null) return decision;
    const events = decision.events.flatMap((event) => change(event, state));
    return folded(state, events, { seq: state.seq + 1, atMs: nowMs, command }) ?? decision;
  };
}

/** Decides as if the state were another one. */
export function misled(decide: Decide, mislead: (state: TaskState, command: Command) => TaskState): Decide {
  return (state, command, nowMs, fns) => {
    const decision = decide(state === null ? null : mislead(state, command), command, nowMs, fns);
    if (!decision.ok || state === null) return decision;
    return folded(state, decision.events, { seq: state.seq + 1, atMs: nowMs, command }) ?? decision;
  };
}

/** What such events lead to; null when they cannot be folded. */
function folded(state: TaskState, events: readonly Event[], stamp: Stamp): Decision | null {
  try {
    return {
      ok: true,
      events,
      state: events.reduce<TaskState>((next, event) => evolve(next, event, stamp), state),
    };
  } catch {
    return null;
  }
}

/** The state with its open calls changed. */
export function withCalls(state: TaskState, change: (call: Call) => Call): TaskState {
  const { phase } = state;
  if (phase.kind !== "acting") return state;
  return { ...state, phase: { ...phase, open: { ...phase.open, calls: phase.open.calls.map(change) } } };
}
