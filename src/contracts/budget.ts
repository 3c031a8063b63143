import { z } from "zod";

/**
 * The dimensions of a budget. Cost is in millionths of a US dollar, wall time in milliseconds from the start; `children` are the
 * tasks that a task recruits, and those that these recruit.
 */
export const DIMENSIONS = ["turns", "toolCalls", "tokens", "wallMs", "costMicroUsd", "children"] as const;
export const Dimension = z.enum(DIMENSIONS);
export type Dimension = z.infer<typeof Dimension>;

/** An amount in each dimension: a limit, what is spent, or what is reserved. Whole numbers, never negative. */
export const Amounts = z.strictObject({
  turns: z.int().nonnegative().max(10_000),
  toolCalls: z.int().nonnegative().max(100_000),
  tokens: z.int().nonnegative().max(1_000_000_000),
  wallMs: z.int().nonnegative().max(31_536_000_000),
  costMicroUsd: z.int().nonnegative().max(1_000_000_000_000),
  children: z.int().nonnegative().max(10_000),
});
export type Amounts = Readonly<z.infer<typeof Amounts>>;

/** What happens when a ceiling is reached: the task fails with its partial result, a human is asked to extend it, or the humans of its agent's ladder one after the other. */
export const OnLimit = z.enum(["fail", "ask", "escalate"]);
export type OnLimit = z.infer<typeof OnLimit>;

/** Ceilings of an agent, in every dimension: no task starts without all of them. */
export const Limits = Amounts.extend({ onLimit: OnLimit });
export type Limits = Readonly<z.infer<typeof Limits>>;

/** The narrower ceilings a task may ask for. */
export const LimitsWanted = Amounts.partial();
export type LimitsWanted = Readonly<z.infer<typeof LimitsWanted>>;

/** Ceiling, spent and set aside. B1: spent + reserved <= limit in every dimension at every commit, overruns apart. */
export const Budget = z.strictObject({ limit: Amounts, spent: Amounts, reserved: Amounts, overrun: Amounts });
export type Budget = Readonly<z.infer<typeof Budget>>;
