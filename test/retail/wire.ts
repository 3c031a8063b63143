import type { IncomingMessage, ServerResponse } from "node:http";

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

export type ReadBody =
  | { readonly kind: "json"; readonly value: unknown }
  | { readonly kind: "refused"; readonly status: 400 | 413; readonly error: string }
  /** The sender went away in the middle: there is nobody to answer. */
  | { readonly kind: "aborted" };

const BODY_CHARS_MAX = 65_536;

export async function readBody(request: IncomingMessage): Promise<ReadBody> {
  request.setEncoding("utf8");
  let text = "";
  let chars = 0;
  try {
    for await (const chunk of request) {
      const part = String(chunk);
      chars += part.length;
      if (chars <= BODY_CHARS_MAX) text += part;
    }
  } catch {
    return { kind: "aborted" };
  }
  if (chars > BODY_CHARS_MAX) return { kind: "refused", status: 413, error: "the body is too large" };
  return parsed(text);
}

function parsed(text: string): ReadBody {
  try {
    return { kind: "json", value: JSON.parse(text) };
  } catch {
    return { kind: "refused", status: 400, error: "the body is not JSON" };
  }
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  if (response.destroyed || response.headersSent) return;
  response.statusCode = status;
  response.setHeader("content-type", "application/json; charset=utf-8");
  response.end(JSON.stringify(body));
}

/** One value of a header, or null; Node joins repeated ones with a comma. */
export function headerOf(request: IncomingMessage, name: string): string | null {
  const value = request.headers[name];
  return typeof value === "string" && value !== "" ? value : null;
}
