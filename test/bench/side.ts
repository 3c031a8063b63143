/** What the mock model is told to do, as it stands in a task's text. */
export type PlanText = string;

/**
 * One of the two runtimes that the bench compares. Both are driven and watched in the same way: a POST starts a task, and one GET,
 * sent as soon as the POST is answered, is answered when the task has ended. Latency runs from the POST to the end of the GET.
 */
export interface Side {
  readonly name: string;
  start(plan: PlanText): Promise<string>;
  /** Resolves when the task has ended, with how many durable commits it made; rejects if it ended in any other way than done. */
  ended(task: string): Promise<number>;
  /** Milliseconds from the POST until the first event of the task has reached a reader. */
  firstEventMs(plan: PlanText): Promise<number>;
  /** What it has used of the platform since the last POST, which resets it. Only where its use is counted. */
  counters(method: "GET" | "POST"): Promise<unknown>;
  close(): void;
}

const FIVE_TURNS = { scenario: "calls", n: 4 };
const SLOWLY_MS = 15_000;
/** Just long enough for calls to go through a queue. */
const BRIEFLY_MS = 3_000;

/** The tasks that are measured. */
export const PLANS = {
  tenCalls: plan({ scenario: "calls", n: 10 }),
  thirtyCalls: plan({ scenario: "calls", n: 30 }),
  threeHundredTurns: plan({ scenario: "calls", n: 299 }),
  /** Each model reply takes 15 s. */
  oneCallSlowly: plan({ scenario: "calls", n: 1, delayMs: SLOWLY_MS }),
  twoCallsSlowly: plan({ scenario: "calls", n: 2, delayMs: SLOWLY_MS }),
  tenCallsSlowly: plan({ scenario: "calls", n: 10, delayMs: SLOWLY_MS }),
  tenCallsBriefly: plan({ scenario: "calls", n: 10, delayMs: BRIEFLY_MS }),
  fan50: plan({ scenario: "parallel", n: 50, tool: "slow_echo" }),
  /** A parent that asks for 50 children of five turns each; and their work in a task that nobody waits for, as nobody waits for a child. */
  family50: plan({
    scenario: "parallel",
    n: 50,
    tool: "ask_bench",
    args: { goal: plan(FIVE_TURNS), share: 0.015 },
  }),
  fiveTurnsAlone: plan({ ...FIVE_TURNS, final: "Done alone." }),
  /** The same in a task that somebody waits for. */
  fiveTurnsAwaited: plan(FIVE_TURNS),
} as const;

/** Turns of a task of n calls one after the other: the last one only speaks. */
export const TURNS = {
  oneCall: 2,
  twoCalls: 3,
  tenCalls: 11,
  thirtyCalls: 31,
  threeHundredTurns: 300,
} as const;

/** Whether the model makes a task wait. */
export function isSlow(text: PlanText): boolean {
  return text.includes('"delayMs":');
}

/** Whether a client says that somebody waits for a task: it is then worked on where it is, whatever its model takes. */
export function isInteractive(text: PlanText): boolean {
  return !isSlow(text) && text !== PLANS.fiveTurnsAlone;
}

function plan(value: unknown): PlanText {
  return JSON.stringify(value);
}
