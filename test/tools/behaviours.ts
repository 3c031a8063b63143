import { z } from "zod";
import type { ApprovalRule, Effect, Recovery } from "../../src/contracts/tool.ts";

/** What a tool under test can be told to do, by its own arguments. */
export const BEHAVIOURS = [
  "answer",
  "large",
  "oversize",
  "misfit",
  "unsafe",
  "surrogate",
  "hang",
  "refuse",
  "limit",
  "break",
  "leak",
  "leakError",
  /** A secret that lies across the place where messages are cut. */
  "leakAcross",
  "never",
] as const;
export const Behaviour = z.enum(BEHAVIOURS);
export type Behaviour = z.infer<typeof Behaviour>;

export const Input = z.strictObject({ behave: Behaviour, say: z.string().max(100) });
export const Output = z.object({ said: z.string(), big: z.number().optional() });
export type Output = z.infer<typeof Output>;

export const LARGE_LENGTH = 40_000;
export const OVERSIZE_LENGTH = 1_100_000;
export const LIMIT_RETRY_AFTER_S = 2;

/** How a tool under test is declared, whatever carries it out. */
export interface Declared {
  readonly effect: Effect;
  readonly timeoutMs: number;
  readonly recovery?: Recovery;
}

export function termsOf({ effect, timeoutMs, recovery }: Declared): {
  readonly name: string;
  readonly description: string;
  readonly effect: Effect;
  readonly timeoutMs: number;
  readonly recovery?: Recovery;
  readonly approval?: ApprovalRule;
} {
  const terms = { name: "probe", description: "Does as it is told.", effect, timeoutMs };
  return recovery === undefined ? terms : { ...terms, recovery };
}
