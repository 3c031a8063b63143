const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const ZEROS = /^0+$/;
const SAMPLED = "01";

/** W3C trace context: the trace that a request belongs to, and the span that this Worker opens in it. */
export interface Trace {
  readonly traceId: string;
  /** For everything that this request leads to, and for its response. */
  readonly traceparent: string;
}

/** Goes on with the caller's trace; one that cannot be read is as if there were none (W3C trace context, §3.2). */
export function traceOf(headers: Headers): Trace {
  const [, version, traceId, parentId, flags, rest] =
    TRACEPARENT.exec(headers.get("traceparent") ?? "") ?? [];
  const known = traceId !== undefined && version !== "ff" && (version !== "00" || rest === undefined);
  if (!known || ZEROS.test(traceId) || ZEROS.test(parentId ?? "0")) return spanOf(randomHex(16), SAMPLED);
  return spanOf(traceId, flags === "00" ? "00" : SAMPLED);
}

/** Random bytes as lower-case hex. */
export function randomHex(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
}

function spanOf(traceId: string, flags: string): Trace {
  return { traceId, traceparent: `00-${traceId}-${randomHex(8)}-${flags}` };
}
