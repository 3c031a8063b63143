import { z } from "zod";

/** Codes of the HTTP API's problem documents: the error envelope's, and those that only HTTP needs. */
export const ProblemCode = z.enum([
  "invalid_input",
  "malformed_json",
  "payload_too_large",
  "unsupported_media_type",
  "unauthorized",
  "forbidden",
  "not_found",
  "method_not_allowed",
  "conflict",
  "idempotency_conflict",
  "task_ended",
  "task_not_resumable",
  "approval_closed",
  "approval_expired",
  "link_invalid",
  "link_expired",
  "assurance_too_low",
  "signature_invalid",
  "limit_exceeded",
  "rate_limited",
  "tenant_cap_reached",
  "unavailable",
  "internal",
]);
export type ProblemCode = z.infer<typeof ProblemCode>;

/** RFC 9457, with a code and the trace's id. */
export const Problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: ProblemCode,
  detail: z.string().optional(),
  issues: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
  traceId: z.string(),
});
export type Problem = Readonly<z.infer<typeof Problem>>;
