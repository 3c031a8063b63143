import { type Amounts, DIMENSIONS } from "../../../src/contracts/budget.ts";
import type { CommitRow } from "../../../src/contracts/journal.ts";
import { NOTHING, plus } from "../../../src/core/budget.ts";
import { decodeBody } from "../../../src/core/task/commit.ts";
import type { TaskState } from "../../../src/core/task/state.ts";
import { Accounts } from "../../simulation/checks/accounts.ts";
import { ledgerCase } from "./cases.ts";
import type { Faults } from "./checks.ts";
import type { Evidence, Ran } from "./evidence.ts";
import { stateOf } from "./stored.ts";

/** A lead, a foreman with two helpers, and two helpers of the lead's own. */
const TASKS_OF_A_TREE = 6;

/** The evidence with every child beside those who were posted: the same is true of each. */
export function withChildren(evidence: Evidence): Evidence {
  const posted = new Set(evidence.ran.map(({ task }) => task));
  const children = [...evidence.journals].flatMap(([task, rows]): readonly Ran[] =>
    posted.has(task) ? [] : [{ case: ledgerCase(agentOf(rows), task, "approve"), task, view: null }],
  );
  return { ...evidence, ran: [...evidence.ran, ...children] };
}

/** Every lead completed, and so did everyone below it; each has told its parent, and nobody is too many or missing. */
export function trees({ ran, journals }: Evidence): Faults {
  const states = new Map([...journals].map(([task, rows]) => [task, stateOf(rows)]));
  const known = new Set(ran.map(({ task }) => task));
  const unfit = [...states].flatMap(([task, state]) => [
    ...(endOf(state) === "completed" ? [] : [`${task} (${state.order.agent.name}) is ${endOf(state)}`]),
    ...(state.order.parent === undefined || state.parentTold ? [] : [`${task} has never told its parent`]),
    ...(state.strays.length === 0 ? [] : [`${task} has children that are still to be ended`]),
  ]);
  const roots = Map.groupBy(states, ([task, { order }]) => order.parent?.root ?? task);
  const sizes = [...roots].flatMap(([root, tree]) => [
    ...(known.has(root) ? [] : [`${root} was never posted`]),
    ...(tree.length === TASKS_OF_A_TREE ? [] : [`${root} has ${tree.length} tasks in its tree`]),
  ]);
  return [...unfit, ...sizes, ...twins([...states.values()])];
}

/** One child a call, and none of a call that nobody made. */
function twins(states: readonly TaskState[]): Faults {
  const calls = new Set(
    states.flatMap(({ turns }) => turns.flatMap((turn) => turn.calls.map(({ id }) => id))),
  );
  const children = Map.groupBy(
    states.filter(({ order }) => order.parent !== undefined),
    ({ order }) => order.parent?.call ?? "",
  );
  return [...children].flatMap(([call, of]) => [
    ...(of.length === 1 ? [] : [`${call} has ${of.length} children`]),
    ...(calls.has(call) ? [] : [`${call} has a child, and was never made`]),
  ]);
}

/** B1. Each task has spent what it used itself and what its children say that they have used, to the last unit. */
export function sums({ journals }: Evidence): Faults {
  const states = new Map([...journals].map(([task, rows]) => [task, stateOf(rows)]));
  return [...journals].flatMap(([task, rows]) => {
    const { budget } = stateOf(rows);
    const children = [...states.values()].filter(({ order }) => order.parent?.task === task);
    const expected = [ownUse(rows), ...children.map(usedAsChild)].reduce(plus);
    const spent = plus(budget.spent, budget.overrun);
    return DIMENSIONS.flatMap((d) => [
      ...(d === "wallMs" || spent[d] === expected[d]
        ? []
        : [`${task} has spent ${spent[d]} ${d}, and its tree ${expected[d]}`]),
      ...(budget.spent[d] <= budget.limit[d] ? [] : [`${task} has spent more ${d} than it may`]),
      ...(budget.reserved[d] === 0 ? [] : [`${task} still has ${d} set aside`]),
    ]);
  });
}

/** What a task used itself, by its journal's events with its children's part left out. */
function ownUse(rows: readonly CommitRow[]): Amounts {
  const accounts = new Accounts();
  for (const row of rows) {
    const { command, events } = decodeBody(row);
    const alone = command.type === "childEnded" ? { ...command, used: NOTHING } : command;
    for (const event of events) accounts.take(event, alone);
  }
  return { ...accounts.spent, children: 0 };
}

/** A child counts as one, beside those of its own. */
function usedAsChild({ budget }: TaskState): Amounts {
  const used = plus(budget.spent, budget.overrun);
  return { ...used, children: used.children + 1 };
}

function endOf({ phase }: TaskState): string {
  return phase.kind === "ended" ? phase.end.status : phase.kind;
}

function agentOf(rows: readonly CommitRow[]): string {
  return stateOf(rows).order.agent.name;
}
