import type { FundsAsked } from "../../../src/core/account-asking.ts";
import type { BudgetDoor } from "../../../src/guards/allowance-doors.ts";
import { amended, misled } from "./amend.ts";
import type { Fault } from "./faults.ts";

/** What an engineer might get wrong about what tenants, principals and the deployment as a whole can bear. */
export const ALLOWANCE_FAULTS: Readonly<Record<string, Fault>> = {
  "a task takes what it holds for twice as much": {
    decide: (real) =>
      misled(real, (state) => {
        const { allowance } = state;
        if (allowance === undefined) return state;
        const { costMicroUsd, tokens } = allowance.held;
        const held = { costMicroUsd: costMicroUsd * 2, tokens: tokens * 2 };
        return { ...state, allowance: { ...allowance, held } };
      }),
    breaks: ["B1", "J2"],
  },
  "a task that rests keeps what it holds": {
    decide: (real) => amended(real, (event) => (event.type === "allowanceReturned" ? [] : [event])),
    breaks: ["B1"],
  },
  "what is given back does not arrive": {
    seams: { allowances: { budget: (door) => heard(door, ({ wanted }) => wanted !== null) } },
    breaks: ["B1"],
  },
  "an asking that is said twice is met twice": {
    seams: { allowances: { budget: renumbered } },
    breaks: ["B1"],
  },
  "a place is kept by whoever has left": {
    seams: {
      allowances: {
        admission: (door) => ({ ...door, leave: async () => undefined, stepBack: async () => undefined }),
      },
    },
    breaks: ["B1", "ends"],
  },
  "what a task used is not told": {
    seams: {
      allowances: {
        budget: (door) => ({ ...door, answer: (asked) => door.answer({ ...asked, used: asked.counted }) }),
      },
    },
    breaks: ["B1"],
  },
};

/** What is not heard is answered as if nothing were held. */
function heard(door: BudgetDoor, hears: (asked: FundsAsked) => boolean): BudgetDoor {
  return {
    ...door,
    answer: async (asked) =>
      hears(asked)
        ? await door.answer(asked)
        : { allowance: { held: { costMicroUsd: 0, tokens: 0 }, counted: asked.used } },
  };
}

let askings = 0;

/** Each asking passes for a new one. */
function renumbered(door: BudgetDoor): BudgetDoor {
  return {
    ...door,
    answer: (asked) => {
      askings += 1;
      return door.answer({ ...asked, n: askings, task: `${asked.task}.${askings}` });
    },
  };
}
