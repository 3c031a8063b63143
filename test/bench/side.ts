import type { PlatformUse } from "./cost.ts";

/** What the mock model is told to do, as it stands in a task's text. */
export type PlanText = string;

/**
 * One of the two runtimes that the bench compares. Both are driven and watched in the same way: a POST starts a task, and one GET,
 * sent as soon as the POST is answered, is answered when the task has ended. Latency runs from the POST to the end of the GET.
 */
export interface Side {
  readonly name: string;
  start(plan: PlanText): Promise<string>;
  /** Resolves when the task has ended; rejects if it ended in any other way than done. */
  ended(task: string): Promise<void>;
  /** Milliseconds from the POST until the first event of the task has reached a reader. */
  firstEventMs(plan: PlanText): Promise<number>;
  close(): void;
}

/** A side that counts what it uses of the platform, by what workerd returned and never by constants. */
export interface CountedSide extends Side {
  /** What was used since the last reset; CPU is measured elsewhere. */
  used(): Promise<Omit<PlatformUse, "cpuMs">>;
  reset(): Promise<void>;
}

/** The tasks that are measured. */
export const PLANS = {
  tenCalls: plan({ scenario: "calls", n: 10 }),
  thirtyCalls: plan({ scenario: "calls", n: 30 }),
  threeHundredTurns: plan({ scenario: "calls", n: 299 }),
  fan50: plan({ scenario: "parallel", n: 50, tool: "slow_echo" }),
} as const;

/** Turns of a task of n calls one after the other: the last one only speaks. */
export const TURNS = { tenCalls: 11, thirtyCalls: 31, threeHundredTurns: 300 } as const;

function plan(value: unknown): PlanText {
  return JSON.stringify(value);
}
