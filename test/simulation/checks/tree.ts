import { DIMENSIONS } from "../../../src/contracts/budget.ts";
import type { NewTask } from "../../../src/contracts/task.ts";
import { plus } from "../../../src/core/budget.ts";
import { type TaskState, isLive } from "../../../src/core/task/state.ts";
import { sha256 } from "../../../src/hash.ts";
import { GENERATIONS_MAX } from "../teams.ts";
import type { CallRecord, Check, Report, Witness } from "./witness.ts";

export type WitnessOf = (task: string) => Witness | undefined;

/** So long after the storm, whoever is to be ended or asked has been: what got lost before it is tried again within that time. */
const AT_LEAST_ONCE_MS = 60_000;

/** Which task carries a delegation out: that follows from the call alone. */
export function childNameOf(call: string): string {
  return `tsk_${sha256(`countersign.child.v1\n${call}`).slice(0, 32)}`;
}

/** What must be true between a task and its kin at every commit of either. */
export function treeChecks(witnessOf: WitnessOf, calm: { readonly calmSinceMs: number }): readonly Check[] {
  return [
    livesOnlyWhileWaitedFor(witnessOf, calm),
    livesWhileItMay(witnessOf),
    waitsOnlyForTheLiving(witnessOf, calm),
    isMadeOnce(witnessOf),
    isWithinItsParent(witnessOf),
    staysWithinWhatWasSetAside(witnessOf),
    hearsTheTruth(witnessOf),
    isHeardBeforeItRests(witnessOf),
  ];
}

/** J1, E1. A child is made for a call that was let go, under that call's name, and no second one ever is. */
function isMadeOnce(witnessOf: WitnessOf): Check {
  return ({ command }, { order }, report) => {
    const { parent } = order;
    if (command.type !== "create" || parent === undefined) return;
    const record = witnessOf(parent.task)?.calls.get(parent.call);
    if (record === undefined) return report("J1", `made for ${parent.call}, which nobody proposed`);
    if (record.claimed.size === 0) report("J1", `made for ${parent.call}, which was never let go`);
    if (order.task !== childNameOf(parent.call)) report("E1", `another name than ${parent.call} gives it`);
    record.children.add(order.task);
    if (record.children.size > 1) report("E1", `${parent.call} has ${record.children.size} children`);
  };
}

/** C1. Whose child it is, what it may do, how deep it is and when it must end: each within its parent's. */
function isWithinItsParent(witnessOf: WitnessOf): Check {
  return ({ command }, { order }, report) => {
    const { parent } = order;
    if (command.type !== "create" || parent === undefined) return;
    const above = witnessOf(parent.task);
    const record = above?.calls.get(parent.call);
    if (above === undefined || above.state === null || record === undefined) return;
    for (const what of beyond(order, above.state)) report("C1", what);
    const { grant } = record;
    if (JSON.stringify(order.limit) !== JSON.stringify(grant?.limit))
      report("B1", "it is given something else than was set aside for it");
    if (order.deadlineAtMs !== grant?.deadlineAtMs) report("C1", "it has another deadline than was granted");
  };
}

function beyond(child: NewTask, parent: TaskState): readonly string[] {
  return [...strangeIn(child, parent.order), ...tooMuchOf(child, parent)];
}

function strangeIn(child: NewTask, order: NewTask): readonly string[] {
  const { root, depth, left } = placeBelow(order);
  const { parent } = child;
  return wrong([
    [child.tenant !== order.tenant, "it is another tenant's"],
    [child.principal !== order.principal || child.keyId !== order.keyId, "it acts for somebody else"],
    [JSON.stringify(child.delegationCaps) !== JSON.stringify(order.delegationCaps), "it has other caps"],
    [parent?.root !== root, "it has another root"],
    [parent?.depth !== depth || depth > GENERATIONS_MAX, `it is not ${depth} generations down`],
    [parent?.depthLeft !== left || left < 0, `it is not ${left} generations that may come below it`],
  ]);
}

