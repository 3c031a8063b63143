import { nameOf } from "../../contracts/route.ts";
import type { Amounts, Budget } from "../../contracts/budget.ts";
import { NOTHING, ONE_CALL, elapse, settle } from "../budget.ts";
import { withModelUse } from "../usage.ts";
import { withoutResponse } from "./evolve-model.ts";
import { toEnd } from "./evolve-stray.ts";
import { servingModel } from "./serving.ts";
import type { Stamp } from "./stamp.ts";
import { type Call, type End, type TaskState, elapsedMs, isSettled, openTurn } from "./state.ts";

/**
 * B1. What was out when a task ends was perhaps used, and counts as spent. What its children may use stays set aside until each has
 * told how it ended, so that what they did not use comes back, and nothing is counted twice over the tree.
 */
export function ended(before: TaskState, end: End, stamp: Stamp): TaskState {
  const state = withoutResponse(before);
  const open = openTurn(state);
  const calls = open?.calls ?? [];
  const forModel = state.phase.kind === "thinking" ? state.phase.model.reserved : NOTHING;
  const budget = calls.reduce(
    writtenOff,
    spent(elapse(state.budget, elapsedMs(state, stamp.atMs)), forModel),
  );
  return {
    ...state,
    paused: false,
    budget,
    usage: withModelUse(state.usage, stamp.atMs, nameOf(modelOf(state)), forModel),
    strays: state.strays.map(toEnd),
    phase: { kind: "ended", end, open: open && { ...open, calls: calls.map(leftAt) }, seq: stamp.seq },
  };
}

function modelOf({ order, phase }: TaskState): Parameters<typeof nameOf>[0] {
  return phase.kind === "thinking" ? servingModel(order, phase.model) : order.model;
}

function writtenOff(budget: Budget, call: Call): Budget {
  if (call.reserved === null || mayHaveChild(call)) return budget;
  // Nobody was let through to make a child: of a delegation, only the call itself counts.
  return call.grant === null ? spent(budget, call.reserved) : settle(budget, call.reserved, ONE_CALL);
}

function leftAt(call: Call): Call {
  return mayHaveChild(call) ? call : { ...call, reserved: null };
}

function mayHaveChild(call: Call): boolean {
  return call.recruited && !isSettled(call);
}

function spent(budget: Budget, reserved: Amounts): Budget {
  return settle(budget, reserved, reserved);
}
