import type { ZodError } from "zod";
import type { Problem, ProblemCode } from "../contracts/problem.ts";

const ISSUES_MAX = 20;

/** Status and title of every code, complete by the compiler. */
const TERMS = {
  invalid_input: [400, "The request is not valid"],
  malformed_json: [400, "The body is not JSON"],
  payload_too_large: [413, "The body is too large"],
  unsupported_media_type: [415, "The body's media type is not supported"],
  unauthorized: [401, "A valid API key is needed"],
  forbidden: [403, "This is not allowed"],
  not_found: [404, "There is nothing here"],
  method_not_allowed: [405, "The method is not allowed here"],
  conflict: [409, "The request conflicts with the present state"],
  idempotency_conflict: [422, "The idempotency key stands for another request"],
  task_ended: [409, "The task has ended"],
  task_not_resumable: [409, "The task cannot be resumed"],
  approval_closed: [409, "The approval is not open"],
  approval_expired: [410, "The approval has expired"],
  link_invalid: [404, "The link is not valid"],
  link_expired: [410, "The link has expired"],
  assurance_too_low: [403, "The approver must be known more surely"],
  signature_invalid: [401, "The signature is not valid"],
  limit_exceeded: [422, "A limit is above what is allowed"],
  rate_limited: [429, "Too many requests"],
  tenant_cap_reached: [429, "The tenant has reached a cap"],
  unavailable: [503, "Not available now"],
  internal: [500, "Something went wrong here"],
} as const satisfies Record<ProblemCode, readonly [status: number, title: string]>;

/** What keeps a request from being answered. A value: only a bug throws. */
export class Refusal {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly issues: Problem["issues"];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: ProblemCode,
    detail: string,
    more: { issues?: Problem["issues"]; headers?: Readonly<Record<string, string>> } = {},
  ) {
    this.code = code;
    this.detail = detail;
    this.issues = more.issues;
    this.headers = more.headers ?? {};
  }

  get status(): number {
    return statusOf(this.code);
  }

  get title(): string {
    return TERMS[this.code][1];
  }
}

export function statusOf(code: ProblemCode): number {
  return TERMS[code][0];
}

/** H1. The same for what does not exist and for what the caller may not see. */
export const NOT_FOUND = new Refusal("not_found", "There is no such thing, or not for you.");

export const TOO_MANY = new Refusal("rate_limited", "The tenant makes too many requests.", {
  headers: { "retry-after": "10" },
});

/** What does not fit a schema, place by place. */
export function invalid(where: "body" | "query" | "headers", error: ZodError): Refusal {
  const issues = error.issues.slice(0, ISSUES_MAX).map(({ path, message }) => ({
    path: path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join(""),
    message,
  }));
  return new Refusal("invalid_input", `The ${where} does not have the form that is expected.`, { issues });
}

/** RFC 9457. */
export function problemResponse(refusal: Refusal, traceId: string): Response {
  const { code, title, status, detail, issues, headers } = refusal;
  const problem: Problem = {
    type: `urn:countersign:problem:${code}`,
    title,
    status,
    code,
    detail,
    ...(issues === undefined ? {} : { issues }),
    traceId,
  };
  return new Response(JSON.stringify(problem), {
    status,
    headers: { ...headers, "content-type": "application/problem+json" },
  });
}

/** What an exception that nobody expected is told as. What stands in it is for the operator, not for the caller. */
export function faultOf(error: unknown): Refusal {
  if (!isPassing(error))
    return new Refusal("internal", "The operator can find this request by its trace id.");
  return new Refusal("unavailable", "Something that is needed does not answer now. Try again.", {
    headers: { "retry-after": "1" },
  });
}

/** The platform marks what may be tried again: an object that was moved, reset or is overloaded; D1 says so in its message only. */
function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    ("retryable" in error && error.retryable === true) ||
    ("overloaded" in error && error.overloaded === true) ||
    error.message.startsWith("D1_ERROR")
  );
}
