import type { LimiterTerms, PlaceAsked, Seating } from "../core/limiter.ts";
import type { LeaveAsked, LeaveBack, RateAnswer, RateTerms } from "../core/provider-rate.ts";

/**
 * Places at something that serves only so many at a time. Kept in memory: after a restart of the guard, they are as its holders say
 * when they renew.
 */
export interface PlacesDoor {
  /** Waits for a place as long as the terms allow. */
  takePlace(asked: PlaceAsked, terms: LimiterTerms): Promise<Seating>;
  /** True when others wait. */
  renewPlace(seat: string, tenant: string): Promise<boolean>;
  givePlaceBack(seat: string): Promise<void>;
}

/** One provider's limits, shared by all who call it. */
export interface RateDoor {
  askLeave(asked: LeaveAsked, terms: RateTerms): Promise<RateAnswer>;
  giveLeaveBack(back: LeaveBack): Promise<void>;
  /** The provider asked to be left alone for so long. */
  learnBlock(waitMs: number): Promise<void>;
  /** For how long the provider is to be left alone still. */
  blockedForMs(): Promise<number>;
}

/** One resource of a tenant that one call at a time may use. Durable: who holds it, and how high its fence is. */
export interface MutexDoor {
  /** Waits for it so long; what is taken ends with its lease, if nobody gives it back. */
  take(call: string, of: { leaseMs: number; waitMs: number }): Promise<MutexAnswer>;
  release(fence: number): Promise<void>;
}

export type MutexAnswer =
  | { readonly taken: true; readonly fence: number }
  | { readonly taken: false; readonly freeInMs: number };