function placeBelow({ task, agent, parent, delegationCaps }: NewTask): {
  readonly root: string;
  readonly depth: number;
  readonly left: number;
} {
  const most = Math.min(agent.delegation?.depth ?? 0, delegationCaps?.depth ?? Infinity);
  if (parent === undefined) return { root: task, depth: 1, left: most - 1 };
  return { root: parent.root, depth: parent.depth + 1, left: Math.min(most, parent.depthLeft) - 1 };
}

function tooMuchOf(child: NewTask, { order, startedAtMs, budget }: TaskState): readonly string[] {
  const { agent, limit, deadlineAtMs = Infinity } = child;
  const wallEndMs = startedAtMs === null ? Infinity : startedAtMs + budget.limit.wallMs;
  return wrong([
    [toolsOf(child).some((tool) => !toolsOf(order).includes(tool)), "it has tools that its parent has not"],
    [deadlineAtMs > Math.min(order.deadlineAtMs ?? Infinity, wallEndMs), "it may outlive its parent"],
    [DIMENSIONS.some((d) => limit[d] > agent.limits[d]), "it is given more than its agent may have"],
    [DIMENSIONS.some((d) => limit[d] > order.limit[d]), "it is given more than its parent was"],
  ]);
}

function wrong(claims: readonly (readonly [boolean, string])[]): readonly string[] {
  return claims.filter(([is]) => is).map(([, what]) => what);
}

function toolsOf({ agent: { tools, holds = [] } }: NewTask): readonly string[] {
  return [...tools, ...holds].map(({ version }) => version);
}

/** B1. What a child has spent and set aside, its own children's part included, its parent has set aside or counted as spent. */
function staysWithinWhatWasSetAside(witnessOf: WitnessOf): Check {
  return (_seen, witness, report) => {
    const { parent } = witness.order;
    const above = parent && witnessOf(parent.task);
    if (above) fits(above, above.calls.get(parent.call), { child: witness, report });
    for (const record of witness.calls.values())
      for (const child of record.children) fits(witness, record, { child: witnessOf(child), report });
  };
}

function fits(
  { accounts }: Witness,
  record: CallRecord | undefined,
  { child, report }: { readonly child: Witness | undefined; readonly report: Report },
): void {
  if (record === undefined || child === undefined || child.state === null) return;
  const { grant, id } = record;
  const { limit, spent, reserved } = child.state.budget;
  const used = plus(spent, reserved);
  const kept = accounts.keptFor(id);
  for (const d of DIMENSIONS) {
    if (limit[d] > (grant?.limit[d] ?? 0))
      report("B1", `${d}: the child of ${id} may use more than it was given`);
    const most = d === "toolCalls" || d === "children" ? kept[d] - 1 : kept[d];
    if (d !== "wallMs" && used[d] > most)
      report("B1", `${d}: the child of ${id} uses ${used[d]}, and ${most} is set aside or spent for it`);
  }
}

/** E1, B1. What a parent is told of a child is how that child has ended, and what it has used. */
function hearsTheTruth(witnessOf: WitnessOf): Check {
  return ({ command, events }, _witness, report) => {
    if (command.type !== "childEnded") return;
    const child = witnessOf(childNameOf(command.call))?.state ?? null;
    if (child?.phase.kind !== "ended")
      return report("E1", `the child of ${command.call} is said to have ended, and has not`);
    const { spent, overrun } = child.budget;
    for (const d of DIMENSIONS)
      if (command.used[d] !== spent[d] + overrun[d])
        report(
          "B1",
          `${d}: the child of ${command.call} used ${spent[d] + overrun[d]}, not ${command.used[d]}`,
        );
    const { end } = child.phase;
    const { result } = command;
    const isTrue = end.status === "completed" ? isAnswer(result, end.answer) : result.kind === "failed";
    if (!isTrue) report("E1", `the child of ${command.call} did not end like that`);
    if (!events.some(({ type }) => type === "callSettled" || type === "strayEnded"))
      report("E1", `the end of the child of ${command.call} settles nothing`);
  };
}

