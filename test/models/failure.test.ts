import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ModelProviderName } from "../../src/contracts/model.ts";
import { waitAskedMs } from "../../src/models/failure.ts";
import { modelProviders } from "../../src/models/registry.ts";
import { type Canned, answering, ask, askStreaming, requestOf, silence, sse } from "./ask.ts";

const KEY = "a-key-that-looks-like-none/4242";
const NOW_MS = Date.parse("2026-11-21T12:00:00Z");

const PROVIDERS = ["openai", "openai-chat", "openai-compatible", "anthropic"] as const;

function provider(name: ModelProviderName, fetch: typeof globalThis.fetch) {
  const access = { apiKey: KEY, baseURL: "https://models.example/v1" };
  return modelProviders({ access: { [name]: access }, fetch, nowMs: () => NOW_MS });
}

async function failureFor(name: ModelProviderName, answer: Canned) {
  const reply = await ask(provider(name, answering(answer).fetch), requestOf(name));
  if (reply.stop !== "failed") throw new Error(`not a failure: ${JSON.stringify(reply)}`);
  return reply.failure;
}

function refusal(status: number, error: object = {}, headers: Readonly<Record<string, string>> = {}): Canned {
  return {
    status,
    headers: { "content-type": "application/json", ...headers },
    body: { error: { message: "no", ...error } },
  };
}

describe.each(PROVIDERS)("%s: a refusal over HTTP", (name) => {
  test.each([
    [400, "invalid_request", false],
    [401, "unauthorized", false],
    [402, "quota_exhausted", false],
    [403, "unauthorized", false],
    [404, "invalid_request", false],
    [408, "timeout", true],
    [409, "unavailable", true],
    [413, "context_too_long", false],
    [418, "invalid_request", false],
    [422, "invalid_request", false],
    [429, "rate_limited", true],
    [500, "unavailable", true],
    [502, "unavailable", true],
    [503, "overloaded", true],
    [504, "unavailable", true],
    [529, "overloaded", true],
  ])("with status %i is %s, retryable: %s", async (status, code, retryable) => {
    expect(await failureFor(name, refusal(status))).toEqual({
      code,
      retryable,
      message: `HTTP ${status}: no`,
    });
  });

  test.each([
    ["insufficient_quota", 429, "quota_exhausted"],
    ["billing_hard_limit_reached", 400, "quota_exhausted"],
    ["context_length_exceeded", 400, "context_too_long"],
    ["request_too_large", 413, "context_too_long"],
  ])("whose code is %s is told by it and not by its status %i", async (code, status, expected) => {
    expect(await failureFor(name, refusal(status, { code }))).toMatchObject({
      code: expected,
      retryable: false,
    });
    expect(await failureFor(name, refusal(status, { type: code }))).toMatchObject({
      code: expected,
      retryable: false,
    });
  });

  test("a spend limit named in the details is no rate limit", async () => {
    const details = { error_code: "enforced_spend_limit_reached" };
    expect(await failureFor(name, refusal(429, { type: "rate_limit_error", details }))).toMatchObject({
      code: "quota_exhausted",
    });
  });

  test("says how long to wait, but not when waiting is no use", async () => {
    expect(await failureFor(name, refusal(429, {}, { "retry-after": "7" }))).toMatchObject({
      retryAfterMs: 7_000,
    });
    expect(await failureFor(name, refusal(400, {}, { "retry-after": "7" }))).not.toHaveProperty(
      "retryAfterMs",
    );
  });

  test("that says not to try again is obeyed", async () => {
    expect(await failureFor(name, refusal(503, {}, { "x-should-retry": "false" }))).toMatchObject({
      retryable: false,
    });
  });

  test("whose body is a page of HTML does not repeat it", async () => {
    const page = { status: 502, headers: { "content-type": "text/html" }, body: "<html>Bad gateway</html>" };
    expect(await failureFor(name, page)).toEqual({
      code: "unavailable",
      retryable: true,
      message: "HTTP 502: The provider gave no reason.",
    });
  });

  test("tells no secret, however it comes", async () => {
    const told = [
      await failureFor(name, refusal(401, { message: `Incorrect API key provided: ${KEY}.` })),
      await failureFor(name, refusal(401, { message: "Incorrect API key provided: sk-proj-abc***xyz." })),
    ].map((failure) => failure.message);
    expect(told.map((message) => message.replace(/\.$/, ""))).toEqual(
      Array(2).fill("HTTP 401: Incorrect API key provided: [secret]"),
    );
  });

  test("has a message of bounded length", async () => {
    expect((await failureFor(name, refusal(400, { message: "x".repeat(10_000) }))).message).toHaveLength(500);
  });
});

