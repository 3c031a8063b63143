import type { Message } from "../../src/contracts/message.ts";
import type {
  ModelAnswer,
  ModelFailureCode,
  ModelReply,
  ModelRequest,
  Usage,
} from "../../src/contracts/model.ts";
import type { ModelProvider } from "../../src/model-ports.ts";
import { isTimeout } from "../../src/until-aborted.ts";
import type { Via } from "./ledger.ts";
import type { Plan, PlannedCall } from "./plans.ts";
import type { SimulatedResponses } from "./responses.ts";
import { never } from "./timeline.ts";
import type { World } from "./world.ts";

type Fate = "replies" | "streams slowly" | "fails" | "declines" | "hangs" | "overruns" | "never ends";

const FAIR: Readonly<Record<Fate, number>> = {
  replies: 1,
  "streams slowly": 0,
  fails: 0,
  declines: 0,
  hangs: 0,
  overruns: 0,
  "never ends": 0,
};

const FAILURES: readonly (readonly [ModelFailureCode, boolean])[] = [
  ["rate_limited", true],
  ["overloaded", true],
  ["unavailable", true],
  ["timeout", true],
  ["cut_off", true],
  ["malformed", true],
  ["malformed", false],
  ["invalid_request", false],
  ["quota_exhausted", false],
];

/** How often a call fails of a model that ails. */
const FAILS_AILING = 0.7;

export interface ModelsParts {
  readonly planOf: (request: ModelRequest) => Plan | undefined;
  /** Told of every request that leaves for a model. */
  readonly left: (request: ModelRequest, via: Via) => void;
  readonly ails: (request: ModelRequest) => boolean;
  readonly responses: SimulatedResponses;
}

/** A model that follows its plan by the conversation alone, so that it goes on from wherever a task was taken back to. */
export class SimulatedModels {
  readonly #world: World;
  readonly #parts: ModelsParts;
  readonly #weights: Readonly<Record<Fate, number>>;
  readonly #slow: number;

  constructor(world: World, parts: ModelsParts) {
    const { random } = world;
    this.#world = world;
    this.#parts = parts;
    this.#slow = random.pick([0, 0.2, 0.6]);
    const bad = random.pick([0, 0.3, 1]);
    this.#weights = {
      replies: 10,
      "streams slowly": random.next() * 2,
      fails: bad * random.next() * 3,
      hangs: bad * random.next(),
      declines: bad * random.next() * 0.2,
      overruns: bad * random.next() * 0.2,
      "never ends": bad * random.next() * 0.3,
    };
  }

  provider(via: Via): ModelProvider {
    return { complete: (request, signal, onText) => this.#complete(request, signal, { via, onText }) };
  }

  async #complete(
    request: ModelRequest,
    signal: AbortSignal,
    { via, onText }: { via: Via; onText: ((text: string) => void) | undefined },
  ): Promise<ModelAnswer> {
    const { timeline } = this.#world;
    if (signal.aborted) return failedReply("aborted", false);
    this.#parts.left(request, via);
    await timeline.sleep(this.#world.networkMs());
    if (signal.aborted) return failedReply("aborted", false);
    this.#world.note(`model ← ${request.id}#${request.attempt} (${via})`);
    const fate = this.#fate(request, via);
    if (request.model.backgroundMs !== undefined)
      return Promise.race([this.#submitted(request, fate), aborted(signal)]);
    const reply = this.#reply(request, fate, onText);
    if (fate === "never ends") return reply;
    return Promise.race([reply, aborted(signal)]);
  }

  #fate(request: ModelRequest, via: Via): Fate {
    if (this.#parts.ails(request) && this.#world.random.chance(FAILS_AILING)) return "fails";
    const fate = this.#world.random.weighted(this.#world.isCalm ? FAIR : this.#weights);
    return fate === "never ends" && via === "queued" ? "hangs" : fate;
  }

  async #reply(
    request: ModelRequest,
    fate: Fate,
    onText: ((text: string) => void) | undefined,
  ): Promise<ModelReply> {
    const { random, timeline } = this.#world;
    await timeline.sleep(random.int(5, random.chance(this.#slow) ? request.model.timeoutMs : 300));
    if (fate === "streams slowly") {
      for (let chunk = random.int(1, 4); chunk > 0; chunk--) {
        onText?.(`chunk ${chunk} `);
        await timeline.sleep(random.int(1, 3_000));
      }
    }
    return fate === "hangs" || fate === "never ends" ? never() : this.#told(request, fate);
  }

  #told(request: ModelRequest, fate: Exclude<Fate, "hangs" | "never ends">): ModelReply {
    switch (fate) {
      case "fails":
        return this.#failure(request);
      case "declines":
        return { stop: "refusal", parts: [{ type: "refusal", text: "No." }], ...served(usageOf(request)) };
      case "overruns":
        return this.#next(request, { ...usageOf(request), outputTokens: 1_000_000 });
      case "replies":
      case "streams slowly":
        return this.#next(request, usageOf(request));
    }
  }

  /** What hangs may have been taken on, or not. */
  async #submitted(request: ModelRequest, fate: Fate): Promise<ModelAnswer> {
    const { random, timeline } = this.#world;
    await timeline.sleep(random.int(5, 300));
    if (fate === "fails" && random.chance(0.5)) return this.#failure(request);
    const reply = fate === "hangs" || fate === "never ends" ? null : this.#told(request, fate);
    const response = this.#parts.responses.submit(request, reply);
    return reply === null && random.chance(0.5) ? never() : { stop: "submitted", response };
  }

  #failure(request: ModelRequest): ModelReply {
    const { random } = this.#world;
    const [code, retryable] = random.pick(FAILURES);
    const reply = failedReply(code, retryable, random.chance(0.3) ? random.int(1, 4_000) : undefined);
    return code === "cut_off" || code === "malformed" ? { ...reply, usage: usageOf(request) } : reply;
  }

  #next(request: ModelRequest, usage: Usage): ModelReply {
    const plan = this.#parts.planOf(request);
    const calls = plan === undefined ? [] : nextCalls(plan, request.messages);
    if (calls.length === 0)
      return { stop: "end", parts: [{ type: "text", text: plan?.answer ?? "" }], ...served(usage) };
    const parts = calls.map(({ tool, argsText }, i) => ({
      type: "call" as const,
      providerCallId: `${request.id}-${i}`,
      tool,
      argsText,
    }));
    return { stop: "calls", parts: [{ type: "text", text: "Next." }, ...parts], ...served(usage) };
  }
}

