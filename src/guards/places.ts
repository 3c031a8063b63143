import { type LimiterTerms, PLACE_LEASE_MS } from "../core/limiter.ts";
import type { PlacesDoor } from "./doors.ts";
import type { Entry, Guard } from "./guard.ts";
import { type Ground, reached } from "./reach.ts";

/** What is guarded, and on whose behalf a call wants in. */
export interface PlaceOf {
  /** The name of the guard's object. */
  readonly name: string;
  readonly rank: string;
  readonly max: number;
  readonly tenant: string;
  /** The same each time that the same call asks. */
  readonly id: string;
  readonly turnedAway: number;
}

interface Kept {
  readonly seat: string;
  readonly untilMs: number;
}

/** A lease is left alone when it has less than this: what its holder takes for now may be later for the guard. */
const MARGIN_MS = 1_500;
const LINES_MAX = 1_000;

/**
 * Bulkheads, as an isolate sees them: places that were given here and are free again serve the next calls of the same tenant without
 * asking, for as long as their lease lasts and nobody else waits. A guard that cannot be reached lets everybody through: it protects
 * others from haste, and its own failure is not to stop all work.
 */
export class Places {
  readonly #doorOf: (name: string) => PlacesDoor;
  readonly #ground: Ground;
  readonly #kept = new Map<string, Kept[]>();
  /** How many calls of this isolate are asking now, by guard: nothing is kept from them. */
  readonly #asking = new Map<string, number>();

  constructor(doorOf: (name: string) => PlacesDoor, ground: Ground) {
    this.#doorOf = doorOf;
    this.#ground = ground;
  }

  guard(of: PlaceOf): Guard {
    return { rank: of.rank, enter: (waitMs) => this.#enter(of, waitMs) };
  }

  async #enter(of: PlaceOf, waitMs: number): Promise<Entry> {
    const kept = this.#takeKept(of);
    if (kept !== null) return this.#held(of, kept, true);
    const terms: LimiterTerms = { max: of.max, waitMsMax: waitMs };
    const { id, tenant, turnedAway } = of;
    const asked = { seat: this.#ground.unique(), id, tenant, turnedAway };
    const ask = () => this.#doorOf(of.name).takePlace(asked, terms);
    const late = () => this.#giveBack(of, asked.seat);
    this.#ask(of.name, 1);
    const seating = await reached(this.#ground, ask, { waitMs, late });
    this.#ask(of.name, -1);
    if (seating === null) return { in: true, leave: () => undefined };
    if (!seating.given) return { in: false, retryAfterMs: seating.retryAfterMs, down: false };
    const untilMs = this.#ground.nowMs() + PLACE_LEASE_MS;
    return this.#held(of, { seat: asked.seat, untilMs }, seating.kept);
  }

  #held(of: PlaceOf, { seat, untilMs: firstUntilMs }: Kept, mayKeep: boolean): Entry {
    const { after, beside, nowMs } = this.#ground;
    let untilMs = firstUntilMs;
    let keeps = mayKeep;
    let callOff = () => {};
    const renewInTime = (): void => {
      callOff = after(Math.max(0, untilMs - MARGIN_MS - nowMs()), () => {
        keeps = false;
        untilMs = nowMs() + PLACE_LEASE_MS;
        beside(
          this.#doorOf(of.name)
            .renewPlace(seat, of.tenant)
            .catch(() => false),
        );
        renewInTime();
      });
    };
    renewInTime();
    return {
      in: true,
      leave: () => {
        callOff();
        if (keeps && !this.#asking.has(of.name) && nowMs() + MARGIN_MS < untilMs)
          this.#keep(of, { seat, untilMs });
        else this.#giveBack(of, seat);
      },
    };
  }

  #ask(name: string, more: 1 | -1): void {
    const asking = (this.#asking.get(name) ?? 0) + more;
    if (asking === 0) this.#asking.delete(name);
    else this.#asking.set(name, asking);
  }

  #giveBack({ name }: PlaceOf, seat: string): void {
    const { beside } = this.#ground;
    beside(
      this.#doorOf(name)
        .givePlaceBack(seat)
        .catch(() => undefined),
    );
  }

  #takeKept(of: PlaceOf): Kept | null {
    const line = (this.#kept.get(lineOf(of)) ?? []).filter(
      ({ untilMs }) => this.#ground.nowMs() + MARGIN_MS < untilMs,
    );
    const kept = line.pop() ?? null;
    if (line.length === 0) this.#kept.delete(lineOf(of));
    else this.#kept.set(lineOf(of), line);
    return kept;
  }

  #keep(of: PlaceOf, kept: Kept): void {
    const line = this.#kept.get(lineOf(of)) ?? [];
    const [oldest] = this.#kept.size < LINES_MAX ? [] : this.#kept.keys();
    if (oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(lineOf(of), [...line, kept]);
  }
}

function lineOf({ name, tenant }: PlaceOf): string {
  return JSON.stringify([name, tenant]);
}
