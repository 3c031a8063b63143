import { z } from "zod";

/** How often and how late something is tried again: exponential from the first delay, capped, with jitter. */
export const RetryPolicy = z.strictObject({
  attemptsMax: z.int().min(1).max(20),
  delayMsFirst: z.int().min(1).max(600_000),
  delayMsMax: z.int().min(1).max(3_600_000),
});
export type RetryPolicy = Readonly<z.infer<typeof RetryPolicy>>;
