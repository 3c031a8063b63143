import { z } from "zod";
import type { Json } from "../contracts/json.ts";
import { ReplyPart } from "../contracts/message.ts";
import type { ModelProviderName, ModelReply, PinnedModel, Submitted } from "../contracts/model.ts";
import { utf8Bytes } from "../core/text.ts";
import type { TokensLeft } from "../core/tokens-left.ts";
import type { BackgroundModels, ModelProvider, Working } from "../model-ports.ts";
import { anthropicMessages } from "./anthropic.ts";
import { type Background, type Dialect, type Provider, speaking } from "./exchange.ts";
import { failed } from "./failure.ts";
import { openAIChat } from "./openai-chat.ts";
import { openAIResponses } from "./openai-responses.ts";
import { tokensLeftIn, waitToldMs } from "./rate-headers.ts";
import { type Scripts, scriptedModel } from "./scripted.ts";
import type { Access, WireOptions } from "./wire.ts";

/** Which providers can be asked, and how they are reached. */
export interface ModelsConfig {
  /** `openai-chat` is reached like `openai` unless it has an entry of its own; `openai-compatible` needs a base URL. */
  readonly access: Readonly<Partial<Record<Exclude<ModelProviderName, "scripted">, Access>>>;
  readonly scripts?: Scripts;
  /** Takes known secrets out of a value whose JSON is `text`. */
  readonly scrub?: (value: Json, text: string) => Json;
  readonly fetch?: typeof fetch;
  readonly nowMs?: () => number;
  /** Told what the head of a good reply says: for how long its model need not be asked, and what is left of its tokens. */
  readonly told?: (model: PinnedModel, waitMs: number, tokensLeft: TokensLeft | null) => void;
}

/** A commit holds a reply and what is proposed by it, in a row of at most two megabytes: so many bytes of JSON a reply may have. */
export const REPLY_BYTES_MAX = 600_000;

/**
 * All configured models behind one port: each request goes to the provider that its model names. Clients are made at a provider's
 * first call and kept, so an isolate makes this once, not every object.
 */
export function modelProviders(config: ModelsConfig): ModelProvider & BackgroundModels {
  const made = new Map<ModelProviderName, Provider>();
  const providerOf = (name: ModelProviderName): Provider => {
    const provider = made.get(name) ?? make(name, config);
    made.set(name, provider);
    return provider;
  };
  return {
    complete: async (request, signal, onText) =>
      acceptable(await providerOf(request.model.provider).complete(request, signal, onText), config),
    poll: async (of, signal) => {
      const { background = UNABLE } = providerOf(of.model.provider);
      return acceptable(await background.poll(of, signal), config);
    },
    drop: (name, response, signal) => (providerOf(name).background ?? UNABLE).drop(response, signal),
  };
}

/** A provider whose key is gone may have it back later. */
const UNABLE: Background = {
  poll: () => Promise.resolve({ stop: "working" }),
  drop: () => Promise.reject(new Error("the provider cannot be asked now")),
};

/** A reply as the journal may hold it: bounded, and without the operator's secrets, whoever told them to the model. */
function acceptable<Other extends Submitted | Working>(
  reply: ModelReply | Other,
  { scrub }: ModelsConfig,
): ModelReply | Other {
  if (!("parts" in reply)) return reply;
  const text = JSON.stringify(reply.parts);
  if (utf8Bytes(text) > REPLY_BYTES_MAX)
    return failed("cut_off", `The reply is larger than ${REPLY_BYTES_MAX} bytes.`, reply.usage);
  const parts: unknown = scrub?.(reply.parts, text) ?? reply.parts;
  return parts === reply.parts ? reply : { ...reply, parts: z.array(ReplyPart).parse(parts) };
}

function make(name: ModelProviderName, config: ModelsConfig): Provider {
  const { access } = config;
  switch (name) {
    case "scripted":
      return scriptedModel(config.scripts ?? {});
    case "openai":
      return reached(access.openai, openAIResponses, config);
    case "openai-chat":
      return reached(access["openai-chat"] ?? access.openai, openAIChat, config);
    case "openai-compatible": {
      const compatible = access["openai-compatible"];
      return reached(compatible?.baseURL === undefined ? undefined : compatible, openAIChat, config);
    }
    case "anthropic":
      return reached(access.anthropic, anthropicMessages, config);
  }
}

function reached(
  access: Access | undefined,
  dialect: (options: WireOptions) => Dialect,
  config: ModelsConfig,
): Provider {
  if (access === undefined || access.apiKey === "") return unreachable("The provider is not configured.");
  try {
    const { nowMs = () => Date.now(), told } = config;
    const spoken = dialect({
      access,
      fetch: config.fetch ?? ((input, init) => fetch(input, init)),
      heard: (headers, { request }) => {
        const heardMs = nowMs();
        told?.(request.model, waitToldMs(headers, heardMs), tokensLeftIn(headers, heardMs));
      },
    });
    return speaking(spoken, { secrets: [access.apiKey], nowMs });
  } catch {
    // An SDK refuses what it cannot use, with a message that is about itself.
    return unreachable("The provider's key or address is not usable.");
  }
}

function unreachable(message: string): ModelProvider {
  return { complete: () => Promise.resolve(failed("unauthorized", message)) };
}
