import { z } from "zod";

/** An invocation may have so many connections waiting for an answer: so many calls a consumer carries out at once. */
export const CONSUMER_CALLS_MAX = 6;

/** What travels in a queue: never content, only what to claim. A message is at most a few hundred bytes a call. */
export const CallMessage = z.strictObject({
  v: z.literal(1),
  tenant: z.string(),
  task: z.string(),
  /** Effects to claim: calls, or one model call, each with the attempt that was intended. */
  claims: z
    .array(z.strictObject({ id: z.string(), attempt: z.int().positive() }))
    .min(1)
    .max(100),
  traceparent: z.string(),
});
export type CallMessage = Readonly<z.infer<typeof CallMessage>>;
