import type { CallMessage } from "../../src/contracts/queue.ts";
import type { NewTask } from "../../src/contracts/task.ts";
import type { ToolRequest } from "../../src/contracts/call.ts";
import type { ClaimedEffect, Settlement } from "../../src/ports.ts";
import {
  type ConsumerDeps,
  type ConsumerDoor,
  type Delivery,
  consumeCalls,
} from "../../src/queue/consumer.ts";
import { Timeline, never } from "../simulation/timeline.ts";
import { virtualTimeouts } from "../simulation/virtual-timeouts.ts";
import { viewOf } from "../api/fixtures.ts";
import { TOOLS } from "../core/fixtures/tools.ts";
import { requestFor } from "../tools/calls.ts";

export const TIMEOUT_MS = 30_000;
/** What a lease has beyond the time-out of its call. */
const SLACK_MS = 15_000;

/** A message for calls of one task. */
type Sent = readonly [task: string, calls: readonly string[]];

/** How the tools of these tasks behave: how long a call takes; Infinity: until it is told to stop. */
export type Takes = (call: string) => number;

/** A consumer in virtual time, in front of tasks that let everything through, and write down when something happens. */
export class Tasks {
  readonly timeline = new Timeline();
  readonly #beganMs = this.timeline.nowMs;
  /** What happened, and after how many milliseconds. */
  readonly log: string[] = [];
  readonly settled: { readonly atMs: number; readonly settlements: readonly Settlement[] }[] = [];
  readonly ended = new Set<string>();
  /** Tasks that cannot be reached, and tasks that are made already by another request. */
  readonly away = new Set<string>();
  readonly refuses = new Set<string>();
  /** What is to be made for a call, where that is a child. */
  readonly children = new Map<string, NewTask>();
  readonly #takes: Takes;

  constructor(takes: Takes) {
    this.#takes = takes;
  }

  get nowMs(): number {
    return this.timeline.nowMs - this.#beganMs;
  }

  /** Delivers one batch, and lets time pass until all of it is over. */
  async consume(...messages: readonly (Sent | object)[]): Promise<void> {
    const restore = virtualTimeouts(this.timeline);
    try {
      const deliveries = messages.map((message, i) => this.#delivery(message, i));
      void consumeCalls(deliveries, this.#deps()).then(() => this.#note("over"));
      await this.timeline.run(10_000);
    } finally {
      restore();
    }
  }

  at(ms: number, what: () => void): void {
    this.timeline.after(ms, what);
  }

  #delivery(message: Sent | object, i: number): Delivery {
    return {
      body: isSent(message) ? messageOf(...message) : message,
      ack: () => this.#note(`ack ${i}`),
      retry: (options) => this.#note(`retry ${i} in ${options?.delaySeconds ?? 0} s`),
    };
  }

  #deps(): ConsumerDeps {
    return {
      door: (_tenant, task) => this.#door(task),
      models: { complete: () => never() },
      tools: { execute: (request, signal) => this.#execute(request, signal), readBack: () => never() },
      nowMs: () => this.timeline.nowMs,
      ended: async (_tenant, task, signal) => {
        this.#note(`listens ${task}`);
        while (!this.ended.has(task) && !signal.aborted) await this.timeline.sleep(100);
        return this.ended.has(task);
      },
    };
  }

  #door(task: string): ConsumerDoor {
    if (task === "") throw new TypeError("A message names a task that cannot be.");
    return {
      claim: async (claims) => {
        if (this.away.has(task)) throw new Error("not now");
        this.#note(`claim ${claims.length} of ${task}`);
        return claims.map(({ id }, i) => this.#claimed(task, id, i));
      },
      settle: async (settlements) => {
        this.#note(`settle ${settlements.length} of ${task}`);
        this.settled.push({ atMs: this.nowMs, settlements });
      },
      create: async (order) => await this.#make(order),
      giveUp: () => never(),
      partial: () => never(),
      putArtifact: () => never(),
    };
  }

  async #make(order: NewTask): ReturnType<ConsumerDoor["create"]> {
    this.#note(`make ${order.task}`);
    if (this.away.has(order.task)) throw new Error("not now");
    return this.refuses.has(order.task)
      ? { ok: false, code: "idempotency_conflict", detail: "Another one." }
      : { ok: true, value: { created: true, view: viewOf(order) } };
  }

  #claimed(task: string, id: string, i: number): ClaimedEffect {
    const child = this.children.get(id);
    if (child !== undefined)
      return { kind: "child", id, attempt: 1, leaseUntilMs: this.timeline.nowMs + 300_000, order: child };
    const request = requestFor({ ...TOOLS.findCustomer, timeoutMs: TIMEOUT_MS }, {}, { id, task });
    const leaseUntilMs = this.timeline.nowMs + Math.ceil((i * TIMEOUT_MS) / 6) + TIMEOUT_MS + SLACK_MS;
    return { kind: "tool", id, attempt: 1, leaseUntilMs, streamed: false, request };
  }

  async #execute({ context }: ToolRequest, signal: AbortSignal) {
    const { promise, resolve } = Promise.withResolvers<"done" | "stopped">();
    const takes = this.#takes(context.id);
    if (takes !== Infinity) this.timeline.after(takes, () => resolve("done"));
    signal.addEventListener("abort", () => resolve("stopped"));
    const how = await promise;
    this.#note(`${how} ${context.id}`);
    if (how === "done") return { kind: "done", output: null } as const;
    const error = { code: "timeout", message: "Stopped.", retryable: true } as const;
    return { kind: "unknown", error } as const;
  }

  #note(what: string): void {
    this.log.push(`${this.nowMs}: ${what}`);
  }
}

function isSent(message: Sent | object): message is Sent {
  return Array.isArray(message);
}

function messageOf(task: string, calls: readonly string[]): CallMessage {
  const claims = calls.map((id) => ({ id, attempt: 1 }));
  return { v: 1, tenant: "acme", task, claims, traceparent: "00-0-0-00" };
}
