import type { ModelReply, ModelRequest } from "../contracts/model.ts";
import type { ModelProvider } from "../ports.ts";
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

/** A provider that speaks a dialect. Whatever goes wrong becomes a failed reply, and none comes later than its deadline or its abort. */
export function speaking(dialect: Dialect, { secrets, nowMs }: SpeakOptions): ModelProvider {
  return {
    async complete(request, signal, onText) {
      const reply = await bounded(signal, request.model.timeoutMs, async (bound) => {
        try {
          return await exchange(dialect, { request, signal: bound, onText });
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

/**
 * Runs something until it is done, its time is over, or the caller aborts, whichever is first. What goes on afterwards is told by
 * its signal to stop, and no one waits for it: a connection that hears nothing must not hold up the task.
 */
async function bounded(
  signal: AbortSignal,
  timeoutMs: number,
  run: (bound: AbortSignal) => Promise<ModelReply>,
): Promise<ModelReply> {
  if (signal.aborted) return failed("aborted", "The call was aborted.");
  const { promise, resolve } = Promise.withResolvers<ModelReply>();
  const controller = new AbortController();
  const stop = (reply: ModelReply) => {
    resolve(reply);
    controller.abort();
  };
  const onAbort = () => stop(failed("aborted", "The call was aborted."));
  const timer = setTimeout(
    () => stop(failed("timeout", `The provider did not answer within ${timeoutMs} ms.`)),
    timeoutMs,
  );
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    void run(controller.signal).then(resolve);
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}
