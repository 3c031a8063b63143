import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import type { ModelRequest } from "../contracts/model.ts";

/** A provider's key, and where it is reached if not at its own address. */
export interface Access {
  readonly apiKey: string;
  readonly baseURL?: string;
}

export interface WireOptions {
  readonly access: Access;
  readonly fetch: typeof fetch;
}

/** One request that is ready to go: its body is JSON text already. */
export interface Post {
  readonly body: string;
  readonly request: ModelRequest;
  readonly signal: AbortSignal;
}

/** Carries requests to one address of one provider through its SDK. Rejects with the SDK's errors. */
export interface Wire {
  send(post: Post): Promise<unknown>;
  stream(post: Post): Promise<AsyncIterable<unknown>>;
}

const OPENAI_URL = "https://api.openai.com/v1";
const ANTHROPIC_URL = "https://api.anthropic.com";

/**
 * A client takes tens of microseconds to make, and is made once. What it would read from the environment is given explicitly, it
 * logs nothing (replies are content), and it never tries again by itself: the runtime owns retrying.
 */
export function openAIWire(path: string, { access, fetch }: WireOptions): Wire {
  const client = new OpenAI({
    apiKey: access.apiKey,
    baseURL: access.baseURL ?? OPENAI_URL,
    fetch,
    maxRetries: 0,
    logLevel: "off",
    organization: null,
    project: null,
  });
  return {
    send: async (post) => parsed(await client.post(path, options(post)).asResponse()),
    stream: (post) => client.post<AsyncIterable<unknown>>(path, { ...options(post), stream: true }),
  };
}

export function anthropicWire(path: string, { access, fetch }: WireOptions): Wire {
  const client = new Anthropic({
    apiKey: access.apiKey,
    baseURL: access.baseURL ?? ANTHROPIC_URL,
    fetch,
    maxRetries: 0,
    logLevel: "off",
    openTelemetry: false,
  });
  return {
    send: async (post) => parsed(await client.post(path, options(post)).asResponse()),
    stream: (post) => client.post<AsyncIterable<unknown>>(path, { ...options(post), stream: true }),
  };
}

/**
 * The SDKs' generic `post` sends a text as it is. Their `create` methods would serialize the whole conversation anew (OpenAI's with a
 * callback for every value in it), which for a long one costs more than all the rest of the call.
 */
function options({ body, request, signal }: Post) {
  return {
    body,
    signal,
    timeout: request.model.timeoutMs,
    headers: {
      "content-type": "application/json",
      "idempotency-key": request.id,
      traceparent: request.traceparent,
    },
  };
}

async function parsed(response: Response): Promise<unknown> {
  return JSON.parse(await response.text());
}
