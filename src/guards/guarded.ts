import type { ModelAnswer, ModelRequest, PinnedModel } from "../contracts/model.ts";
import type { Attempt, ErrorEnvelope } from "../contracts/outcome.ts";
import type { RateTerms } from "../core/provider-rate.ts";
import type { TokensLeft } from "../core/tokens-left.ts";
import type { ToolRequest } from "../contracts/call.ts";
import type { ModelProvider } from "../model-ports.ts";
import { untilAborted } from "../until-aborted.ts";
import type { ToolGateway } from "../ports.ts";
import type { PlacesDoor, RateDoor } from "./doors.ts";
import { type Full, type Guard, type Passage, pass } from "./guard.ts";
import { type MutexDoors, mutexesOf } from "./mutexes.ts";
import { Places } from "./places.ts";
import { Rates } from "./rates.ts";
import type { Ground } from "./reach.ts";
import { shardOf } from "./shard.ts";
import type { GuardTerms } from "./terms.ts";
import { TokensHeard } from "./tokens-left.ts";

/** Where the guards are. */
export interface GuardDoors {
  readonly limiter: (name: string) => PlacesDoor & RateDoor;
  readonly mutex: MutexDoors;
}

/** A call waits for its guards this long at most, and never more than a tenth of its time-out, which runs meanwhile. */
const WAIT_MS_MAX = 2_000;
/**
 * Who carries calls out, and whether they may wait for their guards there. One that comes from a queue is turned away at once and
 * waits with its task: in a consumer it would hold up whatever came with it.
 */
export type Where = "object" | "consumer";
/** Nobody is told to come back sooner: the way back through a task's journal costs more than the place. */
const RETRY_AFTER_MS_MIN = 100;

/** The same ports, guarded. Made once an isolate. */
export class Guards {
  readonly #terms: GuardTerms;
  readonly #doors: GuardDoors;
  readonly #ground: Ground;
  readonly #places: Places;
  readonly #rates: Rates;
  readonly #tokens: TokensHeard;

  constructor(terms: GuardTerms, doors: GuardDoors, ground: Ground) {
    this.#terms = terms;
    this.#doors = doors;
    this.#ground = ground;
    this.#places = new Places(doors.limiter, ground);
    this.#rates = new Rates(doors.limiter, ground);
    this.#tokens = new TokensHeard(ground);
  }

  /** Reading back goes past all guards: it is rare, a read, and ends a doubt. */
  tools(gateway: ToolGateway, where: Where): ToolGateway {
    return {
      readBack: (request, signal) => gateway.readBack(request, signal),
      execute: (request, signal) => this.#execute(gateway, { request, signal, where }),
    };
  }

  models(provider: ModelProvider, where: Where): ModelProvider {
    return {
      complete: (request, signal, onText) => this.#complete(provider, { request, signal, onText, where }),
    };
  }

  /** A provider said with a good reply that a model need not be asked for so long, and what is left of its tokens. */
  told(model: PinnedModel, waitMs: number, tokensLeft: TokensLeft | null): void {
    if (waitMs > 0) this.#rates.block(this.#rateName({ model }), waitMs);
    if (tokensLeft !== null) this.#tokens.hear(`${model.provider}/${model.model}`, tokensLeft);
  }

