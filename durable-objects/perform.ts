import type { Rights } from "../src/contracts/access.ts";
import type { ModelAnswer, ModelReply } from "../src/contracts/model.ts";
import type { Attempt, ErrorEnvelope, Finding } from "../src/contracts/outcome.ts";
import { CONSUMER_CALLS_MAX, type CallMessage } from "../src/contracts/queue.ts";
import type { NewTask } from "../src/contracts/task.ts";
import { isAging } from "../src/core/authority.ts";
import { childEnd } from "../src/core/delegation.ts";
import type { CoreFunctions } from "../src/core/functions.ts";
import { type AllowanceAsk, answerTo } from "../src/core/task/allowance.ts";
import type { Command, ModelReplied } from "../src/core/task/command.ts";
import type { Effect } from "../src/core/task/effect.ts";
import { modelOf } from "../src/core/task/model-call.ts";
import type { Call, TaskState, Unwanted } from "../src/core/task/state.ts";
import { dropResponse, pollModel } from "./background.ts";
import { answered } from "./claims.ts";
import type { Journey } from "./flights.ts";
import type { Outside } from "./outside.ts";
import type { NotYet } from "./patience.ts";
import { applicantOf, childOf, modelRequest, toolRequest } from "./requests.ts";
import { StreamedOutput } from "./streamed-output.ts";
import type { TaskLog } from "./task-log.ts";

type Inline = Extract<Effect, { kind: "callModel" | "runCall" | "readBack" }>;

/** Carries out effects, and says in a command what each brought. What streams meanwhile is committed as it comes (J1). */
export class Performer {
  readonly #log: TaskLog;
  readonly #outside: Outside;
  readonly #fns: CoreFunctions;
  readonly #output: StreamedOutput;

  constructor(
    { log, outside, fns }: { readonly log: TaskLog; readonly outside: Outside; readonly fns: CoreFunctions },
    commit: (command: Command) => void,
  ) {
    this.#log = log;
    this.#outside = outside;
    this.#fns = fns;
    this.#output = new StreamedOutput(outside.clock, commit);
  }

  /** Text of a model call that is out: it goes to readers as it comes, and to the journal in packed chunks. */
  streamed(of: { readonly call: string; readonly attempt: number }, text: string): void {
    this.#outside.readers.partial(text);
    this.#output.push(of, text);
  }

  /** Before something is decided that ends a model call without its reply: what it has said so far is kept. */
  keepStreamed(): void {
    this.#output.save();
  }

  /** Null when the state has nothing of which the effect could be. */
  journey(effect: Inline): Journey | null {
    const { state } = this.#log;
    if (state === null) return null;
    switch (effect.kind) {
      case "callModel":
        return this.#modelCall(state);
      case "runCall":
        return this.#toolCall(state, effect.call);
      case "readBack":
        return this.#readBack(state, effect.call);
    }
  }

  /** A message that does not get away is sent again by the task's own timer. */
  async enqueue(effects: readonly Extract<Effect, { kind: "enqueue" }>[]): Promise<null> {
    for (const lane of ["fast", "slow", "children"] as const) {
      const messages = this.#messages(effects.filter((effect) => effect.lane === lane));
      if (messages.length > 0) await this.#outside.queue.send(lane, messages).catch(() => undefined);
    }
    return null;
  }

  /** Null when the rights cannot be read now: until they are, a call does not leave. */
  async rights(approvers: readonly string[]): Promise<Command | null> {
    const rights = await this.#readRights(approvers);
    return rights && { type: "rightsRead", rights };
  }

