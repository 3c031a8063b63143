import { DurableObject } from "cloudflare:workers";
import { FREE, type MutexState, release, take } from "../src/core/mutex.ts";
import type { MutexAnswer, MutexDoor } from "../src/guards/doors.ts";
import { MutexStore } from "../src/storage/mutex-store.ts";
import { sqlOf } from "./platform.ts";

interface Waiting {
  readonly call: string;
  readonly leaseMs: number;
  readonly untilMs: number;
  readonly answer: (answer: MutexAnswer) => void;
}

/** More than so many do not wait for one resource. */
const WAITING_MAX = 1_000;

/**
 * One resource of one tenant. Who holds it and how high its fence is are durable before anybody is told: a restart frees nothing, and
 * takes no fence back. Those who wait are served in the order in which they came; they wait in memory only, and ask again.
 */
export class MutexObject extends DurableObject<Env> implements MutexDoor {
  readonly #store: MutexStore;
  #state: MutexState;
  #waiting: Waiting[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new MutexStore(sqlOf(ctx.storage));
    this.#state = this.#store.read() ?? FREE;
  }

  async take(call: string, { leaseMs, waitMs }: { leaseMs: number; waitMs: number }): Promise<MutexAnswer> {
    this.#serve();
    const nowMs = Date.now();
    if (this.#waiting.length === 0 || this.#state.holder?.call === call) {
      const answer = this.#tryFor(call, leaseMs);
      if (answer.taken || waitMs <= 0) return answer;
    } else if (waitMs <= 0 || this.#waiting.length >= WAITING_MAX) return this.#full(nowMs);
    const { promise, resolve } = Promise.withResolvers<MutexAnswer>();
    this.#waiting.push({ call, leaseMs, untilMs: nowMs + waitMs, answer: resolve });
    this.#wake();
    return await promise;
  }

  release(fence: number): Promise<void> {
    const state = release(this.#state, fence);
    if (state !== null) this.#keep(state);
    this.#serve();
    return Promise.resolve();
  }

  #tryFor(call: string, leaseMs: number): MutexAnswer {
    const taken = take(this.#state, call, { nowMs: Date.now(), leaseMs });
    if (!taken.taken) return taken;
    this.#keep(taken.state);
    return { taken: true, fence: taken.fence };
  }

  #full(nowMs: number): MutexAnswer {
    return { taken: false, freeInMs: Math.max(0, (this.#state.holder?.untilMs ?? nowMs) - nowMs) };
  }

  #serve(): void {
    const nowMs = Date.now();
    const over = this.#waiting.filter(({ untilMs }) => untilMs <= nowMs);
    this.#waiting = this.#waiting.filter(({ untilMs }) => untilMs > nowMs);
    for (const { answer } of over) answer(this.#full(nowMs));
    const [first] = this.#waiting;
    if (first !== undefined) {
      const answer = this.#tryFor(first.call, first.leaseMs);
      if (answer.taken) {
        this.#waiting.shift();
        first.answer(answer);
      }
    }
    this.#wake();
  }

  #keep(state: MutexState): void {
    this.#store.write(state);
    this.#state = state;
  }

  /** When someone's patience ends, or the lease of who holds it. */
  #wake(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#waiting.length === 0) return;
    const dueMs = Math.min(
      this.#state.holder?.untilMs ?? Infinity,
      ...this.#waiting.map(({ untilMs }) => untilMs),
    );
    this.#timer = setTimeout(() => this.#serve(), Math.max(1, dueMs - Date.now()));
  }
}
