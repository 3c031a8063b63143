import { z } from "zod";

export const UsageBy = z.enum(["tenant", "agent", "principal", "model", "tool", "day"]);
export type UsageBy = z.infer<typeof UsageBy>;

/** Which use is summed up: that of whole days (UTC), from the one on which `fromMs` lies to the one before `toMs`. */
export interface UsageFilter {
  readonly by: UsageBy;
  readonly fromMs: number;
  readonly toMs: number;
  readonly limit: number;
}

/** What one agent, model, tool, principal or day came to. Each task counts for itself, its children for themselves. */
export const UsageLine = z.strictObject({
  key: z.string(),
  /** Tasks that used anything, and those of them that were completed; of completed ones, children count by agent only. */
  tasks: z.int(),
  completed: z.int(),
  /** Calls of models; by tool, calls of the tool. */
  calls: z.int(),
  failed: z.int(),
  tokens: z.int(),
  costMicroUsd: z.int(),
});
export type UsageLine = Readonly<z.infer<typeof UsageLine>>;
