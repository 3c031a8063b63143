import { setAside, settle } from "../budget.ts";
import type { Stamp } from "./stamp.ts";
import type { Stray, TaskState } from "./state.ts";

/** B1. What was set aside for a stray comes back but for what its child used, which is told with its end. */
export function strayEnded(state: TaskState, call: string, { command }: Stamp): TaskState {
  const strays = state.strays.filter(({ id }) => id !== call);
  const reserved = state.strays.find(({ id }) => id === call)?.reserved ?? null;
  if (reserved === null || command.type !== "childEnded") return { ...state, strays };
  return { ...state, strays, budget: settle(state.budget, reserved, setAside(command.used)) };
}

/** Its child is waited for no longer. */
export function toEnd(stray: Stray): Stray {
  return { ...stray, finishes: false };
}
