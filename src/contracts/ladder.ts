import { z } from "zod";
import { ErrorCode } from "./outcome.ts";
import { ApprovalRule, TOOL_NAME } from "./tool.ts";

const Limit = z.int().min(1_000).max(31_536_000_000);

/** A step that failed goes to the next of these: a more capable model, another agent, a human; each for so long at most. */
export const Rung = z.discriminatedUnion("to", [
  /** The step is asked for again as the step `escalate` of the task's route. */
  z.strictObject({ to: z.literal("model"), withinMs: Limit }),
  /** An agent that the tool recruits is given the step, with this share of the task's ceilings. */
  z.strictObject({
    to: z.literal("agent"),
    tool: z.string().regex(TOOL_NAME),
    share: z.number().gt(0).max(1),
    withinMs: Limit,
  }),
  ApprovalRule.extend({ to: z.literal("human") }),
]);
export type Rung = Readonly<z.infer<typeof Rung>>;

export const Ladder = z.array(Rung).min(1).max(8).readonly();
export type Ladder = z.infer<typeof Ladder>;

/**
 * By what a step failed: the model brought no reply, turn after turn brought nothing but refusals or errors (`invalid`: of its
 * arguments), or the answer is not what was asked for; and `rung`: whoever it went to did not help either. Facts, never what a text says.
 */
const Because = z.enum(["model", "refused", "invalid", "answer", "rung"]);
export type Because = z.infer<typeof Because>;

/** What whoever takes the step over is told: what was tried and how it ended, and what is asked. */
export const HandOff = z.strictObject({
  because: Because,
  detail: z.string().max(1_000),
  tried: z
    .array(z.strictObject({ what: z.string().max(300), ended: z.union([ErrorCode, z.literal("ok")]) }))
    .max(30),
  asked: z.string().max(4_000),
});
export type HandOff = Readonly<z.infer<typeof HandOff>>;

/** May the task go on with this step, and how: a comment goes to the model as guidance. */
export const HandOffQuestion = z.strictObject({
  kind: z.literal("handOff"),
  turn: z.int(),
  rung: z.int(),
  handOff: HandOff,
});
export type HandOffQuestion = Readonly<z.infer<typeof HandOffQuestion>>;
