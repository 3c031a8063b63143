import type { Attempt, ErrorCode, ErrorEnvelope, Finding } from "../../src/contracts/outcome.ts";
import type { ToolRequest } from "../../src/contracts/call.ts";
import type { ToolGateway } from "../../src/ports.ts";
import { isTimeout } from "../../src/until-aborted.ts";
import { type Ledger, type Via, refOf } from "./ledger.ts";
import { never } from "./timeline.ts";
import type { World } from "./world.ts";

/** What becomes of one attempt, as the world decides it. */
const FATES = [
  "answers",
  "refuses",
  "turns away",
  "applies, and the answer is lost",
  "is lost on its way",
  "applies, and never answers",
  "never answers",
  "applies, and answers nonsense",
  "never ends",
] as const;
type Fate = (typeof FATES)[number];

const FAIR: Readonly<Record<Fate, number>> = {
  answers: 1,
  refuses: 0,
  "turns away": 0,
  "applies, and the answer is lost": 0,
  "is lost on its way": 0,
  "applies, and never answers": 0,
  "never answers": 0,
  "applies, and answers nonsense": 0,
  "never ends": 0,
};

/** An attempt takes effect within this part of its tool's time-out after it arrived, or never: later, nobody could tell any more. */
const EFFECT_PART_OF_TIMEOUT = 0.8;

/**
 * Tools with a ledger of what they really did. Those whose recovery is `key` honour keys: one effect a key, and later arrivals get
 * the recorded result. The others do each time what they are told.
 */
export class SimulatedTools {
  readonly #world: World;
  readonly #ledger: Ledger;
  readonly #left: (request: ToolRequest, via: Via) => void;
  readonly #weights: Readonly<Record<Fate, number>>;
  readonly #slow: number;
  /** Keys under which a call was refused for good. */
  readonly #refused = new Set<string>();
  /** Keys of which an earlier arrival is still at work. */
  readonly #atWork = new Set<string>();

  constructor(world: World, ledger: Ledger, left: (request: ToolRequest, via: Via) => void) {
    this.#world = world;
    this.#ledger = ledger;
    this.#left = left;
    this.#slow = world.random.pick([0, 0.1, 0.4]);
    const bad = world.random.pick([0, 0.5, 1, 3]);
    const weights: Record<Fate, number> = { ...FAIR, answers: 10 };
    for (const fate of FATES.slice(1)) weights[fate] = bad * world.random.next();
    this.#weights = { ...weights, "never ends": weights["never ends"] / 4 };
  }

  gateway(via: Via): ToolGateway {
    return {
      execute: (request, signal) => this.#execute(request, signal, via),
      readBack: (request, signal) => this.#readBack(request, signal),
    };
  }

  async #execute(request: ToolRequest, signal: AbortSignal, via: Via): Promise<Attempt> {
    const { tool, context } = request;
    const { timeline } = this.#world;
    if (signal.aborted) return unsent(request, "canceled");
    this.#left(request, via);
    const onItsWayMs = this.#world.networkMs();
    await timeline.sleep(onItsWayMs);
    this.#world.note(`tool ← ${context.id}#${context.attempt} ${tool.name} (${via})`);
    const fate = this.#fate(via);
    const work = this.#work(request, fate, onItsWayMs);
    if (signal.aborted) return lost(request, isTimeout(signal.reason) ? "timeout" : "canceled");
    if (fate === "never ends") return work;
    return Promise.race([work, this.#ended(signal, request)]);
  }

  #fate(via: Via): Fate {
    const fate = this.#world.random.weighted(this.#world.isCalm ? FAIR : this.#weights);
    // Only the object itself holds out against an adapter that breaks its promise to end.
    return fate === "never ends" && via === "queued" ? "never answers" : fate;
  }

