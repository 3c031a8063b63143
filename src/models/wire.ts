import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import type { ModelRequest } from "../contracts/model.ts";

/** A provider's key, and where it is reached if not at its own address. */
export interface Access {
  readonly apiKey: string;
  readonly baseURL?: string;
}

export interface Reached {
  readonly access: Access;
  readonly fetch: typeof fetch;
}

export interface WireOptions extends Reached {
  /** Told the head of each good reply. */
  readonly heard: (headers: Headers, post: Post) => void;
}

/** One request that is ready to go: its body is JSON text already. */
export interface Post {
  readonly body: string;
  readonly request: ModelRequest;
  readonly signal: AbortSignal;
}

/** Carries requests to one address of one provider. Rejects with the errors of the provider's SDK. */
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

export function openAIClient({ access, fetch }: Reached): OpenAI {
  const { apiKey, baseURL = OPENAI_URL } = access;
  return new OpenAI({ ...SILENT_ONCE, apiKey, baseURL, fetch, organization: null, project: null });
}

export function openAIWire(path: string, options: WireOptions): Wire {
  const { fetch, heard } = options;
  return wireOf({ client: openAIClient(options), errors: OpenAI, path, fetch, heard });
}

export function anthropicWire(path: string, { access, fetch, heard }: WireOptions): Wire {
  const { apiKey, baseURL = ANTHROPIC_URL } = access;
  const client = new Anthropic({ ...SILENT_ONCE, apiKey, baseURL, fetch, openTelemetry: false });
  return wireOf({ client, errors: Anthropic, path, fetch, heard });
}

interface Line {
  readonly client: OpenAI | Anthropic;
  readonly errors: Pick<typeof OpenAI | typeof Anthropic, "APIError" | "APIConnectionError">;
  readonly path: string;
  readonly fetch: typeof fetch;
  readonly heard: WireOptions["heard"];
}

/**
 * Streams are the SDK's from end to end. A reply that is not streamed is asked for with the address and the head that the SDK makes,
 * once for all requests, and its failures are the SDK's errors; but the SDK does not carry it. What it does around each request
 * (a dozen headers worked out anew, addresses redacted for a log that is off) takes longer than all else of a turn. Neither way are
 * bodies left to it: its `create` methods would serialize the whole conversation anew.
 */
function wireOf({ client, errors, path, fetch, heard }: Line): Wire {
  let head: Promise<Head> | undefined;
  return {
    send: async (post) => {
      head ??= headOf(client, path);
      const { url, headers } = await head;
      const { body, signal } = post;
      const init = { method: "POST", headers: { ...headers, ...ownHeaders(post) }, body, signal };
      const response = await fetch(url, init).catch((cause: unknown) => {
        throw new errors.APIConnectionError({ cause: cause instanceof Error ? cause : undefined });
      });
      const text = await response.text();
      if (response.ok) {
        heard(response.headers, post);
        return JSON.parse(text) as unknown;
      }
      throw errors.APIError.generate(response.status, bodyIn(text), undefined, response.headers);
    },
    stream: async (post) => {
      const { body, signal } = post;
      const timeout = post.request.model.timeoutMs;
      const sent = { body, signal, timeout, headers: ownHeaders(post), stream: true } as const;
      const { data, response } = await client.post<AsyncIterable<unknown>>(path, sent).withResponse();
      heard(response.headers, post);
      return data;
    },
  };
}

function ownHeaders({ request }: Post): Readonly<Record<string, string>> {
  return {
    "content-type": "application/json",
    "idempotency-key": request.idempotencyKey,
    traceparent: request.traceparent,
  };
}

interface Head {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Where the SDK would send a request on this path, and with which headers, but for what it tells of itself and of one request. */
async function headOf(client: OpenAI | Anthropic, path: string): Promise<Head> {
  const { url, req } = await client.buildRequest({ method: "post", path, body: "{}" });
  const headers = [...req.headers].filter(([name]) => !name.startsWith("x-stainless-"));
  return { url, headers: Object.fromEntries(headers) };
}

/** A body that is not JSON is told as the text it is. */
function bodyIn(text: string): object | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null ? body : undefined;
  } catch {
    return undefined;
  }
}
