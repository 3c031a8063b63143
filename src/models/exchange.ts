import type { ModelReply, ModelRequest } from "../contracts/model.ts";
import type { ModelProvider } from "../ports.ts";
import { untilAborted } from "../until-aborted.ts";
import { failed, failureOf, scrubbed } from "./failure.ts";
import type { Wire } from "./wire.ts";

/** How one wire protocol says what a model is asked, and what it answers. */
export interface Dialect {
  readonly wire: Wire;
  body(request: ModelRequest, streamed: boolean): string;
  read(answer: unknown, request: ModelRequest): ModelReply;
  /** Reads a streamed reply to its end. A stream that just stops is no reply. */
  follow(
    events: AsyncIterable<unknown>,
    request: ModelRequest,
    onText: (text: string) => void,
  ): Promise<ModelReply>;
}

export interface SpeakOptions {
  /** Never to appear in a failure's message. */
  readonly secrets: readonly string[];
  readonly nowMs: () => number;
}

/** A provider that speaks a dialect. Whatever goes wrong becomes a failed reply, and none comes later than the signal's abort. */
export function speaking(dialect: Dialect, { secrets, nowMs }: SpeakOptions): ModelProvider {
  return {
    async complete(request, signal, onText) {
      const reply = await bounded(request, signal, async () => {
        try {
          return await exchange(dialect, { request, signal, onText });
        } catch (error) {
          return { stop: "failed", failure: failureOf(error, nowMs()) };
        }
      });
      return reply.stop === "failed" ? { ...reply, failure: scrubbed(reply.failure, secrets) } : reply;
    },
  };
}

interface Exchange {
  readonly request: ModelRequest;
  readonly signal: AbortSignal;
  readonly onText: ((text: string) => void) | undefined;
}

async function exchange(dialect: Dialect, { request, signal, onText }: Exchange): Promise<ModelReply> {
  const post = { body: dialect.body(request, onText !== undefined), request, signal };
  if (onText === undefined) return dialect.read(await dialect.wire.send(post), request);
  const events = await dialect.wire.stream(post);
  return dialect.follow(events, request, (text) => {
    if (!signal.aborted) onText(text);
  });
}

/** No one waits for what goes on after an abort: a connection that hears nothing must not hold up the task. */
async function bounded(
  { model }: ModelRequest,
  signal: AbortSignal,
  run: () => Promise<ModelReply>,
): Promise<ModelReply> {
  if (signal.aborted) return failed("aborted", "The call was aborted.");
  const ended = await untilAborted(signal, run);
  switch (ended.by) {
    case "itself":
      return ended.value;
    case "deadline":
      return failed("timeout", `The provider did not answer within ${model.timeoutMs} ms.`);
    case "caller":
      return failed("aborted", "The call was aborted.");
  }
}
