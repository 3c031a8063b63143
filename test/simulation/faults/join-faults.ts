import type { Event } from "../../../src/core/task/event.ts";
import type { TaskState } from "../../../src/core/task/state.ts";
import { amended, misled } from "./amend.ts";
import type { Fault } from "./faults.ts";

/** What an engineer might get wrong about calls that belong together. */
export const JOIN_FAULTS: Readonly<Record<string, Fault>> = {
  "a fatal part is taken for one that is missing": {
    decide: (real) => misled(real, lenient),
    breaks: ["join"],
  },
  "what a join closes without is settled like any other call": {
    decide: (real) => amended(real, (event) => [withoutStraggler(event)]),
    breaks: ["join"],
  },
  "a child that may finish unheard is ended at once": {
    effectsOf: (real) => (state) =>
      real({ ...state, strays: state.strays.map((stray) => ({ ...stray, finishes: false })) }),
    breaks: ["E1"],
  },
  "a task goes on with what a human is to look at": {
    decide: (real) => misled(real, agreedUnasked),
    breaks: ["A1"],
  },
};

function lenient(state: TaskState): TaskState {
  const { order } = state;
  const parts = { failed: "missing", timedOut: "missing", malformed: "missing" } as const;
  const joins = order.agent.joins?.map((rule) => ({ ...rule, parts }));
  return { ...state, order: { ...order, agent: { ...order.agent, ...(joins && { joins }) } } };
}

function withoutStraggler(event: Event): Event {
  if (event.type !== "callSettled") return event;
  const { straggler, ...plain } = event;
  return straggler === undefined ? event : plain;
}

function agreedUnasked(state: TaskState): TaskState {
  const turns = state.turns.map((turn) => ({
    ...turn,
    ...(turn.joins && { joins: turn.joins.map((join) => ({ ...join, agreedBy: "planted" })) }),
  }));
  return { ...state, turns };
}
