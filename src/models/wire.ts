import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { z } from "zod";
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
const SILENT_ONCE = { maxRetries: 0, logLevel: "off" } as const;

export function openAIWire(path: string, { access, fetch }: WireOptions): Wire {
  const { apiKey, baseURL = OPENAI_URL } = access;
  return wireOf(
    new OpenAI({ ...SILENT_ONCE, apiKey, baseURL, fetch, organization: null, project: null }),
    path,
  );
}

export function anthropicWire(path: string, { access, fetch }: WireOptions): Wire {
  const { apiKey, baseURL = ANTHROPIC_URL } = access;
  return wireOf(new Anthropic({ ...SILENT_ONCE, apiKey, baseURL, fetch, openTelemetry: false }), path);
}

/**
 * The SDKs' generic `post` sends a text as it is. Their `create` methods would serialize the whole conversation anew (OpenAI's with a
 * callback for every value in it), which for a long one costs more than all the rest of the call.
 */
function wireOf(client: OpenAI | Anthropic, path: string): Wire {
  keepHeaders(client);
  const sent = ({ body, request, signal }: Post) => ({
    body,
    signal,
    timeout: request.model.timeoutMs,
    headers: {
      "content-type": "application/json",
      "idempotency-key": request.id,
      traceparent: request.traceparent,
    },
  });
  return {
    send: async (post) => parsed(await client.post(path, sent(post)).asResponse()),
    stream: (post) => client.post<AsyncIterable<unknown>>(path, { ...sent(post), stream: true }),
  };
}

async function parsed(response: Response): Promise<unknown> {
  return JSON.parse(await response.text());
}

/** The step of both SDKs in which a request gets its address and its headers. */
interface Builder {
  buildRequest(options: Options, context?: { readonly retryCount?: number }): Promise<Built>;
}

interface Options {
  readonly method: string;
  readonly body?: unknown;
  readonly headers?: unknown;
  readonly signal?: AbortSignal | null | undefined;
  readonly timeout?: number;
}

interface Built {
  readonly url: string;
  readonly timeout: number;
  readonly req: RequestInit & { readonly headers: Headers };
}

const Own = z.record(z.string(), z.string());

/**
 * An SDK works out a dozen headers for every request, which takes longer than all else that it does. For one client and one path
 * only ours differ from request to request: the others are those that it gave the first one.
 */
function keepHeaders(client: Builder): void {
  const build = client.buildRequest.bind(client);
  let kept: (Pick<Built, "url"> & Pick<Built["req"], "headers">) | undefined;
  client.buildRequest = async (options, context) => {
    const { method, body, signal = null, timeout } = options;
    if (kept === undefined || typeof body !== "string" || timeout === undefined) {
      const first = await build(options, context);
      kept = { url: first.url, headers: new Headers(first.req.headers) };
      return first;
    }
    const headers = new Headers(kept.headers);
    for (const [name, value] of Object.entries(Own.parse(options.headers))) headers.set(name, value);
    return { url: kept.url, timeout, req: { method, headers, body, signal } };
  };
}
