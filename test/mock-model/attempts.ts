import type { Fault, Plan } from "./plan.ts";

/** How often each turn of each plan was asked for. The only thing the mock model remembers, and only where a plan needs it. */
export class Attempts {
  readonly #countOf = new Map<string, number[]>();

  /** Counts one request for `turn` and returns which attempt it is, from 1. Plans with neither id nor faults are not counted. */
  next(plan: Plan, planText: string, turn: number): number {
    if (plan.id === undefined && plan.faults.length === 0) return 1;
    const key = plan.id ?? planText;
    const counts = this.#countOf.get(key) ?? [];
    const attempt = (counts[turn] ?? 0) + 1;
    counts[turn] = attempt;
    this.#countOf.set(key, counts);
    return attempt;
  }

  /** Requests for each turn of the plan with this id. */
  of(planId: string): readonly number[] {
    return this.#countOf.get(planId) ?? [];
  }
}

/** The fault that strikes this attempt, if one does. Faults of one turn strike one after the other. */
export function faultAt(plan: Plan, turn: number, attempt: number): Fault | undefined {
  let before = 0;
  for (const fault of plan.faults) {
    if (fault.turn !== turn) continue;
    before += fault.times ?? Infinity;
    if (attempt <= before) return fault;
  }
  return undefined;
}