describe.each(PROVIDERS)("%s: a connection", (name) => {
  test("that fails is told as unavailable, without what the network said", async () => {
    const fetch = () => Promise.reject(new TypeError(`connect ECONNREFUSED with ${KEY}`));
    const reply = await ask(provider(name, fetch), requestOf(name));
    const failure = { code: "unavailable", retryable: true, message: "The provider could not be reached." };
    expect(reply).toEqual({ stop: "failed", failure });
  });

  test.each([false, true])(
    "that says nothing ends at the model's deadline (streamed: %s)",
    async (streamed) => {
      const plain = requestOf(name);
      const request = { ...plain, model: { ...plain.model, timeoutMs: 20 } };
      const models = provider(name, silence);
      const reply = streamed ? (await askStreaming(models, request)).reply : await ask(models, request);
      expect(reply).toMatchObject({ stop: "failed", failure: { code: "timeout", retryable: true } });
    },
  );

  test("that is lost within a stream is told as unavailable", async () => {
    const broken = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(": hello\n\n"));
        controller.error(new TypeError("terminated"));
      },
    });
    const fetch = () =>
      Promise.resolve(new Response(broken, { headers: { "content-type": "text/event-stream" } }));
    const { reply } = await askStreaming(provider(name, fetch), requestOf(name));
    expect(reply).toMatchObject({ stop: "failed", failure: { code: "unavailable", retryable: true } });
  });
});

describe.each(PROVIDERS)("%s: an answer", (name) => {
  test.each([
    ["is no JSON", { body: "<html>" }],
    ["is JSON of another kind", { body: [1, 2] }],
    ["is empty", { body: "" }],
    ["is null", { body: "null" }],
    ["has nothing in it", { body: {} }],
  ])("that %s is malformed", async (_what, answer) => {
    expect(
      await failureFor(name, { headers: { "content-type": "application/json" }, ...answer }),
    ).toMatchObject({ code: "malformed", retryable: true });
  });

  test.each([
    "",
    ": only a comment\n\n",
    "data: {\n\n",
    "event: message_start\ndata: 1\n\n",
    "data: [DONE]\n\n",
  ])("streamed as %j is malformed", async (stream) => {
    const { reply } = await askStreaming(provider(name, answering(sse(stream)).fetch), requestOf(name));
    expect(reply).toMatchObject({ stop: "failed", failure: { code: "malformed" } });
  });

  test("with an error in place of a reply is told by that error", async () => {
    const error = { type: "error", error: { type: "rate_limit_error", message: "slow down" } };
    const body =
      name === "openai"
        ? { status: "failed", error: { code: "rate_limit_exceeded", message: "slow down" } }
        : error;
    expect(await failureFor(name, { body })).toEqual({
      code: "rate_limited",
      retryable: true,
      message: "slow down",
    });
  });
});

describe("how long a provider asks to wait", () => {
  const wait = (headers: Readonly<Record<string, string>>) => waitAskedMs(new Headers(headers), NOW_MS);

  test("in seconds, in milliseconds, or until a date by its own clock", () => {
    expect(wait({ "retry-after": "12" })).toBe(12_000);
    expect(wait({ "retry-after": "0.25" })).toBe(250);
    expect(wait({ "retry-after-ms": "1500.2", "retry-after": "60" })).toBe(1_501);
    expect(wait({ "retry-after": "Sat, 21 Nov 2026 12:00:30 GMT" })).toBe(30_000);
    expect(
      wait({ "retry-after": "Sat, 21 Nov 2026 10:00:30 GMT", date: "Sat, 21 Nov 2026 10:00:00 GMT" }),
    ).toBe(30_000);
  });

  test("a date that has passed asks for nothing; one that is far away, for an hour", () => {
    expect(wait({ "retry-after": "Sat, 21 Nov 2026 11:00:00 GMT" })).toBe(0);
    expect(wait({ "retry-after": "Mon, 21 Nov 2050 12:00:00 GMT" })).toBe(3_600_000);
  });

  test("nonsense asks for nothing, and never for a wait that is no number of milliseconds", () => {
    expect(wait({})).toBeUndefined();
    expect(wait({ "retry-after": "soon" })).toBeUndefined();
    expect(wait({ "retry-after": "-5" })).not.toBeLessThan(0);
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii" }), (text) => {
        const waitMs = wait({ "retry-after": text.replaceAll(/[^\x20-\x7e]/g, "") });
        expect(
          waitMs === undefined || (Number.isSafeInteger(waitMs) && waitMs >= 0 && waitMs <= 3_600_000),
        ).toBe(true);
      }),
    );
  });
});