  async #execute(gateway: ToolGateway, { request, signal, where }: Calling): Promise<Attempt> {
    const guards = this.#ofTool(request);
    if (guards.length === 0) return await gateway.execute(request, signal);
    const passage = await this.#pass(guards, { timeoutMs: request.tool.timeoutMs, signal, where });
    if (!passage.in) return { kind: "turnedAway", error: toldFull(passage) };
    const { fences } = passage;
    const context = fences === undefined ? request.context : { ...request.context, fences };
    try {
      return await gateway.execute({ ...request, context }, signal);
    } finally {
      passage.leave({ tokens: undefined });
    }
  }

  async #complete(provider: ModelProvider, { request, signal, onText, where }: Asking): Promise<ModelAnswer> {
    const guards = this.#ofModel(request);
    if (guards.length === 0) return await provider.complete(request, signal, onText);
    const passage = await this.#pass(guards, { timeoutMs: request.model.timeoutMs, signal, where });
    if (!passage.in) {
      const { message, retryAfterMs } = toldFull(passage);
      const failure = { code: "turned_away", message, retryable: true, retryAfterMs } as const;
      return { stop: "failed", failure };
    }
    let tokens: number | undefined;
    try {
      const reply = await provider.complete(request, signal, onText);
      if (reply.stop === "failed") this.#rates.learn(this.#rateName(request), reply.failure);
      tokens = tokensOf(reply);
      return reply;
    } finally {
      passage.leave({ tokens });
    }
  }

  /** A call whose time ends before it has got past its guards never left: what it gets then goes back. */
  async #pass(
    guards: readonly Guard[],
    { timeoutMs, signal, where }: { timeoutMs: number; signal: AbortSignal; where: Where },
  ): Promise<Passage> {
    const { nowMs, beside } = this.#ground;
    const waitMs = where === "consumer" ? 0 : Math.min(WAIT_MS_MAX, timeoutMs / 10);
    const passing = pass(guards, waitMs, nowMs);
    const ended = await untilAborted(signal, () => passing);
    if (ended.by === "itself") return ended.value;
    beside(passing.then((passage) => passage.in && passage.leave(null)));
    return { in: false, retryAfterMs: 0, down: true };
  }

  #ofTool(request: ToolRequest): readonly Guard[] {
    const { tool, context, turnedAway = 0 } = request;
    const caller = { ...context, turnedAway };
    const max = this.#terms.concurrency?.tools?.[tool.name] ?? tool.concurrency;
    return [
      ...mutexesOf(request, this.#doors.mutex, this.#ground),
      ...this.#ofCaller(caller),
      ...this.#place(`tool/${tool.name}`, max, caller),
    ];
  }

  #ofModel(request: ModelRequest): readonly Guard[] {
    const { provider, model, concurrency = Infinity } = request.model;
    const { providers = {} } = this.#terms.concurrency ?? {};
    const own = providers[`${provider}/${model}`];
    const ofModel = Math.min(own ?? Infinity, concurrency);
    return [
      ...this.#tokens.guards(`${provider}/${model}`, () => tokensAtMost(request)),
      ...this.#ofRate(request),
      ...this.#ofCaller(request),
      ...this.#place(`model/${provider}/${model}`, Number.isFinite(ofModel) ? ofModel : undefined, request),
      ...this.#place(`provider/${provider}`, own === undefined ? providers[provider] : undefined, request),
    ];
  }

  /** The scripted model is in this Worker: nobody limits it but who declares that. */
  #ofRate(request: ModelRequest): readonly Guard[] {
    const name = this.#rateName(request);
    const declared = this.#declaredRate(request);
    if (declared === undefined && request.model.provider === "scripted") return [];
    const tokens = declared?.tokensPerMinute === undefined ? 0 : tokensAtMost(request);
    return [this.#rates.guard(name, { tenant: request.tenant, tokens }, declared)];
  }

  #rateName({ model: { provider, model } }: Pick<ModelRequest, "model">): string {
    const { rates = {} } = this.#terms;
    const shared = rates[`${provider}/${model}`] === undefined && rates[provider] !== undefined;
    return shared ? `rate/${provider}` : `rate/${provider}/${model}`;
  }

  #declaredRate({ model: { provider, model } }: ModelRequest): Omit<RateTerms, "waitMsMax"> | undefined {
    const { rates = {} } = this.#terms;
    return rates[`${provider}/${model}`] ?? rates[provider];
  }

  #ofCaller(call: Caller): readonly Guard[] {
    const { tenant, agents = {} } = this.#terms.concurrency ?? {};
    return [
      ...this.#place(`agent/${JSON.stringify([call.tenant, call.agent])}`, agents[call.agent], call),
      ...this.#place(`tenant/${JSON.stringify([call.tenant])}`, tenant, call),
    ];
  }

  /** Ranks: what few share comes before what many share, so that nobody holds a shared place while waiting for one of their own. */
  #place(name: string, max: number | undefined, { id, tenant, turnedAway = 0 }: Caller): readonly Guard[] {
    if (max === undefined) return [];
    // The shard that turned a call away is the one that expects it again.
    const shard = shardOf(max, id);
    const of = { name: `${name}${shard.suffix}`, rank: `3 ${name}`, max: shard.max, tenant, id, turnedAway };
    return [this.#places.guard(of)];
  }
}

interface Caller {
  readonly id: string;
  readonly tenant: string;
  readonly agent: string;
  readonly turnedAway?: number;
}

interface Asking {
  readonly request: ModelRequest;
  readonly signal: AbortSignal;
  readonly onText: ((text: string) => void) | undefined;
  readonly where: Where;
}

interface Calling {
  readonly request: ToolRequest;
  readonly signal: AbortSignal;
  readonly where: Where;
}

function toldFull({ retryAfterMs, down }: Full): ErrorEnvelope & { readonly retryAfterMs: number } {
  return {
    code: down ? "unavailable" : "rate_limited",
    message: down ? "A guard of the call could not be reached." : "There was no place for the call.",
    retryable: true,
    retryAfterMs: Math.max(RETRY_AFTER_MS_MIN, Math.ceil(retryAfterMs)),
  };
}

/** Undefined where nobody knows by now. */
function tokensOf(answer: ModelAnswer): number | undefined {
  if (answer.stop === "submitted" || answer.usage === undefined) return undefined;
  return answer.usage.inputTokens + answer.usage.outputTokens;
}

/** Providers count a request by its input and by the most that it may bring: four characters a token, roughly. */
function tokensAtMost({ model, instructions, messages, tools }: ModelRequest): number {
  const characters = instructions.length + JSON.stringify(messages).length + JSON.stringify(tools).length;
  return Math.ceil(characters / 4) + model.maxOutputTokens;
}
