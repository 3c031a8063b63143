import type { Placement } from "../../contracts/agent.ts";

import { type Lane, laneOf } from "../placement.ts";
import { type AllowanceAsk, allowanceToAsk } from "./allowance.ts";
import { type Call, type ModelCall, type TaskState, type Unwanted, hasChildren, isSettled } from "./state.ts";

/**
 * What must now be done outside. Derived from the state alone; `key` names one doing of it, so that whoever carries effects out
 * does each once for as long as it lives. Doing one twice is harmless: the task settles it once.
 */
export type Effect =
  | { readonly kind: "start"; readonly key: string }
  | { readonly kind: "callModel"; readonly key: string; readonly call: string; readonly attempt: number }
  /** A response that a provider works at in the background is looked after. */
  | { readonly kind: "pollModel"; readonly key: string }
  /** Its provider need not work at it any more. */
  | { readonly kind: "dropResponse"; readonly key: string; readonly unwanted: Unwanted }
  | { readonly kind: "runCall"; readonly key: string; readonly call: Call }
  | { readonly kind: "readBack"; readonly key: string; readonly call: Call }
  | { readonly kind: "readRights"; readonly key: string; readonly approvers: readonly string[] }
  | {
      readonly kind: "enqueue";
      readonly key: string;
      readonly lane: Lane;
      readonly call: string;
      readonly attempt: number;
    }
  /** An allowance is to be asked for, or goes back. */
  | { readonly kind: "askAllowance"; readonly key: string; readonly ask: AllowanceAsk }
  /** Its call's task has ended, or does not wait for it any more: so must the child. */
  | { readonly kind: "endChild"; readonly key: string; readonly call: Call }
  /** The parent is to learn how this task ended. */
  | { readonly kind: "tellParent"; readonly key: string };

export function effectsOf(state: TaskState): readonly Effect[] {
  const strays = state.strays.filter(({ finishes }) => finishes !== true);
  const others = [
    ...allowanceEffects(state),
    ...strays.map((stray) => childToEnd(stray)),
    ...(state.unwanted ?? []).map(responseToDrop),
  ];
  return others.length === 0 ? ownEffects(state) : [...ownEffects(state), ...others];
}

function ownEffects(state: TaskState): readonly Effect[] {
  const { phase } = state;
  switch (phase.kind) {
    case "queued":
      return state.order.allowance === undefined ? [{ kind: "start", key: `start#${state.seq}` }] : [];
    case "thinking":
      return modelEffects(phase.model, state.modelLatencyMs);
    case "acting":
      return [
        ...rightsEffects(state, phase.open.calls),
        ...phase.open.calls.flatMap((call) => callEffects(state, call)),
      ];
    case "resting":
      return [];
    case "ended":
      return [...childrenToEnd(phase), ...parentToTell(state)];
  }
}

function allowanceEffects(state: TaskState): readonly Effect[] {
  const ask = allowanceToAsk(state);
  if (ask === null) return [];
  return [{ kind: "askAllowance", key: `allowance#${ask.n}${ask.wanted === null ? " back" : ""}`, ask }];
}

/** Children of calls that are not settled. None is made any more for a call that was never claimed: a claim finds its task ended. */
function childrenToEnd({ open, seq }: Extract<TaskState["phase"], { kind: "ended" }>): readonly Effect[] {
  const recruited = open?.calls.filter((call) => call.recruited && !isSettled(call));
  return (recruited ?? []).map((call) => childToEnd(call, seq));
}

/** `endedSeq`: which end of its parent it is, when it is not a stray. */
function childToEnd(call: Call, endedSeq?: number): Effect {
  return { kind: "endChild", key: `${call.id}#end${endedSeq ?? ""}`, call };
}

/** B1. What a task used is told when all of its children have told what they used. */
function parentToTell(state: TaskState): readonly Effect[] {
  const { order, parentTold, seq } = state;
  if (order.parent === undefined || parentTold || hasChildren(state)) return [];
  return [{ kind: "tellParent", key: `parent#${seq}` }];
}

function responseToDrop(unwanted: Unwanted): Effect {
  return { kind: "dropResponse", key: `${unwanted.response}#drop`, unwanted };
}

function modelEffects(
  { id: call, attempt, progress }: ModelCall,
  modelLatencyMs: TaskState["modelLatencyMs"],
): readonly Effect[] {
  if (progress.at === "submitted") return [{ kind: "pollModel", key: `${call}#${attempt}#poll` }];
  if (progress.at !== "intended") return [];
  const key = keyOf(call, attempt, progress);
  if (progress.placement === "inline") return [{ kind: "callModel", key, call, attempt }];
  return [
    { kind: "enqueue", key, lane: modelLatencyMs === null ? "slow" : laneOf(modelLatencyMs), call, attempt },
  ];
}

/** One reading of the rights serves every call that waits for the gate. */
function rightsEffects(state: TaskState, calls: readonly Call[]): readonly Effect[] {
  const ready = calls.filter(({ progress }) => progress.at === "ready");
  if (ready.length === 0) return [];
  const approvers = state.approvals
    .filter(({ id }) => ready.some((call) => call.approvedBy === id))
    .map(({ approver }) => approver);
  return [{ kind: "readRights", key: `rights#${state.seq}`, approvers: [...new Set(approvers)] }];
}

function callEffects(state: TaskState, call: Call): readonly Effect[] {
  const { id, attempt, progress } = call;
  if (progress.at === "readingBack")
    return [{ kind: "readBack", key: `${id}#${attempt}#back${call.readBacks}`, call }];
  if (progress.at !== "intended") return [];
  const key = keyOf(id, attempt, progress);
  if (progress.placement === "inline") return [{ kind: "runCall", key, call }];
  const lane = call.grant === null ? laneOf(state.toolLatencyMs[call.tool]) : "children";
  return [{ kind: "enqueue", key, lane, call: id, attempt }];
}

function keyOf(
  id: string,
  attempt: number,
  progress: { readonly placement: Placement; readonly resends: number },
): string {
  return `${id}#${attempt}#${progress.placement}${progress.resends}`;
}
