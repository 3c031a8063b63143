import { z } from "zod";
import { Json } from "./json.ts";

/** The closed set of codes in which anything that went wrong is told to a model, a caller or an auditor. */
export const ErrorCode = z.enum([
  "invalid_input",
  "not_found",
  "conflict",
  "precondition_failed",
  "invariant_violated",
  "refused_by_policy",
  "denied_by_human",
  "approval_expired",
  "budget_exhausted",
  "loop_detected",
  "evidence_missing",
  "rate_limited",
  "timeout",
  "unavailable",
  "output_invalid",
  "outcome_unknown",
  "canceled",
  "internal",
]);
export type ErrorCode = z.infer<typeof ErrorCode>;

/** The typed error envelope. `message` is for reading only: control flow never depends on it. */
export const ErrorEnvelope = z.strictObject({
  code: ErrorCode,
  message: z.string().max(4_000),
  retryable: z.boolean(),
  retryAfterMs: z.int().nonnegative().optional(),
});
export type ErrorEnvelope = Readonly<z.infer<typeof ErrorEnvelope>>;

/** A result too large for the conversation, kept by content hash beside the journal. `bytes` are UTF-8. */
export const Artifact = z.strictObject({
  sha256: z.string().length(64),
  bytes: z.int().positive(),
  preview: z.string().max(2_000),
});
export type Artifact = Readonly<z.infer<typeof Artifact>>;

/** How a call ended, for good (E1). */
export const Outcome = z.discriminatedUnion("ok", [
  z.strictObject({ ok: z.literal(true), output: Json, artifact: Artifact.optional() }),
  z.strictObject({ ok: z.literal(false), error: ErrorEnvelope }),
]);
export type Outcome = Readonly<z.infer<typeof Outcome>>;

/**
 * What one attempt at a call brought. `done` and `failed` are answers of the tool; `unknown` means that it may or may not have
 * happened (time-out, lost connection, a thrown error), which E2 resolves. `turnedAway`: a guard had no place for it, so it never left,
 * which says nothing of earlier attempts.
 */
export const Attempt = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("done"), output: Json, artifact: Artifact.optional() }),
  z.strictObject({ kind: z.literal("failed"), error: ErrorEnvelope }),
  z.strictObject({ kind: z.literal("unknown"), error: ErrorEnvelope }),
  z.strictObject({ kind: z.literal("turnedAway"), error: ErrorEnvelope }),
]);
export type Attempt = Readonly<z.infer<typeof Attempt>>;

/** What a read-back of a write said (E2): it happened, it did not, it goes on, or it cannot be told. */
export const Finding = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("happened"), output: Json }),
  z.strictObject({ kind: z.literal("absent") }),
  z.strictObject({ kind: z.literal("pending") }),
  z.strictObject({ kind: z.literal("untold"), error: ErrorEnvelope }),
]);
export type Finding = Readonly<z.infer<typeof Finding>>;
