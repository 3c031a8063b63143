import { placeAgainAtMs } from "./retry.ts";

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
  /** How often in a row it found no place: by that, it comes again. */
  readonly turnedAway: number;
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
/** What a place is expected to be taken for as long as nothing is known. */
const TAKEN_MS_FIRST = 500;
/** So long before a call that was turned away is to come again, and after it, a place that it is next for is left free. */
const AHEAD_MS_MAX = 5_000;
const LATE_MS = 5_000;

interface Lent {
  readonly tenant: string;
  readonly sinceMs: number;
  untilMs: number;
}

interface Waiting extends PlaceAsked {
  readonly sinceMs: number;
  readonly untilMs: number;
}

/** A call that was turned away, when it came first, and when it is expected again. */
interface Absent {
  readonly tenant: string;
  readonly sinceMs: number;
  readonly againAtMs: number;
  /** It can wait when it comes again, and needs no place kept for it. */
  readonly waits: boolean;
}

/** Whose turn it is: one that waits, one that is about to come again, or the one that asks now. */
type Standing =
  | { readonly kind: "waits"; readonly of: Waiting; readonly line: Waiting[] }
  | { readonly kind: "absent" | "asks"; readonly of: { readonly tenant: string; readonly sinceMs: number } };

/**
 * Places at something that can serve only so many at a time. Free ones go to the tenant that holds the fewest, and among equals to the
 * one that was served longest ago, so that a tenant that floods waits behind its own; within a tenant, to the call that came first,
 * also when it was turned away meanwhile. One that does not wait here, since it comes from a queue, has its turn all the same: when it
 * is about to come again, a free place is left to it. Kept in memory only: whoever renews a place after a restart has it again.
 */
export class Limiter {
  readonly #lent = new Map<string, Lent>();
  readonly #waiting = new Map<string, Waiting[]>();
  /** By the call's id. */
  readonly #absent = new Map<string, Absent>();
  readonly #servedLast = new Map<string, number>();
  #served = 0;
  #takenMs = TAKEN_MS_FIRST;

  /** Null while it waits: its seating comes from a later call of `seatings`. */
  ask(asked: PlaceAsked, terms: LimiterTerms, nowMs: number): Seating | null {
    this.#endLeases(nowMs);
    const sinceMs = this.#absent.get(asked.id)?.sinceMs ?? nowMs;
    this.#absent.delete(asked.id);
    const { tenant } = asked;
    const turns = this.#turns(terms, nowMs, { kind: "asks", of: { tenant, sinceMs } });
    if (turns.some(({ kind }) => kind === "asks")) return this.#lend(asked, terms, nowMs);
    const line = this.#waiting.get(tenant) ?? [];
    if (line.length >= LINE_MAX || terms.waitMsMax <= 0)
      return this.#turnAway({ ...asked, sinceMs }, terms, nowMs);
    const place = line.findIndex((other) => other.sinceMs > sinceMs);
    line.splice(place < 0 ? line.length : place, 0, { ...asked, sinceMs, untilMs: nowMs + terms.waitMsMax });
    this.#waiting.set(tenant, line);
    return null;
  }

  /** Extends the lease of a place. True if others want one, who then get it as soon as it is given back. */
  renew(seat: string, tenant: string, nowMs: number): boolean {
    const lent = this.#lent.get(seat) ?? { tenant, sinceMs: nowMs, untilMs: 0 };
    lent.untilMs = nowMs + PLACE_LEASE_MS;
    this.#lent.set(seat, lent);
    return this.#isWanted;
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
    // Whoever waited may wait again, whatever the one may who asked last.
    const waits = { ...terms, waitMsMax: Infinity };
    const overdue = this.#overdue(nowMs).map((asked) => this.#turnAway(asked, waits, nowMs));
    const lent = this.#turns(terms, nowMs).flatMap((turn) =>
      turn.kind === "waits" ? [this.#seat(turn, terms, nowMs)] : [],
    );
    return [...overdue, ...lent];
  }