  async #readRights(approvers: readonly string[]): Promise<Rights | null> {
    const order = this.#log.state?.order;
    if (order === undefined) return null;
    const { tenant, keyId } = order;
    return this.#outside.rights.read({ tenant, keyId, approvers }).catch(() => null);
  }

  /** Null when the child cannot be reached now. */
  async endChild(call: Call): Promise<Command | null> {
    const { state } = this.#log;
    const child = state && childOf(state, call, this.#fns);
    if (state === null || child === null) return null;
    const end = await this.#outside.family
      .end(child, `The task ${state.order.task} does not wait for it.`)
      .catch(() => null);
    return end && { type: "childEnded", call: call.id, ...end };
  }

  /** Null when the parent cannot be reached now. */
  async tellParent(): Promise<Command | null> {
    const { state } = this.#log;
    if (state?.phase.kind !== "ended") return null;
    const end = childEnd(state, state.phase.end, this.#fns);
    return await this.#outside.family.tell(state.order, end).then(
      () => ({ type: "parentTold" }),
      () => null,
    );
  }

  /**
   * B1. Null when nobody can be asked: then nothing is let through. A refusal that the task knows already is not told it again. Only one
   * that it waits for is asked about later: otherwise it ends, or goes on as soon as a human has answered.
   */
  async allowance(ask: AllowanceAsk): Promise<Command | NotYet | null> {
    const { state } = this.#log;
    if (state === null) return null;
    const answer = await this.#outside.allowances.answer(applicantOf(state), ask).catch(() => null);
    if (answer === null) return null;
    const { allowance, againInMs } = answer;
    const told = answerTo(ask, allowance);
    if (againInMs === undefined || allowance.refused?.reaction.kind !== "wait") return told;
    const isKnown = JSON.stringify(allowance.refused) === JSON.stringify(state.allowance?.refused);
    return isKnown && told.heard === undefined ? { againInMs } : { againInMs, news: told };
  }

  /** Null when there is no response to look after. */
  async poll(): Promise<Command | NotYet | null> {
    const { state } = this.#log;
    return state && (await pollModel(state, this.#outside));
  }

  drop(unwanted: Unwanted): Promise<Command | null> {
    return dropResponse(unwanted, this.#outside);
  }

  #modelCall(state: TaskState): Journey | null {
    const model = modelOf(state);
    if (model === null) return null;
    const { clock, models, readers } = this.#outside;
    const { id: call, attempt } = model;
    const request = modelRequest(state, model);
    const beganMs = clock.nowMs();
    const { streamed: streams, backgroundMs } = request.model;
    const streamed = streams !== false && backgroundMs === undefined && readers.connected();
    const onText = streamed ? (text: string) => this.streamed({ call, attempt }, text) : undefined;
    const readAuthority = this.#authorityBeside(state);
    const replied = (answer: ModelAnswer): Command => {
      const latencyMs = clock.nowMs() - beganMs;
      return { ...answered({ call, attempt, latencyMs }, answer), ...readAuthority() };
    };
    return {
      work: async (signal) => replied(await models.complete(request, signal, onText)),
      bound: { timeoutMs: request.model.timeoutMs, left: () => replied(TIMED_OUT) },
    };
  }

  /** P1. While the model thinks, what is known of the task's key is made fresh: what it proposes then need not wait for that. */
  #authorityBeside({ authority }: TaskState): () => Pick<ModelReplied, "authority"> {
    const readAtMs = this.#outside.clock.nowMs();
    let read: Pick<ModelReplied, "authority"> = {};
    if (isAging(authority, readAtMs))
      void this.#readRights([]).then((rights) => {
        if (rights !== null) read = { authority: { active: rights.authorityActive, readAtMs } };
      });
    return () => read;
  }

  #toolCall(state: TaskState, call: Call): Journey {
    const { clock, tools } = this.#outside;
    const request = toolRequest(state, call);
    const beganMs = clock.nowMs();
    const settled = (result: Attempt): Command => {
      const latencyMs = clock.nowMs() - beganMs;
      const settlement = { call: call.id, attempt: call.attempt, result, latencyMs };
      return { type: "callsSettled", settlements: [settlement] };
    };
    return {
      work: async (signal) => settled(await tools.execute(request, signal)),
      bound: {
        timeoutMs: request.tool.timeoutMs,
        left: () => settled({ kind: "unknown", error: TOOL_TIMED_OUT }),
      },
    };
  }

  #readBack(state: TaskState, call: Call): Journey {
    const child = childOf(state, call, this.#fns);
    if (child !== null) return { work: () => this.#lookAfter(child, call) };
    const request = toolRequest(state, call);
    const ended = (finding: Finding): Command => {
      return { type: "readBackEnded", call: call.id, attempt: call.attempt, finding };
    };
    return {
      work: async (signal) => ended(await this.#outside.tools.readBack(request, signal)),
      bound: {
        timeoutMs: request.tool.timeoutMs,
        left: () => ended({ kind: "untold", error: TOOL_TIMED_OUT }),
      },
    };
  }

  /** A child that cannot be asked now is taken to be alive: it is asked again later. */
  async #lookAfter(child: NewTask, { id: call, attempt }: Call): Promise<Command> {
    const found = await this.#outside.family.look(child).catch(() => "alive" as const);
    if (found !== null && found !== "alive") return { type: "childEnded", call, ...found };
    return { type: "readBackEnded", call, attempt, finding: { kind: found === null ? "absent" : "pending" } };
  }

  /** As many claims share a message, and so its cost, as a consumer carries out at once. */
  #messages(effects: readonly Extract<Effect, { kind: "enqueue" }>[]): readonly CallMessage[] {
    const order = this.#log.state?.order;
    if (order === undefined) return [];
    const { tenant, task, traceparent } = order;
    return Array.from({ length: Math.ceil(effects.length / CONSUMER_CALLS_MAX) }, (_, i): CallMessage => ({
      v: 1,
      tenant,
      task,
      claims: effects
        .slice(i * CONSUMER_CALLS_MAX, (i + 1) * CONSUMER_CALLS_MAX)
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
