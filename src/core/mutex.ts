/** One resource that only one call may use at a time, as it is stored. Fences only grow, also over those who were lost. */
export interface MutexState {
  readonly fence: number;
  readonly holder: { readonly call: string; readonly untilMs: number } | null;
}

export const FREE: MutexState = { fence: 0, holder: null };

export type Taken =
  | { readonly taken: true; readonly state: MutexState; readonly fence: number }
  | { readonly taken: false; readonly freeInMs: number };

/**
 * Takes the resource for `call` until `untilMs`, if nobody holds it. Each taking has a fence of its own, which is higher than all
 * before: a tool that has seen it refuses those that are older, whoever thinks that they hold the resource.
 */
export function take(state: MutexState, call: string, of: { nowMs: number; leaseMs: number }): Taken {
  const { nowMs, leaseMs } = of;
  const { holder } = state;
  // A call has one attempt out at a time: the earlier one is lost, and its fence is void from now on.
  if (holder !== null && holder.call !== call && nowMs < holder.untilMs)
    return { taken: false, freeInMs: holder.untilMs - nowMs };
  const fence = state.fence + 1;
  return { taken: true, fence, state: { fence, holder: { call, untilMs: nowMs + leaseMs } } };
}

/** Gives the resource back. Null when whoever says so holds it no more. */
export function release(state: MutexState, fence: number): MutexState | null {
  return state.fence === fence && state.holder !== null ? { ...state, holder: null } : null;
}

/** The one order in which all calls take their resources, each once: whoever waits, waits for someone who is further on. */
export function inOrder(resources: readonly string[]): readonly string[] {
  return [...new Set(resources)].toSorted();
}
