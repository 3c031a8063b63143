import type { ErrorCode } from "../contracts/outcome.ts";
import { type Answer, type PreparedCall, type Retry, failed, lost, unsent } from "./answer.ts";

/**
 * What a status other than 2xx says. `answer`: the tool's word that the call took no effect. `door`: this attempt was turned away
 * before the tool's work. `silence`: the tool may have done its work all the same.
 */
interface Meaning {
  readonly from: "answer" | "door" | "silence";
  readonly code: ErrorCode;
  readonly retryable: boolean;
}

/** A tool that refuses our credentials is of no use to the model, whatever it tries: not its input, and not a policy of ours. */
const MEANING_OF: Readonly<Record<number, Meaning>> = {
  400: { from: "answer", code: "invalid_input", retryable: false },
  401: { from: "door", code: "unavailable", retryable: false },
  402: { from: "door", code: "unavailable", retryable: false },
  403: { from: "door", code: "unavailable", retryable: false },
  404: { from: "answer", code: "not_found", retryable: false },
  408: { from: "silence", code: "timeout", retryable: true },
  409: { from: "answer", code: "conflict", retryable: false },
  410: { from: "answer", code: "not_found", retryable: false },
  412: { from: "answer", code: "precondition_failed", retryable: false },
  413: { from: "answer", code: "invalid_input", retryable: false },
  422: { from: "answer", code: "invalid_input", retryable: false },
  423: { from: "door", code: "conflict", retryable: true },
  425: { from: "door", code: "unavailable", retryable: true },
  428: { from: "answer", code: "precondition_failed", retryable: false },
  429: { from: "door", code: "rate_limited", retryable: true },
  501: { from: "silence", code: "unavailable", retryable: false },
  504: { from: "silence", code: "timeout", retryable: true },
};

/** Other 4xx say that the tool is not what its contract says; a 5xx may come from anything between us and a tool that did its work. */
const OTHER_4XX: Meaning = { from: "door", code: "unavailable", retryable: false };
const OTHER: Meaning = { from: "silence", code: "unavailable", retryable: true };
/** A tool that honours keys says so of an earlier attempt that is in progress and may still take effect. */
const IN_PROGRESS: Meaning = { from: "silence", code: "conflict", retryable: true };

/** A response that is not 2xx, as an answer. `detail` is for reading only. */
export function answerOfStatus(response: Response, detail: string, call: PreparedCall): Answer {
  const { from, code, retryable } = meaningOf(response.status, call);
  const message = `The tool answered with status ${response.status}${detail === "" ? "." : `: ${detail}`}`;
  const retry: Retry = { retryable, retryAfterMs: retryAfterMs(response.headers.get("retry-after")) };
  switch (from) {
    case "answer":
      return failed(code, message, retry);
    case "door":
      return unsent(call, code, message, retry);
    case "silence":
      return lost(call.tool, code, message, retry);
  }
}

function meaningOf(status: number, { context }: PreparedCall): Meaning {
  if (status === 409 && context.inDoubt) return IN_PROGRESS;
  return MEANING_OF[status] ?? (status >= 400 && status < 500 ? OTHER_4XX : OTHER);
}

/** `Retry-After` (RFC 9110, 10.2.3) in seconds or as a date. */
export function retryAfterMs(header: string | null, nowMs: number = Date.now()): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1_000;
  // Date.parse takes much for a date that is none.
  const ms = header.endsWith(" GMT") ? Date.parse(header) - nowMs : Number.NaN;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
