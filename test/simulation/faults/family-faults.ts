import type { NewTask } from "../../../src/contracts/task.ts";
import { NOTHING, plus } from "../../../src/core/budget.ts";
import type { Command } from "../../../src/core/task/command.ts";
import type { Event } from "../../../src/core/task/event.ts";
import { type Call, type TaskState, isSettled } from "../../../src/core/task/state.ts";
import { sha256 } from "../../../src/hash.ts";
import type { ClaimedEffect, Family } from "../../../src/ports.ts";
import { taskName } from "../../../src/task-name.ts";
import type { Seams } from "../object.ts";
import { amended, misled } from "./amend.ts";
import type { Fault } from "./faults.ts";

const DAY_MS = 86_400_000;

/** What an engineer might get wrong between a task and those that it recruits. */
export const FAMILY_FAULTS: Readonly<Record<string, Fault>> = {
  "a child is given its agent's ceilings instead of its share": {
    seams: ordering(({ order }) => {
      const { turns, toolCalls, tokens, wallMs, costMicroUsd, children } = order.agent.limits;
      return { ...order, limit: { turns, toolCalls, tokens, wallMs, costMicroUsd, children } };
    }),
    breaks: ["B1", "C1"],
  },
  "what a child has used is counted twice": {
    seams: family((real) => ({
      ...real,
      tell: (child, end) => real.tell(child, { ...end, used: plus(end.used, end.used) }),
    })),
    breaks: ["B1"],
  },
  "a grandchild is not counted": {
    seams: family((real) => ({
      ...real,
      tell: (child, end) => real.tell(child, { ...end, used: { ...end.used, children: 0 } }),
    })),
    breaks: ["B1"],
  },
  "a child asks for more like any other task": {
    decide: (real) =>
      misled(real, (state, { type }) =>
        type === "parentTold" ? state : { ...state, order: orphaned(state) },
      ),
    breaks: ["B1"],
  },
  "a child that was never made is taken for alive": {
    seams: family((real) => ({ ...real, look: async (child) => (await real.look(child)) ?? "alive" })),
    breaks: ["ends"],
  },
  "a child is named after the attempt": {
    seams: ordering(({ order, id, attempt }) => {
      const unique = sha256(`countersign.child.v1\n${id}#${attempt}`);
      return { ...order, task: taskName(unique, undefined).id };
    }),
    breaks: ["E1", "J1", "N1"],
  },
  "a child does not wait until its parent has its end on record": {
    seams: family((real) => ({
      ...real,
      tell: async (child, end) => void real.tell(child, end).catch(() => undefined),
    })),
    breaks: ["E1"],
  },
  "a child is taken for ended that nobody has ended": {
    seams: family((real) => ({
      ...real,
      end: async () => {
        const error = { code: "canceled", message: "planted", retryable: false } as const;
        return { result: { kind: "failed", error }, used: NOTHING };
      },
    })),
    breaks: ["E1", "B1"],
  },
  "a stray is forgotten": {
    effectsOf: (real) => (state) =>
      real(state).filter((effect) => effect.kind !== "endChild" || !isSettled(effect.call)),
    breaks: ["orphan"],
  },
  "the end of a parent does not end its children": {
    effectsOf: (real) => (state) =>
      real(state).filter((effect) => effect.kind !== "endChild" || isSettled(effect.call)),
    breaks: ["orphan"],
  },
  "a child's tools are not compared with its parent's": {
    decide: (real) => misled(real, (state) => ({ ...state, order: holdingAll(state) })),
    breaks: ["C1"],
  },
  "a child's end overwrites what its call was settled with": {
    decide: (real) => misled(real, unsettledBy),
    breaks: ["E1"],
  },
  "a child has more time than its parent": {
    decide: (real) => amended(real, (event) => [late(event)]),
    breaks: ["C1"],
  },
  "the generations that are left are not passed down": {
    seams: ordering(({ order }) => {
      const { parent, agent } = order;
      return parent === undefined
        ? order
        : { ...order, parent: { ...parent, depthLeft: agent.delegation?.depth ?? 0 } };
    }),
    breaks: ["C1"],
  },
};

/** Lets a consumer make children by another order than their parent's claim says. */
function ordering(change: (effect: Extract<ClaimedEffect, { kind: "child" }>) => NewTask): Seams {
  return {
    door: (door) => ({
      ...door,
      claim: async (claims) => {
        const claimed = await door.claim(claims);
        return claimed.map((effect) =>
          effect.kind === "child" ? { ...effect, order: change(effect) } : effect,
        );
      },
    }),
  };
}

function family(change: (real: Family) => Family): Seams {
  return { outside: (outside) => ({ ...outside, family: change(outside.family) }) };
}

function orphaned({ order }: TaskState): NewTask {
  return Object.fromEntries(Object.entries(order).filter(([key]) => key !== "parent")) as NewTask;
}

function holdingAll({ order }: TaskState): NewTask {
  const everyones = (order.team ?? []).flatMap(({ agent }) => [...agent.tools, ...(agent.holds ?? [])]);
  return { ...order, agent: { ...order.agent, holds: [...(order.agent.holds ?? []), ...everyones] } };
}

function late(event: Event): Event {
  if (event.type !== "callIntended" || event.grant === undefined) return event;
  const { grant } = event;
  return { ...event, grant: { ...grant, deadlineAtMs: grant.deadlineAtMs + DAY_MS } };
}

/** The call as it was before its child's end was heard for the first time. */
function unsettledBy(state: TaskState, command: Command): TaskState {
  if (command.type !== "childEnded" || state.phase.kind !== "acting") return state;
  const { phase } = state;
  const calls = phase.open.calls.map((call): Call =>
    call.id === command.call && isSettled(call)
      ? { ...call, progress: { at: "claimed", leaseUntilMs: 0 } }
      : call,
  );
  return { ...state, strays: [], phase: { ...phase, open: { ...phase.open, calls } } };
}