  /** When `seatings` may have something new without anybody giving a place back; Infinity when nobody waits. */
  nextDueMs(): number {
    if (this.#waiting.size === 0) return Infinity;
    const ends = [...this.#lent.values()].map(({ untilMs }) => untilMs);
    const patience = [...this.#waiting.values()].flat().map(({ untilMs }) => untilMs);
    const missed = [...this.#absent.values()].map(({ againAtMs }) => againAtMs + LATE_MS);
    return Math.min(...ends, ...patience, ...missed);
  }

  get lent(): number {
    return this.#lent.size;
  }

  get waiting(): number {
    return [...this.#waiting.values()].reduce((sum, line) => sum + line.length, 0);
  }

  get #isWanted(): boolean {
    return this.#waiting.size > 0 || this.#absent.size > 0;
  }

  #seat({ of, line }: Extract<Standing, { kind: "waits" }>, terms: LimiterTerms, nowMs: number): Seating {
    line.splice(line.indexOf(of), 1);
    this.#keepLine(of.tenant, line);
    return this.#lend(of, terms, nowMs);
  }

  #lend({ seat, tenant }: PlaceAsked, { max }: LimiterTerms, nowMs: number): Seating {
    this.#lent.set(seat, { tenant, sinceMs: nowMs, untilMs: nowMs + PLACE_LEASE_MS });
    this.#served += 1;
    this.#servedLast.delete(tenant);
    this.#servedLast.set(tenant, this.#served);
    // While less than half is taken, a place that stays with its holder for a moment is missed by nobody.
    return { seat, given: true, kept: !this.#isWanted && this.#lent.size * 2 <= max };
  }

  #turnAway(asked: Omit<Waiting, "untilMs">, { max, waitMsMax }: LimiterTerms, nowMs: number): Seating {
    const { seat, id, tenant, sinceMs } = asked;
    const ahead = this.#waiting.get(tenant)?.length ?? 0;
    const retryAfterMs = Math.ceil(((ahead + 1) * this.#takenMs) / max);
    const againAtMs = placeAgainAtMs(asked, nowMs, retryAfterMs);
    if (againAtMs !== null) this.#expect(id, { tenant, sinceMs, againAtMs, waits: waitMsMax > 0 });
    return { seat, given: false, retryAfterMs };
  }

  #expect(id: string, absent: Absent): void {
    if (this.#absent.size >= REMEMBERED_MAX) this.#forgetOne();
    this.#absent.set(id, absent);
  }

  /** The oldest of the tenant that has most of them: one that floods drives out only its own. */
  #forgetOne(): void {
    const byTenant = Map.groupBy(this.#absent, ([, { tenant }]) => tenant).values();
    const mostFirst = [...byTenant].toSorted((a, b) => b.length - a.length);
    for (const [id] of mostFirst.flat().slice(0, 1)) this.#absent.delete(id);
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

  /** Whose turns the free places are. */
  #turns({ max }: LimiterTerms, nowMs: number, asks?: Standing): readonly Standing[] {
    const free = max - this.#lent.size;
    if (free <= 0) return [];
    if (asks !== undefined && !this.#isWanted) return [asks];
    const held = new Map<string, number>();
    for (const { tenant } of this.#lent.values()) held.set(tenant, (held.get(tenant) ?? 0) + 1);
    const lines = [...Map.groupBy(this.#standing(max, nowMs, asks), ({ of }) => of.tenant)].map(
      ([tenant, line]) => ({ tenant, line: line.toSorted((a, b) => a.of.sinceMs - b.of.sinceMs) }),
    );
    const turns: Standing[] = [];
    while (turns.length < free) {
      const [first] = lines
        .filter(({ line }) => line.length > 0)
        .toSorted(
          ({ tenant: a }, { tenant: b }) =>
            (held.get(a) ?? 0) - (held.get(b) ?? 0) ||
            (this.#servedLast.get(a) ?? 0) - (this.#servedLast.get(b) ?? 0),
        );
      if (first === undefined) break;
      turns.push(...first.line.splice(0, 1));
      held.set(first.tenant, (held.get(first.tenant) ?? 0) + 1);
    }
    return turns;
  }

  /** All who want a place now: those who wait, those who are about to come again, and who asks. */
  #standing(max: number, nowMs: number, asks: Standing | undefined): readonly Standing[] {
    const aheadMs = Math.min(AHEAD_MS_MAX, this.#takenMs / max);
    const waiting = [...this.#waiting.values()].flatMap((line) =>
      line.slice(0, max).map((of): Standing => ({ kind: "waits", of, line })),
    );
    const absent = [...this.#absent.values()]
      .filter(({ againAtMs, waits }) => !waits && againAtMs - aheadMs <= nowMs)
      .map((of): Standing => ({ kind: "absent", of }));
    return [...waiting, ...absent, ...(asks === undefined ? [] : [asks])];
  }

  #keepLine(tenant: string, line: Waiting[]): void {
    if (line.length === 0) this.#waiting.delete(tenant);
    else this.#waiting.set(tenant, line);
  }

  #endLeases(nowMs: number): void {
    for (const [seat, { untilMs }] of this.#lent) if (untilMs <= nowMs) this.#lent.delete(seat);
    for (const [id, { againAtMs }] of this.#absent) if (againAtMs + LATE_MS <= nowMs) this.#absent.delete(id);
    const [oldest] = this.#servedLast.size > REMEMBERED_MAX ? this.#servedLast.keys() : [];
    if (oldest !== undefined) this.#servedLast.delete(oldest);
  }
}
