/** How many may be at work at a time, and how it is when all places are taken. */
export interface LimiterTerms {
  readonly max: number;
  /** Who waits longer is turned away. */
  readonly waitMsMax: number;
}

/** Someone who asks for a place. `id` is the same each time that the same call asks; `seat` is new each time. */
export interface PlaceAsked {
  readonly seat: string;
  readonly id: string;
  readonly tenant: string;
}

/** A place that was given, or the word to ask again later. `kept`: it may serve further calls of its tenant until its lease ends. */
export type Seating =
  | { readonly seat: string; readonly given: true; readonly kept: boolean }
  | { readonly seat: string; readonly given: false; readonly retryAfterMs: number };

/** A place is lent for so long; who still needs it then says so before. One whose holder is lost is free again after it. */
export const PLACE_LEASE_MS = 5_000;
/** So many of one tenant may wait; its next is turned away at once. Other tenants' lines are no longer for it. */
export const LINE_MAX = 200;
/** Of so many calls and tenants it is remembered when they came, and when they were served. */
export const REMEMBERED_MAX = 1_000;
/** Calls that were turned away keep their rank for so long, should they ask again. */
const RANK_MS = 120_000;
/** What a place is expected to be taken for as long as nothing is known. */
const TAKEN_MS_FIRST = 500;

interface Lent {
  readonly tenant: string;
  readonly sinceMs: number;
  untilMs: number;
}

interface Waiting extends PlaceAsked {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/**
 * Places at something that can serve only so many at a time. Free ones go to the tenant that holds the fewest, and among equals to the
 * one that was served longest ago, so that a tenant that floods waits behind its own; within a tenant, to the call that came first,
 * also when it was turned away meanwhile. Kept in memory only: whoever renews a place after a restart has it again.
 */
export class Limiter {
  readonly #lent = new Map<string, Lent>();
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #rank = new Map<string, number>();
  readonly #servedLast = new Map<string, number>();
  #served = 0;
  #takenMs = TAKEN_MS_FIRST;

  /** Null while it waits: its seating comes from a later call of `seatings`. */
  ask(asked: PlaceAsked, terms: LimiterTerms, nowMs: number): Seating | null {
    this.#endLeases(nowMs);
    if (this.#lent.size < terms.max && this.#waiting.size === 0) return this.#lend(asked, terms, nowMs);
    const line = this.#waiting.get(asked.tenant) ?? [];
    if (line.length >= LINE_MAX || terms.waitMsMax <= 0) return this.#turnAway(asked, terms, nowMs);
    const sinceMs = this.#rank.get(asked.id) ?? nowMs;
    const place = line.findIndex((other) => other.sinceMs > sinceMs);
    line.splice(place < 0 ? line.length : place, 0, { ...asked, sinceMs, untilMs: nowMs + terms.waitMsMax });
    this.#waiting.set(asked.tenant, line);
    return null;
  }

  /** Extends the lease of a place. True if others wait for one, who then get it as soon as it is given back. */
  renew(seat: string, tenant: string, nowMs: number): boolean {
    const lent = this.#lent.get(seat) ?? { tenant, sinceMs: nowMs, untilMs: 0 };
    lent.untilMs = nowMs + PLACE_LEASE_MS;
    this.#lent.set(seat, lent);
    return this.#waiting.size > 0;
  }

  giveBack(seat: string, nowMs: number): void {
    const lent = this.#lent.get(seat);
    if (lent === undefined) return;
    this.#lent.delete(seat);
    this.#takenMs += (nowMs - lent.sinceMs - this.#takenMs) / 8;
  }

  /** Who waits no more: those whose turn has come, and those whose patience has ended. */
  seatings(terms: LimiterTerms, nowMs: number): readonly Seating[] {
    this.#endLeases(nowMs);
    const seatings: Seating[] = this.#overdue(nowMs).map((asked) => this.#turnAway(asked, terms, nowMs));
    while (this.#lent.size < terms.max) {
      const next = this.#takeNext();
      if (next === undefined) break;
      seatings.push(this.#lend(next, terms, nowMs));
    }
    return seatings;
  }

  /** When `seatings` may have something new without anybody giving a place back; Infinity when nobody waits. */
  nextDueMs(): number {
    if (this.#waiting.size === 0) return Infinity;
    const ends = [...this.#lent.values()].map(({ untilMs }) => untilMs);
    const patience = [...this.#waiting.values()].flat().map(({ untilMs }) => untilMs);
    return Math.min(...ends, ...patience);
  }

  get lent(): number {
    return this.#lent.size;
  }

  get waiting(): number {
    return [...this.#waiting.values()].reduce((sum, line) => sum + line.length, 0);
  }

  #lend({ seat, id, tenant }: PlaceAsked, { max }: LimiterTerms, nowMs: number): Seating {
    this.#lent.set(seat, { tenant, sinceMs: nowMs, untilMs: nowMs + PLACE_LEASE_MS });
    this.#rank.delete(id);
    this.#served += 1;
    this.#servedLast.delete(tenant);
    this.#servedLast.set(tenant, this.#served);
    // While less than half is taken, a place that stays with its holder for a moment is missed by nobody.
    return { seat, given: true, kept: this.#waiting.size === 0 && this.#lent.size * 2 <= max };
  }

  #turnAway({ seat, id, tenant }: PlaceAsked, { max }: LimiterTerms, nowMs: number): Seating {
    for (const [old, sinceMs] of this.#rank)
      if (nowMs - sinceMs > RANK_MS || this.#rank.size > REMEMBERED_MAX) this.#rank.delete(old);
    this.#rank.set(id, this.#rank.get(id) ?? nowMs);
    const ahead = this.#waiting.get(tenant)?.length ?? 0;
    return { seat, given: false, retryAfterMs: Math.ceil(((ahead + 1) * this.#takenMs) / max) };
  }

  #overdue(nowMs: number): readonly Waiting[] {
    const over: Waiting[] = [];
    for (const [tenant, line] of this.#waiting) {
      over.push(...line.filter(({ untilMs }) => untilMs <= nowMs));
      this.#keepLine(
        tenant,
        line.filter(({ untilMs }) => untilMs > nowMs),
      );
    }
    return over;
  }

  #takeNext(): Waiting | undefined {
    const held = new Map<string, number>();
    for (const { tenant } of this.#lent.values()) held.set(tenant, (held.get(tenant) ?? 0) + 1);
    const [first] = [...this.#waiting].toSorted(
      ([a], [b]) =>
        (held.get(a) ?? 0) - (held.get(b) ?? 0) ||
        (this.#servedLast.get(a) ?? 0) - (this.#servedLast.get(b) ?? 0),
    );
    if (first === undefined) return undefined;
    const [tenant, line] = first;
    const next = line.shift();
    this.#keepLine(tenant, line);
    return next;
  }

  #keepLine(tenant: string, line: Waiting[]): void {
    if (line.length === 0) this.#waiting.delete(tenant);
    else this.#waiting.set(tenant, line);
  }

  #endLeases(nowMs: number): void {
    for (const [seat, { untilMs }] of this.#lent) if (untilMs <= nowMs) this.#lent.delete(seat);
    const [oldest] = this.#servedLast.size > REMEMBERED_MAX ? this.#servedLast.keys() : [];
    if (oldest !== undefined) this.#servedLast.delete(oldest);
  }
}
