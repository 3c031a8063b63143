import type { ModelReply, ModelRequest, PinnedModel } from "../../src/contracts/model.ts";
import { decodeBody } from "../../src/core/task/commit.ts";
import type { BackgroundModels, BackgroundResponse, Working } from "../../src/model-ports.ts";
import { Random } from "./random.ts";
import type { Report, Witness } from "./checks/witness.ts";
import type { World } from "./world.ts";

/** The share of tasks whose models work in the background. */
const IN_BACKGROUND = 0.2;
/** So long a provider keeps what is done. */
const KEPT_MS = 600_000;

/** A task's model, which may work in the background: that follows from a key of the task's, in hexadecimal. */
export function inBackground(model: PinnedModel, key: string): PinnedModel {
  const random = new Random(Number.parseInt(key.slice(16, 24), 16));
  return random.chance(IN_BACKGROUND)
    ? { ...model, backgroundMs: random.pick([5_000, 120_000, 3_600_000]) }
    : model;
}

interface Response {
  readonly id: string;
  readonly request: ModelRequest;
  readonly sinceMs: number;
  /** Infinity: it never is. */
  readonly doneAtMs: number;
  readonly reply: ModelReply;
  told: boolean;
  dropped: boolean;
}

/** What a provider works at in the background, in one world. It stands outside, and sees what it is made to do twice. */
export class SimulatedResponses implements BackgroundModels {
  readonly #world: World;
  readonly #witnessOf: (task: string) => Witness | undefined;
  readonly #report: Report;
  readonly #responses = new Map<string, Response>();

  constructor(world: World, witnessOf: (task: string) => Witness | undefined, report: Report) {
    this.#world = world;
    this.#witnessOf = witnessOf;
    this.#report = report;
  }

  /** Takes a call on. Whoever has its response on record already, and has not been told how it ended, should not have asked. */
  submit(request: ModelRequest, reply: ModelReply | null): string {
    const { random, timeline } = this.#world;
    const { backgroundMs = 0 } = request.model;
    const tookMs = random.int(10, random.pick([1_000, 30_000, Math.ceil(backgroundMs * 1.2)]));
    for (const earlier of this.#responses.values())
      if (isEarlierThan(request, earlier.request) && this.#isAwaited(earlier))
        this.#report("response", `${request.id} is asked again while ${earlier.id} is worked at`);
    const id = `resp_${this.#responses.size}`;
    const sinceMs = timeline.nowMs;
    this.#responses.set(id, {
      id,
      request,
      sinceMs,
      doneAtMs: reply === null ? Infinity : sinceMs + tookMs,
      reply: reply ?? CANCELED,
      told: false,
      dropped: false,
    });
    return id;
  }

  async poll({ response }: BackgroundResponse): Promise<ModelReply | Working> {
    const { timeline, random, isCalm } = this.#world;
    await timeline.sleep(this.#world.networkMs());
    const known = this.#responses.get(response);
    if (!isCalm && random.chance(0.2)) return { stop: "working" };
    if (known === undefined || timeline.nowMs > known.doneAtMs + KEPT_MS) return GONE;
    if (known.dropped) return CANCELED;
    if (timeline.nowMs < known.doneAtMs)
      return random.chance(0.3) ? { stop: "working", againInMs: random.int(0, 60_000) } : { stop: "working" };
    known.told = true;
    return known.reply;
  }

  async drop(_provider: PinnedModel["provider"], response: string): Promise<void> {
    const { timeline, random, isCalm } = this.#world;
    await timeline.sleep(this.#world.networkMs());
    if (!isCalm && random.chance(0.3)) throw new Error("the provider cannot be told");
    const known = this.#responses.get(response);
    if (known !== undefined) known.dropped = true;
    await timeline.sleep(this.#world.networkMs());
    if (!isCalm && random.chance(0.2)) throw new Error("the provider's answer was lost");
  }

  /** Nobody is left to work at what nobody waits for. */
  conclude(): void {
    for (const response of this.#responses.values())
      if (this.#isAwaited(response))
        this.#report("response", `${response.id} of ${response.request.id} is left to itself`);
  }

  /** Its task knows it, and its time is not over; it is neither told nor dropped. */
  #isAwaited({ id, request, sinceMs, told, dropped }: Response): boolean {
    if (told || dropped) return false;
    const record = (this.#witnessOf(request.task)?.rows ?? []).find((row) => {
      const { command } = decodeBody(row);
      return command.type === "modelSubmitted" && command.response === id;
    });
    if (record === undefined) return false;
    const submitted = decodeBody(record).events.find(({ type }) => type === "modelCallSubmitted");
    const untilMs = submitted?.type === "modelCallSubmitted" ? submitted.untilMs : sinceMs;
    return this.#world.timeline.nowMs < untilMs;
  }
}

/** What a dead object sent may arrive after what its next life sends. */
function isEarlierThan(request: ModelRequest, other: ModelRequest): boolean {
  return other.id === request.id && other.attempt < request.attempt;
}

const GONE: ModelReply = {
  stop: "failed",
  failure: { code: "unavailable", message: "It is not kept any more.", retryable: true },
};
const CANCELED: ModelReply = {
  stop: "failed",
  failure: { code: "malformed", message: "It was canceled.", retryable: true },
};
