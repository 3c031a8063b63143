import type { AccountTerms } from "../src/contracts/allowance.ts";
import type { Clock } from "../src/ports.ts";
import { inTime } from "./bounded.ts";
import type { Timer } from "./outside.ts";

/** An empty name is the tenant as a whole, `*` each principal that has no terms of its own. */
export type TermsByPrincipal = ReadonlyMap<string, AccountTerms>;

/** So long what was read is gone by. */
const FRESH_MS = 60_000;
/** Whoever asks for an allowance waits for a reading, and is not to take the accounts themselves for down. */
const READING_MS = 5_000;
/** After a reading that failed, the next one. */
const AGAIN_MS = 15_000;

interface Known {
  readonly terms: TermsByPrincipal;
  readonly turn: number;
  readonly freshUntilMs: number;
}

/**
 * What accounts may spend, as it was read last. Readings may overtake each other: the one that began last counts. While none succeeds,
 * what is known stands; where nothing was read yet, whoever asks is not answered.
 */
export class KnownTerms {
  readonly #readAll: () => Promise<TermsByPrincipal>;
  readonly #clock: Clock;
  readonly #timer: Timer;
  #known: Known | null = null;
  #reading: Promise<TermsByPrincipal> | null = null;
  #turns = 0;
  /** Readings up to this one may not know of the last change. */
  #outdated = 0;

  constructor(
    readAll: () => Promise<TermsByPrincipal>,
    { clock, timer }: { readonly clock: Clock; readonly timer: Timer },
  ) {
    this.#readAll = readAll;
    this.#clock = clock;
    this.#timer = timer;
  }

  async now(): Promise<TermsByPrincipal> {
    const known = this.#known;
    if (known !== null && known.turn > this.#outdated && this.#clock.nowMs() < known.freshUntilMs)
      return known.terms;
    this.#reading ??= this.#read();
    return await this.#reading;
  }

  /** Whoever asks from now on goes by a reading that has yet to begin. */
  changed(): void {
    this.#outdated = this.#turns;
    this.#reading = null;
  }

  async #read(): Promise<TermsByPrincipal> {
    const turn = ++this.#turns;
    const freshUntilMs = this.#clock.nowMs() + FRESH_MS;
    try {
      const terms = await inTime(this.#timer, this.#readAll, READING_MS);
      return this.#keep({ terms, turn, freshUntilMs });
    } catch (error) {
      if (this.#known === null) throw error;
      return this.#keep({ ...this.#known, turn, freshUntilMs: this.#clock.nowMs() + AGAIN_MS });
    } finally {
      if (turn === this.#turns) this.#reading = null;
    }
  }

  #keep(read: Known): TermsByPrincipal {
    const known = this.#known;
    const last = known !== null && known.turn > read.turn ? known : read;
    this.#known = last;
    return last.terms;
  }
}
