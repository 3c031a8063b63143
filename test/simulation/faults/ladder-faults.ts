import type { TaskState } from "../../../src/core/task/state.ts";
import { amended, misled } from "./amend.ts";
import type { Fault } from "./faults.ts";

/** What an engineer might get wrong about steps that are handed on. */
export const LADDER_FAULTS: Readonly<Record<string, Fault>> = {
  "a rung is asked again and again": {
    // Not for ever: a world that goes round in circles takes long to come to its end.
    decide: (real) => misled(real, (state) => (state.seq < 60 ? atItsFoot(state) : state)),
    breaks: ["ladder", "ends"],
  },
  "a task fails with its step, although somebody could take it on": {
    decide: (real) => misled(real, withoutLadder),
    breaks: ["ladder"],
  },
  "a step is handed on before it failed for good": {
    decide: (real) =>
      amended(real, (event) =>
        event.type === "stepFailed" && event.because === "refused"
          ? [{ ...event, because: "model" }]
          : [event],
      ),
    breaks: ["ladder"],
  },
  "what brought something does not end the climb": {
    decide: (real) => (state, command, nowMs, fns) => {
      const decision = real(state, command, nowMs, fns);
      if (!decision.ok || decision.state === null || state?.climb === undefined) return decision;
      const isOver =
        decision.state.climb === undefined && decision.events.some(({ type }) => type === "turnEnded");
      return isOver ? { ...decision, state: { ...decision.state, climb: state.climb } } : decision;
    },
    breaks: ["ladder", "J2", "J3", "route"],
  },
  "an abler model has all the time there is": {
    decide: (real) => misled(real, atLeisure),
    breaks: ["ladder"],
  },
  "a failed step is left where it is": {
    decide: (real) =>
      amended(real, (event, { seq }) => (event.type === "stepEscalated" && seq < 60 ? [] : [event])),
    breaks: ["ladder", "ends", "A1", "J2", "J3"],
  },
};

function atItsFoot({ climb: _climb, ...rest }: TaskState): TaskState {
  return rest;
}

function atLeisure(state: TaskState): TaskState {
  return state.climb === undefined ? state : { ...state, climb: { ...state.climb, untilMs: Infinity } };
}

function withoutLadder(state: TaskState): TaskState {
  return { ...state, order: { ...state.order, agent: groundFloor(state.order.agent) } };
}

function groundFloor({
  ladder: _ladder,
  ...agent
}: TaskState["order"]["agent"]): TaskState["order"]["agent"] {
  return agent;
}
