import type { Refusal, RefusalKind } from "./wire.ts";

/** How OpenAI refuses, on both of its protocols. */
export function openaiRefusal(kind: RefusalKind, retryAfterS: number): Refusal {
  switch (kind) {
    case "rate_limited":
      return {
        ...refusal(429, "Rate limit reached", "requests", "rate_limit_exceeded"),
        headers: { "retry-after": String(retryAfterS), "x-ratelimit-remaining-requests": "0" },
      };
    case "quota_exhausted":
      return refusal(429, "You exceeded your current quota.", "insufficient_quota", "insufficient_quota");
    case "server_error":
      return refusal(500, "The server had an error.", "server_error", null);
    case "overloaded":
      return refusal(529, "Overloaded", "overloaded_error", null);
  }
}

export function openaiInvalid(message: string): Refusal {
  return refusal(400, message, "invalid_request_error", null);
}

function refusal(status: number, message: string, type: string, code: string | null): Refusal {
  return { status, headers: {}, body: { error: { message, type, param: null, code } } };
}
