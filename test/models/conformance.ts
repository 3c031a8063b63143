import { describe, expect, test } from "vitest";
import type { ReplyPart } from "../../src/contracts/message.ts";
import { type ModelRequest, ModelReply } from "../../src/contracts/model.ts";
import type { ModelProvider } from "../../src/model-ports.ts";
import { anyNumber, ask, askStreaming, partsOf } from "./ask.ts";

/** What a provider is made to do for a test. Every adapter plays all of them with the same content. */
export const SCENARIOS = ["text", "oneCall", "parallelCalls", "cutOff", "refused", "silence"] as const;
export type Scenario = (typeof SCENARIOS)[number];

export const TEXT = "Your order o-1 was delivered. 🎉";
export const ONE_CALL = [{ tool: "get_order", args: { orderId: "o-1" } }] as const;
export const PARALLEL_CALLS = [
  { tool: "get_order", args: { orderId: "o-1" } },
  { tool: "get_order", args: { orderId: "o-2" } },
  { tool: "list_orders", args: {} },
] as const;

export interface Subject {
  readonly name: string;
  /** A fresh provider that plays the scenario, however often it is asked, streamed or not. */
  playing(scenario: Scenario): { readonly provider: ModelProvider; readonly request: ModelRequest };
}

/** What `ModelProvider` promises, asked of one adapter. */
export function conformance(subject: Subject): void {
  describe(`${subject.name} keeps the promises of a model provider`, () => {
    whatItReplies(subject);
    howItStreams(subject);
    howItEnds(subject);
  });
}

function whatItReplies(subject: Subject): void {
  test("a text ends the task's work", async () => {
    const reply = await whole(subject, "text");
    expect(reply).toMatchObject({ stop: "end" });
    expect(textOf(partsOf(reply))).toBe(TEXT);
  });

  test("one call is proposed with its id, its name and its arguments as text", async () => {
    const reply = await whole(subject, "oneCall");
    expect(reply).toMatchObject({ stop: "calls" });
    expect(callsOf(partsOf(reply))).toEqual(ONE_CALL);
  });

  test("parallel calls keep their order and can be told apart", async () => {
    const parts = partsOf(await whole(subject, "parallelCalls"));
    expect(callsOf(parts)).toEqual(PARALLEL_CALLS);
    const ids = parts.flatMap((part) => (part.type === "call" ? [part.providerCallId] : []));
    expect(new Set(ids).size).toBe(PARALLEL_CALLS.length);
  });

  test("a reply tells what it used", async () => {
    expect(await whole(subject, "text")).toMatchObject({
      usage: { inputTokens: anyNumber, outputTokens: anyNumber },
    });
  });
}

function howItStreams(subject: Subject): void {
  test.each(["text", "oneCall", "parallelCalls"] as const)(
    "streamed, %s is the same reply",
    async (scenario) => {
      const { provider, request } = subject.playing(scenario);
      const streamed = await askStreaming(provider, request);
      expect(comparable(streamed.reply)).toEqual(comparable(await ask(provider, request)));
      expect(streamed.pieces.join("")).toBe(textOf(partsOf(streamed.reply)));
    },
  );

  test("text comes in pieces, none of them empty", async () => {
    const { provider, request } = subject.playing("text");
    const { pieces } = await askStreaming(provider, request);
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces).not.toContain("");
  });
}

function howItEnds(subject: Subject): void {
  test.each([false, true])(
    "a reply that was cut off is a failure that was paid for (streamed: %s)",
    async (streamed) => {
      const { provider, request } = subject.playing("cutOff");
      const reply = streamed ? (await askStreaming(provider, request)).reply : await ask(provider, request);
      expect(reply).toMatchObject({
        stop: "failed",
        failure: { code: "cut_off", retryable: false },
        usage: { outputTokens: anyNumber },
      });
    },
  );

  test.each([false, true])(
    "a refusal of the provider is a value, not an error (streamed: %s)",
    async (streamed) => {
      const { provider, request } = subject.playing("refused");
      const reply = streamed ? (await askStreaming(provider, request)).reply : await ask(provider, request);
      expect(reply).toMatchObject({ stop: "failed", failure: { retryable: true } });
    },
  );

  test.each([false, true])(
    "an abort ends a call soon, whatever the provider does (streamed: %s)",
    async (streamed) => {
      const { provider, request } = subject.playing("silence");
      const controller = new AbortController();
      const pieces: string[] = [];
      const pending = provider.complete(
        request,
        controller.signal,
        streamed ? (text) => pieces.push(text) : undefined,
      );
      controller.abort();
      const reply = await pending;
      expect(reply).toMatchObject({ stop: "failed", failure: { code: "aborted", retryable: false } });
      expect(pieces).toEqual([]);
    },
  );

  test("a call that was aborted before it began is not sent", async () => {
    const { provider, request } = subject.playing("text");
    const reply = await provider.complete(request, AbortSignal.abort());
    expect(reply).toMatchObject({ stop: "failed", failure: { code: "aborted" } });
  });
}

async function whole(subject: Subject, scenario: Scenario): Promise<ModelReply> {
  const { provider, request } = subject.playing(scenario);
  return ModelReply.parse(await ask(provider, request));
}

/** A reply but for how its calls' arguments are spaced, which only their stream tells. */
function comparable(reply: ModelReply): unknown {
  if (reply.stop === "failed") return reply;
  const parts = reply.parts.map((part) =>
    part.type === "call" ? { ...part, argsText: JSON.parse(part.argsText) as unknown } : part,
  );
  return { ...reply, parts };
}

function textOf(parts: readonly ReplyPart[]): string {
  return parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("");
}

function callsOf(parts: readonly ReplyPart[]): readonly unknown[] {
  return parts.flatMap((part) =>
    part.type === "call" ? [{ tool: part.tool, args: JSON.parse(part.argsText) as unknown }] : [],
  );
}
