import { expect } from "vitest";
import type { ModelAnswer, ModelProviderName, ModelReply, ModelRequest } from "../../src/contracts/model.ts";
import { modelProviders } from "../../src/models/registry.ts";
import type { ModelProvider } from "../../src/model-ports.ts";

/** What a provider was sent. */
export interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  /** Null where there is none. */
  readonly body: unknown;
}

/** An HTTP answer as a test writes it down. */
export interface Canned {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text is sent as it is, anything else as JSON. */
  readonly body: unknown;
}

export const json = (body: unknown): Canned => ({ headers: { "content-type": "application/json" }, body });
export const sse = (body: string): Canned => ({ headers: { "content-type": "text/event-stream" }, body });

/** Server-sent events, each under the name that its data gives as its type. */
export function events(data: readonly Readonly<Record<string, unknown>>[]): string {
  return data.map((event) => `event: ${String(event["type"])}\ndata: ${JSON.stringify(event)}\n\n`).join("");
}

/** A `fetch` that gives these answers in turn, the last again and again, and keeps what it was sent. */
export function answering(...answers: readonly Canned[]): { fetch: typeof fetch; sent: Sent[] } {
  const sent: Sent[] = [];
  return {
    sent,
    fetch: async (input, init) => {
      const request = new Request(input instanceof Request ? input : String(input), {
        ...(init?.method === undefined ? {} : { method: init.method }),
        ...(init?.headers === undefined ? {} : { headers: new Headers(init.headers) }),
        ...(typeof init?.body === "string" ? { body: init.body } : {}),
      });
      const { method, url, headers: head } = request;
      sent.push({ method, url, headers: head, body: jsonIn(await request.text()) });
      const answer = answers[Math.min(sent.length, answers.length) - 1];
      if (answer === undefined) throw new TypeError("fetch failed");
      const { status = 200, headers = {}, body } = answer;
      return new Response(typeof body === "string" ? body : JSON.stringify(body), { status, headers });
    },
  };
}

function jsonIn(text: string): unknown {
  return text === "" ? null : JSON.parse(text);
}

/** A `fetch` that connects and then says nothing, whatever its signal says. */
export const silence: typeof fetch = () => new Promise<Response>(() => {});

export function requestOf(provider: ModelProviderName, given: Partial<ModelRequest> = {}): ModelRequest {
  return {
    model: {
      route: "default",
      provider,
      model: "test-model",
      price: { table: "test", input: 1, cachedInput: 1, cacheWrite: 1, output: 1 },
      maxOutputTokens: 1_000,
      timeoutMs: 10_000,
    },
    id: "task-1.3.0",
    idempotencyKey: "task-1.3.0.0.0",
    task: "task-1",
    tenant: "acme",
    agent: "support-desk",
    attempt: 1,
    instructions: "Help.",
    messages: [{ role: "user", text: "Where is my order?" }],
    tools: [{ name: "get_order", description: "Reads an order.", inputSchema: ORDER_SCHEMA }],
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ...given,
  };
}

const ORDER_SCHEMA = {
  type: "object",
  properties: { orderId: { type: "string" } },
  required: ["orderId"],
  additionalProperties: false,
};

export async function ask(provider: ModelProvider, request: ModelRequest): Promise<ModelReply> {
  return inFull(await provider.complete(request, AbortSignal.timeout(request.model.timeoutMs)));
}

/** The reply of a model that is waited for. */
export function inFull(answer: ModelAnswer): ModelReply {
  if (answer.stop === "submitted") throw new Error("nothing was asked for in the background");
  return answer;
}

/** Asks for a streamed reply, and gives it together with the pieces of text in which it came. */
export async function askStreaming(
  provider: ModelProvider,
  request: ModelRequest,
): Promise<{ reply: ModelReply; pieces: readonly string[] }> {
  const pieces: string[] = [];
  const reply = await provider.complete(request, AbortSignal.timeout(request.model.timeoutMs), (text) =>
    pieces.push(text),
  );
  return { reply: inFull(reply), pieces };
}

/** Asks a provider that gives one answer, whole or as a stream, and shows what it was sent. */
export function asker(name: ModelProviderName) {
  const access = { apiKey: "sk-test-key", baseURL: "https://models.example" };
  const given = (answer: Canned, request: ModelRequest) => {
    const { fetch, sent } = answering(answer);
    return { sent, provider: modelProviders({ access: { [request.model.provider]: access }, fetch }) };
  };
  return {
    asking: async (answer: Canned, request: ModelRequest = requestOf(name)) => {
      const { provider, sent } = given(answer, request);
      return { reply: await ask(provider, request), body: sent[0]?.body };
    },
    streaming: async (answer: Canned, request: ModelRequest = requestOf(name)) => {
      const { provider, sent } = given(answer, request);
      return { ...(await askStreaming(provider, request)), body: sent[0]?.body };
    },
  };
}

/** The parts of a reply that did not fail. */
export function partsOf(reply: ModelReply) {
  if (reply.stop === "failed") throw new Error(`the reply failed: ${JSON.stringify(reply.failure)}`);
  return reply.parts;
}

/** Matchers whose type says nothing, so that they can stand wherever a value is compared. */
export const anyNumber: unknown = expect.any(Number);
export const containing = (text: string): unknown => expect.stringContaining(text);
export const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
export const having = (members: object): unknown => expect.objectContaining(members);