/** Insists on what failed, for a while; else goes on with the first turn of the plan that it has not begun. */
function nextCalls(plan: Plan, messages: readonly Message[]): readonly PlannedCall[] {
  const proposed = proposedCalls(messages);
  const told = plan.obeys ? toldDone(messages) : "";
  const isOpen = ({ argsText }: PlannedCall): boolean => !told.includes(argsText);
  const again = failedCalls(plan, messages).filter(
    (call) => isOpen(call) && proposed.filter((args) => args === call.argsText).length <= plan.insistence,
  );
  if (again.length > 0) return again;
  const turn = plan.turns.find((calls) =>
    calls.filter(isOpen).some(({ argsText }) => !proposed.includes(argsText)),
  );
  return (turn ?? []).filter((call) => isOpen(call) && !proposed.includes(call.argsText));
}

function proposedCalls(messages: readonly Message[]): readonly string[] {
  return messages.flatMap((message) =>
    message.role === "assistant"
      ? message.parts.flatMap((part) => (part.type === "call" ? [part.argsText] : []))
      : [],
  );
}

/** What the last results say went wrong, whether or not it can be made good by asking again. */
function failedCalls(plan: Plan, messages: readonly Message[]): readonly PlannedCall[] {
  const results = messages.findLast((message) => message.role === "tool")?.results ?? [];
  const asked = messages.findLast((message) => message.role === "assistant")?.parts ?? [];
  return results.flatMap(({ outcome, providerCallId }) => {
    if (outcome.ok) return [];
    const part = asked.find((p) => p.type === "call" && p.providerCallId === providerCallId);
    const argsText = part?.type === "call" ? part.argsText : "";
    return plan.turns.flat().filter((call) => call.argsText === argsText);
  });
}

/** What the runtime says was carried out before the task was taken back. */
function toldDone(messages: readonly Message[]): string {
  return messages.flatMap((message) => (message.role === "user" ? [message.text] : [])).join("\n");
}

function served(usage: Usage): { usage: Usage; servedBy: string } {
  return { usage, servedBy: "simulated" };
}

function usageOf({ messages, model }: ModelRequest): Usage {
  const inputTokens = Math.ceil(JSON.stringify(messages).length / 4);
  return {
    inputTokens,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: Math.ceil(model.maxOutputTokens / 10),
  };
}

function failedReply(
  code: ModelFailureCode,
  retryable: boolean,
  retryAfterMs?: number,
): Extract<ModelReply, { stop: "failed" }> {
  const after = retryAfterMs === undefined ? {} : { retryAfterMs };
  return { stop: "failed", failure: { code, message: "simulated", retryable, ...after } };
}

function aborted(signal: AbortSignal): Promise<ModelReply> {
  const { promise, resolve } = Promise.withResolvers<ModelReply>();
  const told = (): void =>
    resolve(isTimeout(signal.reason) ? failedReply("timeout", true) : failedReply("aborted", false));
  signal.addEventListener("abort", told, { once: true });
  return promise;
}
