import type {
  ModelAnswer,
  ModelProviderName,
  ModelReply,
  ModelRequest,
  PinnedModel,
} from "./contracts/model.ts";
import type { Health } from "./contracts/route.ts";

/**
 * Asks a model for one reply. Never rejects: a failure is a reply whose `stop` is "failed". Ends soon after `signal` aborts, which its
 * caller sees to when the model's time-out is over (with a `TimeoutError`).
 */
export interface ModelProvider {
  /** `onText` receives text as it streams, in order; without it the reply is not streamed. */
  complete(request: ModelRequest, signal: AbortSignal, onText?: (text: string) => void): Promise<ModelAnswer>;
}

/** What a provider works at in the background: which model was asked, and the provider's id of its response. */
export interface BackgroundResponse {
  readonly model: PinnedModel;
  readonly response: string;
}

/** Nothing is known of a response yet, or it cannot be told now. The provider may say when it is worth asking again. */
export interface Working {
  readonly stop: "working";
  readonly againInMs?: number;
}

/** Looks after what providers work at in the background. Everything may be asked twice. */
export interface BackgroundModels {
  /** Never rejects. A failure is one of the response, which then has no other end; that it cannot be told now is none. */
  poll(of: BackgroundResponse, signal: AbortSignal): Promise<ModelReply | Working>;
  /** Nobody waits for it any more. Resolves once the provider knows; rejects when it cannot be told now. */
  drop(provider: ModelProviderName, response: string, signal: AbortSignal): Promise<void>;
}

/** What a provider's webhook says: whose response has ended, nothing of ours, or that it is not the provider's. */
export type Heard = { readonly tenant: string; readonly task: string } | "nothing" | "forged";

/** Webhooks of a provider. Rejects when the provider cannot be asked whose response one is about. */
export interface ProviderWebhook {
  hear(text: string, headers: Headers): Promise<Heard>;
}

/**
 * How models fare, as far as is known here by now. Never waits: what is old is asked for anew beside, and is there at the next
 * reading. What cannot be told is taken to be well.
 */
export interface HealthReader {
  of(candidates: readonly ModelName[]): Health;
  /** A call that tries whether a model is well again has been intended. */
  probed(candidate: ModelName): void;
}

export type ModelName = Pick<PinnedModel, "provider" | "model">;
