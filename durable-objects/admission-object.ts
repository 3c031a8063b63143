import { DurableObject } from "cloudflare:workers";
import { Admission, type Candidate } from "../src/core/admission.ts";
import type { AdmissionDoor } from "../src/guards/allowance-doors.ts";
import { AdmissionStore } from "../src/storage/admission-store.ts";
import { sqlOf } from "./platform.ts";
import { pokeTask } from "./poke.ts";

const SWEEP_MS = 3_600_000;

/**
 * Places among the tasks at work. Who has one is durable; those in line are known in memory only: they ask again, and are poked when
 * their turn comes.
 */
export class AdmissionObject extends DurableObject<Env> implements AdmissionDoor {
  readonly #store: AdmissionStore;
  readonly #admission: Admission;
  #sweptAtMs = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new AdmissionStore(sqlOf(ctx.storage));
    this.#admission = new Admission(this.#store.read());
  }

  enter(one: Candidate, max: number): Promise<boolean> {
    const nowMs = Date.now();
    this.#sweep(max, nowMs);
    const before = this.#admission.placeOf(one.task);
    const entered = this.#admission.enter(one, max, nowMs);
    const place = this.#admission.placeOf(one.task);
    if (place !== null && place.n !== before?.n) this.#store.enter(one.task, place);
    return Promise.resolve(entered);
  }

  leave(task: string, n: number, max: number): Promise<void> {
    if (this.#admission.leave(task, n)) this.#store.leave(task);
    this.#pokeNext(max);
    return Promise.resolve();
  }

  stepBack(task: string, seat: string, max: number): Promise<void> {
    if (this.#admission.stepBack(task, seat)) this.#store.leave(task);
    this.#pokeNext(max);
    return Promise.resolve();
  }

  #sweep(max: number, nowMs: number): void {
    if (nowMs - this.#sweptAtMs < SWEEP_MS) return;
    this.#sweptAtMs = nowMs;
    const gone = this.#admission.sweep(nowMs);
    for (const task of gone) this.#store.leave(task);
    if (gone.length > 0) this.#pokeNext(max);
  }

  #pokeNext(max: number): void {
    for (const next of this.#admission.next(max, Date.now()))
      this.ctx.waitUntil(pokeTask(this.env, next.tenant, next.task));
  }
}