  /** E2. What a tool does, it does within its time-out, of which the way to it has taken a part. */
  async #work(request: ToolRequest, fate: Fate, onItsWayMs: number): Promise<Attempt> {
    const { random, timeline } = this.#world;
    const { context, tool } = request;
    if (tool.recovery === "key" && this.#atWork.has(context.id)) return lost(request, "conflict");
    const remembered = this.#remembered(request);
    const answer = this.#answer(request, remembered ?? fate);
    const workMs = this.#workMs(tool.timeoutMs - onItsWayMs);
    if (remembered !== null || (!fate.startsWith("applies") && fate !== "answers")) {
      await timeline.sleep(workMs);
      return answer;
    }
    this.#atWork.add(context.id);
    const done = timeline.sleep(workMs).then(() => this.#apply(request));
    // The connection may be lost long before the work is done.
    if (fate === "applies, and the answer is lost") await timeline.sleep(random.int(0, workMs));
    else await done;
    return answer;
  }

  /** Cut off by its deadline, or by its caller: whose word may come too late for an answer that is on its way. */
  #ended(signal: AbortSignal, request: ToolRequest): Promise<Failure> {
    const { random, timeline } = this.#world;
    return new Promise((resolve) => {
      const cut = async (): Promise<void> => {
        const isOver = isTimeout(signal.reason);
        if (!isOver) await timeline.sleep(random.int(0, 2_000));
        resolve(lost(request, isOver ? "timeout" : "canceled"));
      };
      signal.addEventListener("abort", () => void cut(), { once: true });
    });
  }

  #apply(request: ToolRequest): void {
    const { tool, context } = request;
    this.#atWork.delete(context.id);
    if (tool.effect !== "read" && !this.#known(request)) this.#ledger.apply(request);
  }

  /** What a tool that honours keys has said under this one for good: it says that again, in whatever order attempts arrive. */
  #remembered(request: ToolRequest): Fate | null {
    if (this.#known(request)) return "answers";
    return this.#refused.has(request.context.id) ? "refuses" : null;
  }

  #known({ tool, context }: ToolRequest): boolean {
    return tool.recovery === "key" && this.#ledger.has(context.id);
  }

  #answer(request: ToolRequest, fate: Fate): Attempt | Promise<Attempt> {
    switch (fate) {
      case "answers":
        return { kind: "done", output: { ref: refOf(request.args), by: request.context.id } };
      case "refuses":
        if (request.tool.recovery === "key") this.#refused.add(request.context.id);
        return failed("precondition_failed");
      case "turns away":
        return unsent(request, "rate_limited", this.#retryAfter());
      case "applies, and answers nonsense":
        return failed("output_invalid");
      case "applies, and the answer is lost":
      case "is lost on its way":
        return lost(request, "unavailable");
      case "applies, and never answers":
      case "never answers":
      case "never ends":
        return never();
    }
  }

  #retryAfter(): Retry {
    const { random } = this.#world;
    return random.chance(0.5) ? { retryable: true } : { retryable: true, retryAfterMs: random.int(0, 5_000) };
  }

  #workMs(timeoutMs: number): number {
    const { random } = this.#world;
    const atMostMs = Math.floor(timeoutMs * EFFECT_PART_OF_TIMEOUT);
    return random.int(0, random.chance(this.#slow) ? atMostMs : Math.min(atMostMs, 60));
  }

  async #readBack(request: ToolRequest, signal: AbortSignal): Promise<Finding> {
    const { random, timeline, isCalm } = this.#world;
    await timeline.sleep(this.#world.networkMs());
    this.#world.note(`tool ← read back ${request.context.id}`);
    const error = lost(request, "timeout").error;
    if (!isCalm && random.chance(0.05))
      return this.#ended(signal, request).then((): Finding => ({ kind: "untold", error }));
    const happened = this.#ledger.has(request.context.id);
    await timeline.sleep(this.#workMs(request.tool.timeoutMs));
    if (!isCalm && random.chance(0.15)) return { kind: "untold", error };
    return happened
      ? { kind: "happened", output: { ref: refOf(request.args), by: "read-back" } }
      : { kind: "absent" };
  }
}

type Failure = Extract<Attempt, { error: object }>;
type Retry = Pick<ErrorEnvelope, "retryable" | "retryAfterMs">;
const NEVER: Retry = { retryable: false };

function failed(code: ErrorCode, retry: Retry = NEVER): Failure {
  return { kind: "failed", error: { code, message: "simulated", ...retry } };
}

/** No answer came: of a read that is a failure like any other, of a write it says nothing. */
function lost({ tool }: ToolRequest, code: ErrorCode): Failure {
  return { ...failed(code, { retryable: true }), kind: tool.effect === "read" ? "failed" : "unknown" };
}

/** This attempt never came to the tool's work; of an earlier one that is in doubt, that says nothing. */
function unsent(request: ToolRequest, code: ErrorCode, retry: Retry = NEVER): Failure {
  const failure = failed(code, retry);
  return request.context.inDoubt ? { ...failure, kind: lost(request, code).kind } : failure;
}
