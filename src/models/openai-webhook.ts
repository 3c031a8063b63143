import OpenAI from "openai";
import { z } from "zod";
import type { Heard, ProviderWebhook } from "../model-ports.ts";
import { Mark } from "./openai-mark.ts";
import { type Reached, openAIClient } from "./wire.ts";

/** What of a webhook is looked at; all else is OpenAI's to say when its response is asked for. */
const Event = z.object({ type: z.string(), data: z.object({ id: z.string().max(200) }) });
const ENDED = /^response\.(?:completed|failed|cancelled|incomplete)$/;
const Marked = z.object({ metadata: Mark });
const ASK_MS = 10_000;

export function openAIWebhook(reached: Reached, secret: string): ProviderWebhook {
  return new OpenAIWebhook(openAIClient(reached), secret);
}

/** Webhooks of one OpenAI project. They are hints: no more follows from one than that a response is asked for now. */
class OpenAIWebhook implements ProviderWebhook {
  readonly #client: OpenAI;
  readonly #secret: string;

  constructor(client: OpenAI, secret: string) {
    this.#client = client;
    this.#secret = secret;
  }

  async hear(text: string, headers: Headers): Promise<Heard> {
    const told = await this.#verified(text, headers);
    if (told === null) return "forged";
    const event = Event.safeParse(told);
    if (!event.success || !ENDED.test(event.data.type)) return "nothing";
    return await this.#whose(event.data.data.id);
  }

  async #verified(text: string, headers: Headers): Promise<unknown> {
    try {
      return await this.#client.webhooks.unwrap(text, headers, this.#secret);
    } catch {
      return null;
    }
  }

  /** A response that is gone, or was asked for by somebody else, is nothing to us. */
  async #whose(response: string): Promise<Heard> {
    try {
      const found = await this.#client.responses.retrieve(response, {}, { timeout: ASK_MS });
      const marked = Marked.safeParse(found);
      if (!marked.success) return "nothing";
      const { countersign_tenant: tenant, countersign_task: task } = marked.data.metadata;
      return { tenant, task };
    } catch (error) {
      if (error instanceof OpenAI.NotFoundError) return "nothing";
      throw error;
    }
  }
}
