import type { ModelAnswer, ModelReply, ModelRequest } from "../contracts/model.ts";
import type { BackgroundModels, ModelProvider, Working } from "../model-ports.ts";
import { untilAborted } from "../until-aborted.ts";
import { failed, failureOf, scrubbed } from "./failure.ts";
import type { Wire } from "./wire.ts";

/** How one wire protocol says what a model is asked, and what it answers. */
export interface Dialect {
  readonly wire: Wire;
  body(request: ModelRequest, streamed: boolean): string;
  read(answer: unknown, request: ModelRequest): ModelAnswer;
  /** Of protocols that know work in the background. */
  readonly background?: Background;
  /** Reads a streamed reply to its end. A stream that just stops is no reply. */
  follow(
    events: AsyncIterable<unknown>,
    request: ModelRequest,
    onText: (text: string) => void,
  ): Promise<ModelReply>;
}

/** What one provider works at in the background. */
export interface Background {
  readonly poll: BackgroundModels["poll"];
  drop(response: string, signal: AbortSignal): Promise<void>;
}

/** One provider, with all that it can do. */
export interface Provider extends ModelProvider {
  readonly background?: Background;
}

export interface SpeakOptions {
  /** Never to appear in a failure's message. */
  readonly secrets: readonly string[];
  readonly nowMs: () => number;
}

/** A provider that speaks a dialect. Whatever goes wrong becomes a failed reply, and none comes later than the signal's abort. */
export function speaking(dialect: Dialect, { secrets, nowMs }: SpeakOptions): Provider {
  const { background } = dialect;
  return {
    ...(background && {
      background: {
        ...background,
        poll: async (of, signal) => withoutSecrets(await background.poll(of, signal), secrets),
      },
    }),
    async complete(request, signal, onText) {
      const reply = await bounded(request, signal, async () => {
        try {
          return await exchange(dialect, { request, signal, onText });
        } catch (error) {
          return { stop: "failed", failure: failureOf(error, nowMs()) };
        }
      });
      return withoutSecrets(reply, secrets);
    },
  };
}

function withoutSecrets<Answer extends ModelAnswer | Working>(
  answer: Answer,
  secrets: readonly string[],
): Answer {
  return answer.stop === "failed" ? { ...answer, failure: scrubbed(answer.failure, secrets) } : answer;
}

interface Exchange {
  readonly request: ModelRequest;
  readonly signal: AbortSignal;
  readonly onText: ((text: string) => void) | undefined;
}

/** What is worked at in the background is not streamed: nobody is there to hear it. */
async function exchange(dialect: Dialect, { request, signal, onText }: Exchange): Promise<ModelAnswer> {
  const isStreamed = onText !== undefined && request.model.backgroundMs === undefined;
  const post = { body: dialect.body(request, isStreamed), request, signal };
  if (!isStreamed) return dialect.read(await dialect.wire.send(post), request);
  const events = await dialect.wire.stream(post);
  return dialect.follow(events, request, (text) => {
    if (!signal.aborted) onText(text);
  });
}

/** No one waits for what goes on after an abort: a connection that hears nothing must not hold up the task. */
async function bounded(
  { model }: ModelRequest,
  signal: AbortSignal,
  run: () => Promise<ModelAnswer>,
): Promise<ModelAnswer> {
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
