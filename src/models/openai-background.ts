import { APIError, NotFoundError } from "openai";
import type OpenAI from "openai";
import { ZodError } from "zod";
import type { ModelAnswer, PinnedModel } from "../contracts/model.ts";
import { untilAborted } from "../until-aborted.ts";
import type { Background } from "./exchange.ts";
import { failed, failureOf } from "./failure.ts";
import { REASONING, mayReason } from "./openai-reasoning.ts";

const WORKING = { stop: "working" } as const;
/** It is done already, or was never there: whoever drops a response need not know. */
const OVER: ReadonlySet<number> = new Set([400, 404, 409]);

/** Responses that OpenAI works at in the background: asked for by their ids, and canceled there when nobody waits for them. */
export function openAIBackground(
  client: OpenAI,
  read: (answer: unknown, model: PinnedModel) => ModelAnswer,
): Background {
  return {
    async poll({ model, response }, signal) {
      const query = mayReason(model.model) ? { include: REASONING } : {};
      const options = { signal, timeout: model.timeoutMs };
      try {
        const asked = await untilAborted(signal, () =>
          client.responses.retrieve(response, query, options).withResponse(),
        );
        if (asked.by !== "itself") return WORKING;
        const answer = read(asked.value.data, model);
        return answer.stop === "submitted" ? { ...WORKING, ...pacedBy(asked.value.response) } : answer;
      } catch (error) {
        if (error instanceof ZodError) return { stop: "failed", failure: failureOf(error, 0) };
        return error instanceof NotFoundError ? GONE : WORKING;
      }
    },
    async drop(response, signal) {
      const told = await untilAborted(signal, () => canceled(client, response, signal));
      if (told.by !== "itself") throw new Error("no answer in time");
    },
  };
}

const GONE = failed("unavailable", "The provider does not know its response any more.");

async function canceled(client: OpenAI, response: string, signal: AbortSignal): Promise<void> {
  try {
    await client.responses.cancel(response, { signal });
  } catch (error) {
    if (!(error instanceof APIError) || !OVER.has(Number(error.status))) throw error;
  }
}

/** OpenAI says when it is worth asking again. */
function pacedBy({ headers }: Response): { readonly againInMs?: number } {
  const afterMs = Number(headers.get("openai-poll-after-ms") ?? NaN);
  return afterMs >= 0 ? { againInMs: afterMs } : {};
}
