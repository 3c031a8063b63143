import { setAside, settle } from "../budget.ts";
import type { Stamp } from "./stamp.ts";
import type { Stray, TaskState } from "./state.ts";

/** B1. What was set aside for a stray comes back but for what its child used, which is told with its end. */
export function strayEnded(state: TaskState, call: string, { command }: Stamp): TaskState {
  if (command.type !== "childEnded") throw new Error("a stray ends by its child's word");
  const aside = state.strays
    .filter(({ id }) => id === call)
    .map(({ reserved }) => reserved)
    .filter((reserved) => reserved !== null);
  return {
    ...state,
    strays: state.strays.filter(({ id }) => id !== call),
    budget: aside.reduce(
      (budget, reserved) => settle(budget, reserved, setAside(command.used)),
      state.budget,
    ),
  };
}

/** Its child is waited for no longer. */
export function toEnd(stray: Stray): Stray {
  return { ...stray, finishes: false };
}
