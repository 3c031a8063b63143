import { z } from "zod";

/**
 * What the mock model is asked to do. A plan travels in the task itself, as JSON in the first user text, so that a runtime which
 * was killed finds its model unchanged. In `args`, the strings "$turn" and "$index" stand for those numbers.
 */
const Args = z.record(z.string(), z.json());
const Call = z.strictObject({ tool: z.string(), args: Args.default({}) });

/** How a turn goes wrong. `times` counts attempts at that turn of that plan text; without it the turn always does. */
export const Fault = z.strictObject({
  turn: z.int().nonnegative(),
  kind: z.enum([
    "rate_limited",
    "quota_exhausted",
    "server_error",
    "overloaded",
    "overloaded_midstream",
    "cut_off",
    "disconnected",
    "malformed_args",
    "malformed_body",
    "hang",
  ]),
  times: z.int().positive().optional(),
  retryAfterS: z.int().nonnegative().default(1),
});
export type Fault = Readonly<z.infer<typeof Fault>>;

const shared = {
  /** Makes plans that are otherwise equal distinct, where faults or arrivals are counted. */
  id: z.string().optional(),
  final: z.string().default("Done."),
  faults: z.array(Fault).default([]),
  /** Think time of every turn, and the pause between two streamed chunks. */
  delayMs: z.int().nonnegative().optional(),
  /** What whoever asks for a response in the background is told to wait. */
  pollAfterMs: z.int().nonnegative().optional(),
  chunkDelayMs: z.int().nonnegative().default(0),
};

export const Plan = z.discriminatedUnion("scenario", [
  /** `n` turns of one call each, then the final text. */
  z.strictObject({
    scenario: z.literal("calls"),
    n: z.int().nonnegative(),
    tool: z.string().default("echo"),
    args: Args.default({ turn: "$turn" }),
    ...shared,
  }),
  /** One turn of `n` calls, then the final text. */
  z.strictObject({
    scenario: z.literal("parallel"),
    n: z.int().positive(),
    tool: z.string().default("echo"),
    args: Args.default({ index: "$index" }),
    ...shared,
  }),
  /** The listed calls, one a turn, then the final text. */
  z.strictObject({ scenario: z.literal("actions"), actions: z.array(Call), ...shared }),
  /** A list that the server was started with, by name. */
  z.strictObject({ scenario: z.literal("named"), name: z.string(), ...shared }),
]);
export type Plan = Readonly<z.infer<typeof Plan>>;
export type Action = Readonly<z.infer<typeof Call>>;

/** The named lists of actions that a server knows. */
export type NamedActions = Readonly<Record<string, readonly Action[]>>;
export const NamedActions: z.ZodType<NamedActions> = z.record(z.string(), z.array(Call));

export interface PlannedCall {
  readonly id: string;
  readonly tool: string;
  readonly argsText: string;
}

/** What the model says in one turn, before a wire protocol gives it its shape. */
export interface Reply {
  readonly text: string | undefined;
  readonly calls: readonly PlannedCall[];
  readonly stop: "end" | "calls" | "cut_off";
}

/** Reads the plan out of the first user text: the outermost braces in it. `undefined` when there is none. */
export function readPlan(text: string): Plan | undefined {
  const start = text.indexOf("{");
  const end = text.lastIndexOf("}");
  if (start < 0 || end < start) return undefined;
  try {
    return Plan.safeParse(JSON.parse(text.slice(start, end + 1))).data;
  } catch {
    return undefined;
  }
}

/** The reply of a healthy model at `turn`, counted from 0. */
export function replyAt(plan: Plan, turn: number, named: NamedActions): Reply {
  const actions = actionsAt(plan, turn, named);
  if (actions.length === 0) return { text: plan.final, calls: [], stop: "end" };
  const calls = actions.map((action, index) => ({
    id: callId(turn, index),
    tool: action.tool,
    argsText: JSON.stringify(action.args, (_key, value: unknown) =>
      value === "$turn" ? turn : value === "$index" ? index : value,
    ),
  }));
  return { text: undefined, calls, stop: "calls" };
}

/** A reply whose calls have arguments that are not JSON. Their ids say so: such a turn is asked again, not counted. */
export function malformed(reply: Reply, attempt: number): Reply {
  return {
    ...reply,
    calls: reply.calls.map((call) => ({
      ...call,
      id: `${call.id}_malformed${attempt}`,
      argsText: `${call.argsText.slice(0, -1)},"`,
    })),
  };
}

/** A reply that ran into its output limit. */
export function cutOff(reply: Reply): Reply {
  return { text: (reply.text ?? "I was about to").slice(0, 12), calls: [], stop: "cut_off" };
}

function actionsAt(plan: Plan, turn: number, named: NamedActions): readonly Action[] {
  switch (plan.scenario) {
    case "calls":
      return turn < plan.n ? [{ tool: plan.tool, args: plan.args }] : [];
    case "parallel":
      return turn === 0 ? Array.from({ length: plan.n }, () => ({ tool: plan.tool, args: plan.args })) : [];
    case "actions":
      return plan.actions.slice(turn, turn + 1);
    case "named":
      return (named[plan.name] ?? []).slice(turn, turn + 1);
  }
}

function callId(turn: number, index: number): string {
  return `call_t${turn}_${index}`;
}

/** The turn that a conversation has reached: one past the last turn that its calls name, and one more for each plain text reply. */
export function turnReached(callIds: readonly string[], plainReplies: number): number {
  let past = 0;
  for (const id of callIds) {
    const turn = /^call_t(\d+)_\d+$/.exec(id)?.[1];
    if (turn !== undefined) past = Math.max(past, Number(turn) + 1);
  }
  return past + plainReplies;
}
