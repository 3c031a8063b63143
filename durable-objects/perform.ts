import type { Rights } from "../src/contracts/access.ts";
import type { ModelReply } from "../src/contracts/model.ts";
import type { ErrorEnvelope } from "../src/contracts/outcome.ts";
import type { CallMessage } from "../src/contracts/queue.ts";
import type { Command } from "../src/core/task/command.ts";
import type { Effect } from "../src/core/task/effect.ts";
import { modelOf } from "../src/core/task/model-call.ts";
import type { Call } from "../src/core/task/state.ts";
import type { Outside } from "./outside.ts";
import { modelRequest, toolRequest } from "./requests.ts";
import type { TaskLog } from "./task-log.ts";

/** A queue's consumer has six connections: so many claims share a message, and so its cost. */
const CLAIMS_PER_MESSAGE = 6;
/** Streamed output is committed in packed chunks, at most this often. */
const STREAM_CHECKPOINT_MS = 2_000;
/** What an adapter may take to end beyond the time-out that it enforces itself. */
const GRACE_MS = 5_000;

type Inline = Extract<Effect, { kind: "callModel" | "runCall" | "readBack" }>;

/** Carries out effects, each once, and commits what it brings before anything else is awaited (J1). */
export class Performer {
  readonly #log: TaskLog;
  readonly #outside: Outside;
  readonly #commit: (command: Command) => void;

  constructor(log: TaskLog, outside: Outside, commit: (command: Command) => void) {
    this.#log = log;
    this.#outside = outside;
    this.#commit = commit;
  }

  perform(effect: Inline, signal: AbortSignal): Promise<void> {
    switch (effect.kind) {
      case "callModel":
        return this.#callModel(effect, signal);
      case "runCall":
        return this.#runCall(effect.call, signal);
      case "readBack":
        return this.#readBack(effect.call, signal);
    }
  }

  /** A message that does not get away is sent again by the task's own timer. */
  async enqueue(effects: readonly Extract<Effect, { kind: "enqueue" }>[]): Promise<void> {
    for (const lane of ["fast", "slow"] as const) {
      const messages = this.#messages(effects.filter((effect) => effect.lane === lane));
      if (messages.length > 0) await this.#outside.queue.send(lane, messages).catch(() => undefined);
    }
  }

  /** Null when the rights cannot be read now. */
  async readRights(approvers: readonly string[]): Promise<Rights | null> {
    const order = this.#log.state?.order;
    if (order === undefined) return null;
    const { tenant, keyId } = order;
    return this.#outside.rights.read({ tenant, keyId, approvers }).catch(() => null);
  }

  async #callModel(
    { call, attempt }: Extract<Effect, { kind: "callModel" }>,
    signal: AbortSignal,
  ): Promise<void> {
    const { state } = this.#log;
    const model = state === null ? null : modelOf(state);
    if (state === null || model === null) return;
    const request = modelRequest(state, model);
    const { clock, models, readers } = this.#outside;
    const beganMs = clock.nowMs();
    const streamed = request.model.streamed !== false && readers.connected();
    const onText = streamed ? this.#streamTo(call, attempt) : undefined;
    const reply = await this.#bounded(state.order.model.timeoutMs, signal, {
      work: (bounded) => models.complete(request, bounded, onText),
      onTimeout: () => TIMED_OUT,
    });
    this.#commit({ type: "modelReplied", call, attempt, reply, latencyMs: clock.nowMs() - beganMs });
  }

  async #runCall(call: Call, signal: AbortSignal): Promise<void> {
    const { state } = this.#log;
    if (state === null) return;
    const { clock, tools } = this.#outside;
    const request = toolRequest(state, call);
    const beganMs = clock.nowMs();
    const result = await this.#bounded(request.tool.timeoutMs, signal, {
      work: (bounded) => tools.execute(request, bounded),
      onTimeout: () => ({ kind: "unknown", error: TOOL_TIMED_OUT }) as const,
    });
    const latencyMs = clock.nowMs() - beganMs;
    this.#commit({
      type: "callsSettled",
      settlements: [{ call: call.id, attempt: call.attempt, result, latencyMs }],
    });
  }

  async #readBack(call: Call, signal: AbortSignal): Promise<void> {
    const { state } = this.#log;
    if (state === null) return;
    const request = toolRequest(state, call);
    const finding = await this.#bounded(request.tool.timeoutMs, signal, {
      work: (bounded) => this.#outside.tools.readBack(request, bounded),
      onTimeout: () => ({ kind: "untold", error: TOOL_TIMED_OUT }) as const,
    });
    this.#commit({ type: "readBackEnded", call: call.id, attempt: call.attempt, finding });
  }

  /** Text goes to readers as it comes, and to the journal in packed chunks. */
  #streamTo(call: string, attempt: number): (text: string) => void {
    let unsaved = "";
    let savedMs = this.#outside.clock.nowMs();
    return (text) => {
      this.#outside.readers.partial(text);
      unsaved += text;
      const nowMs = this.#outside.clock.nowMs();
      if (nowMs - savedMs < STREAM_CHECKPOINT_MS) return;
      this.#commit({ type: "outputStreamed", call, attempt, text: unsaved });
      unsaved = "";
      savedMs = nowMs;
    };
  }

  /** Everything ends: adapters keep their own time-outs, and one that does not is left behind. */
  #bounded<T>(
    timeoutMs: number,
    signal: AbortSignal,
    of: { work: (bounded: AbortSignal) => Promise<T>; onTimeout: () => T },
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const callOff = this.#outside.timer.after(timeoutMs + GRACE_MS, () => resolve(of.onTimeout()));
      of.work(signal).then(resolve, reject).finally(callOff);
    });
  }

  #messages(effects: readonly Extract<Effect, { kind: "enqueue" }>[]): readonly CallMessage[] {
    const order = this.#log.state?.order;
    if (order === undefined) return [];
    const { tenant, task, traceparent } = order;
    return Array.from({ length: Math.ceil(effects.length / CLAIMS_PER_MESSAGE) }, (_, i): CallMessage => ({
      v: 1,
      tenant,
      task,
      claims: effects
        .slice(i * CLAIMS_PER_MESSAGE, (i + 1) * CLAIMS_PER_MESSAGE)
        .map(({ call: id, attempt }) => ({ id, attempt })),
      traceparent,
    }));
  }
}

const TIMED_OUT: ModelReply = {
  stop: "failed",
  failure: { code: "timeout", message: "The model did not answer in time.", retryable: true },
};
const TOOL_TIMED_OUT: ErrorEnvelope = {
  code: "timeout",
  message: "The tool did not answer in time.",
  retryable: true,
};