/** An answer goes on as it is, as what it says in JSON, or as unfit. */
function isAnswer(
  result: { readonly kind: string; readonly output?: unknown; readonly error?: { readonly code: string } },
  answer: string,
): boolean {
  if (result.kind !== "done") return result.error?.code === "output_invalid";
  const { output } = result;
  if (typeof output !== "object" || output === null || !("answer" in output)) return false;
  return output.answer === answer || JSON.stringify(output.answer) === answer;
}

/** E1. A child is done with its parent once that has its end on record, and not before. */
function isHeardBeforeItRests(witnessOf: WitnessOf): Check {
  return ({ events }, { order: { parent } }, report) => {
    if (parent === undefined || !events.some(({ type }) => type === "parentTold")) return;
    const record = witnessOf(parent.task)?.calls.get(parent.call);
    if ((record?.outcome ?? null) === null)
      report("E1", `${parent.task} is told of its child, and has nothing on record`);
  };
}

/** No orphan: a child for which nobody waits any more is ended soon, unless the storm keeps its parent from that. */
function livesOnlyWhileWaitedFor(witnessOf: WitnessOf, calm: { readonly calmSinceMs: number }): Check {
  return ({ row, before }, { order: { task, parent } }, report) => {
    const above = parent && witnessOf(parent.task);
    if (parent === undefined || above === undefined || before === null || !isLive(before)) return;
    const untilMs = above.calls.get(parent.call)?.waitedForUntilMs ?? Infinity;
    const aloneSinceMs = Math.max(Math.min(above.endedAtMs, untilMs), calm.calmSinceMs);
    if (row.atMs > aloneSinceMs + AT_LEAST_ONCE_MS)
      report("orphan", `${task} lives, and nobody has waited for it since ${aloneSinceMs}`);
  };
}

/** A child is ended by its parent for no other reason than that this has ended, or that its call is settled and it may not finish. */
function livesWhileItMay(witnessOf: WitnessOf): Check {
  return ({ row, command, events }, { order: { task, parent } }, report) => {
    const above = parent && witnessOf(parent.task);
    if (command.type !== "cancel" || parent === undefined || above === undefined) return;
    const isEnded =
      command.by === `task ${parent.task}` && events.some(({ type }) => type === "taskCanceled");
    const untilMs = above.calls.get(parent.call)?.waitedForUntilMs ?? Infinity;
    if (isEnded && row.atMs < Math.min(above.endedAtMs, above.firstEndedAtMs, untilMs))
      report("E1", `${task} is ended by its parent, though it may live until ${untilMs}`);
  };
}

/** Everything ends: a parent that asks after its child learns that it has ended, or was never made. */
function waitsOnlyForTheLiving(witnessOf: WitnessOf, calm: { readonly calmSinceMs: number }): Check {
  return ({ row, command }, _witness, report) => {
    if (command.type !== "readBackEnded" || command.finding.kind !== "pending") return;
    const child = witnessOf(childNameOf(command.call));
    const sinceMs = Math.max(calm.calmSinceMs, child?.endedAtMs ?? 0);
    if (child?.endedAtMs !== Infinity && row.atMs > sinceMs + AT_LEAST_ONCE_MS)
      report("ends", `${command.call} waits for a child that is not there`);
  };
}

/** In the end nobody is left behind: no child lives, no parent has one to end, and each has told how it ended. */
export function leavesNobodyBehind({ order, state }: Witness, witnessOf: WitnessOf, report: Report): void {
  if (state === null) return;
  const { task, parent } = order;
  for (const { id } of state.strays) report("orphan", `the child of ${id} is still to be ended`);
  if (parent === undefined) return;
  const above = witnessOf(parent.task);
  if (isLive(state)) report("orphan", `${task} lives on below ${parent.task}`);
  else if (!state.parentTold) report("orphan", `${task} has never told its parent how it ended`);
  if ((above?.calls.get(parent.call)?.outcome ?? null) === null)
    report("E1", `${task} has ended, and ${parent.call} is not settled`);
}
