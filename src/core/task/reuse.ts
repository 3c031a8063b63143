import { type Call, type SettledCall, type TaskState, isSettled, openCalls } from "./state.ts";

/** E1. Of calls that a resume takes back, those that were carried out. A refusal is not kept: the gate judges by the rights of now (P1). */
export function carriedOut(calls: readonly Call[]): readonly SettledCall[] {
  return calls.filter(isSettled).filter(({ attempt }) => attempt > 0);
}

/** E1. Recorded results with which no call has answered yet; each answers once. */
export function spareResults(state: TaskState): readonly SettledCall[] {
  if (state.reusable.length === 0) return [];
  const calls = [...state.turns.flatMap((turn) => turn.calls), ...openCalls(state)];
  const taken = new Set(calls.map(({ reusedFrom }) => reusedFrom));
  return state.reusable.filter(({ id }) => !taken.has(id));
}
