import { DurableObject } from "cloudflare:workers";
import { Limiter, type LimiterTerms, type PlaceAsked, type Seating } from "../src/core/limiter.ts";
import {
  type LeaveAsked,
  type LeaveBack,
  ProviderRate,
  type RateAnswer,
  type RateTerms,
} from "../src/core/provider-rate.ts";
import type { PlacesDoor, RateDoor } from "../src/guards/doors.ts";

/**
 * Guards one thing, which its name says: the places at a tool, a provider, a tenant or an agent, or the rate of a provider. It stores
 * nothing; holders of places renew them, and so restore them after a restart.
 */
export class LimiterObject extends DurableObject<Env> implements PlacesDoor, RateDoor {
  readonly #limiter = new Limiter();
  readonly #rate = new ProviderRate();
  readonly #waiting = new Map<string, (seating: Seating) => void>();
  #terms: LimiterTerms | null = null;
  #timer: { readonly atMs: number; readonly id: ReturnType<typeof setTimeout> } | null = null;

  async takePlace(asked: PlaceAsked, terms: LimiterTerms): Promise<Seating> {
    this.#terms = terms;
    this.#settle();
    const seating = this.#limiter.ask(asked, terms, Date.now());
    if (seating !== null) return seating;
    const { promise, resolve } = Promise.withResolvers<Seating>();
    this.#waiting.set(asked.seat, resolve);
    this.#wake();
    return await promise;
  }

  renewPlace(seat: string, tenant: string): Promise<boolean> {
    return Promise.resolve(this.#limiter.renew(seat, tenant, Date.now()));
  }

  givePlaceBack(seat: string): Promise<void> {
    this.#limiter.giveBack(seat, Date.now());
    this.#settle();
    return Promise.resolve();
  }

  askLeave(asked: LeaveAsked, terms: RateTerms): Promise<RateAnswer> {
    return Promise.resolve(this.#rate.ask(asked, terms, Date.now()));
  }

  giveLeaveBack(back: LeaveBack): Promise<void> {
    this.#rate.giveBack(back, Date.now());
    return Promise.resolve();
  }

  learnBlock(waitMs: number): Promise<void> {
    this.#rate.learn(waitMs, Date.now());
    return Promise.resolve();
  }

  blockedForMs(): Promise<number> {
    return Promise.resolve(this.#rate.blockedForMs(Date.now()));
  }

  /** Answers those whose wait is over. */
  #settle(): void {
    if (this.#terms === null) return;
    for (const seating of this.#limiter.seatings(this.#terms, Date.now())) {
      this.#waiting.get(seating.seat)?.(seating);
      this.#waiting.delete(seating.seat);
    }
    this.#wake();
  }

  #wake(): void {
    const atMs = this.#limiter.nextDueMs();
    if (this.#timer?.atMs === atMs) return;
    if (this.#timer !== null) clearTimeout(this.#timer.id);
    this.#timer = null;
    if (atMs === Infinity) return;
    const due = (): void => {
      this.#timer = null;
      this.#settle();
    };
    this.#timer = { atMs, id: setTimeout(due, Math.max(0, atMs - Date.now())) };
  }
}
