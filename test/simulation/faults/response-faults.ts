import type { TaskState } from "../../../src/core/task/state.ts";
import { misled } from "./amend.ts";
import type { Fault } from "./faults.ts";

/** What an engineer might get wrong about responses that a provider works at in the background. */
export const RESPONSE_FAULTS: Readonly<Record<string, Fault>> = {
  "a restart asks anew for what is worked at in the background": {
    decide: (real) => misled(real, (state, { type }) => (type === "interrupted" ? asIfOut(state) : state)),
    breaks: ["response"],
  },
  "a response that nobody waits for is left to itself": {
    effectsOf: (real) => (state) => real(state).filter(({ kind }) => kind !== "dropResponse"),
    breaks: ["response"],
  },
  "a response is taken for lost as soon as it cannot be told": {
    seams: {
      outside: (outside) => ({
        ...outside,
        background: {
          ...outside.background,
          poll: async (of, signal) => {
            const reply = await outside.background.poll(of, signal);
            return reply.stop === "working" ? LOST : reply;
          },
        },
      }),
    },
    breaks: ["response"],
  },
  "a task that ends forgets the response that it waits for": {
    decide: (real) => (state, command, nowMs, fns) => {
      const decision = real(state, command, nowMs, fns);
      if (!decision.ok || decision.state?.phase.kind !== "ended") return decision;
      return { ...decision, state: withoutUnwanted(decision.state) };
    },
    breaks: ["response", "J2", "J3"],
  },
};

function withoutUnwanted({ unwanted: _unwanted, ...rest }: TaskState): TaskState {
  return rest;
}

const LOST = {
  stop: "failed",
  failure: { code: "unavailable", message: "planted", retryable: true },
} as const;

/** As if the call that a provider has taken on were still on its way there. */
function asIfOut(state: TaskState): TaskState {
  const { phase } = state;
  if (phase.kind !== "thinking" || phase.model.progress.at !== "submitted") return state;
  const progress = { at: "intended", placement: "inline", resendAtMs: 0, resends: 0 } as const;
  return { ...state, phase: { kind: "thinking", model: { ...phase.model, progress } } };
}
