import type { PinnedModel } from "../../../src/contracts/model.ts";
import type { Event } from "../../../src/core/task/event.ts";
import { servingModel } from "../../../src/core/task/serving.ts";
import type { TaskState } from "../../../src/core/task/state.ts";
import { amended, misled } from "./amend.ts";
import type { Fault } from "./faults.ts";

/** What an engineer might get wrong about who serves a model call. */
export const ROUTE_FAULTS: Readonly<Record<string, Fault>> = {
  "a reply is charged at the price of the task's first model": {
    decide: (real) => amended(real, (event, state) => [chargedAsFirst(event, state)]),
    breaks: ["B1"],
  },
  "whoever was asked first is asked for ever": {
    seams: {
      outside: (outside) => ({
        ...outside,
        models: {
          complete: (request, signal, onText) =>
            outside.models.complete({ ...request, model: firstOf(request) }, signal, onText),
        },
      }),
    },
    breaks: ["route"],
  },
  "a price ceiling is not looked at": {
    decide: (real) => misled(real, unlimited),
    breaks: ["route"],
  },
  "a candidate that failed is chosen as if it had not": {
    decide: (real) => misled(real, forgiving),
    breaks: ["route"],
  },
  "what is told of the candidates first is believed for ever": {
    decide: (real) => (state, command, nowMs, fns) => {
      const { health, ...rest } = command;
      const isFirst = health === undefined || state?.health === undefined;
      return real(state, isFirst ? command : rest, nowMs, fns);
    },
    breaks: ["route"],
  },
};

const first = new Map<string, PinnedModel>();

function firstOf({ id, model }: { readonly id: string; readonly model: PinnedModel }): PinnedModel {
  const task = id.slice(0, id.indexOf("."));
  const known = first.get(task) ?? model;
  first.set(task, known);
  return known;
}

/** All prices of a candidate are in proportion. */
function chargedAsFirst(event: Event, { order, phase }: TaskState): Event {
  if (event.type !== "modelReplied" || phase.kind !== "thinking") return event;
  const times = order.model.price.input / servingModel(order, phase.model).price.input;
  return { ...event, used: { ...event.used, costMicroUsd: Math.ceil(event.used.costMicroUsd * times) } };
}

function unlimited(state: TaskState): TaskState {
  const { route } = state.order;
  if (route === undefined) return state;
  const steps = Object.fromEntries(Object.entries(route.steps).map(([kind, { order }]) => [kind, { order }]));
  return { ...state, order: { ...state.order, route: { ...route, steps } } };
}

function forgiving(state: TaskState): TaskState {
  const { phase } = state;
  if (phase.kind !== "thinking") return state;
  return { ...state, phase: { ...phase, model: { ...phase.model, tried: [] } } };
}
