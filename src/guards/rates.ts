import type { ModelFailure } from "../contracts/model.ts";
import type { LeaveAsked, LeaveBack, RateAnswer, RateTerms } from "../core/provider-rate.ts";
import type { RateDoor } from "./doors.ts";
import type { Entry, Guard, Left } from "./guard.ts";
import { type Ground, reached } from "./reach.ts";

/** What is known of a provider's wish to be left alone, and since when. */
interface Known {
  readonly blockedUntilMs: number;
  readonly askedAtMs: number;
}

/** Older than this, what is known is asked for again, beside the call that goes by it. */
const FRESH_MS = 750;
/** Older than this, a call waits for the answer: so soon everybody knows what one was told. */
const KNOWN_MS_MAX = 1_500;
/** A provider that says that it is asked too often, and not until when. */
const BLOCK_MS = 1_000;

/**
 * The limits of providers, as an isolate sees them. While nothing is declared, a call goes by what is known here, which is at most 1.5 s
 * old: it waits for nobody if calls are frequent, and for one answer if not. A guard that cannot be reached is taken at its last word.
 */
export class Rates {
  readonly #doorOf: (name: string) => RateDoor;
  readonly #ground: Ground;
  readonly #known = new Map<string, Known>();

  constructor(doorOf: (name: string) => RateDoor, ground: Ground) {
    this.#doorOf = doorOf;
    this.#ground = ground;
  }

  guard(name: string, asked: LeaveAsked, declared: Omit<RateTerms, "waitMsMax"> | undefined): Guard {
    return {
      rank: `1 rate ${name}`,
      enter: async (waitMs) => {
        const blockedMs = declared === undefined ? await this.#blockedMs(name) : this.#knownBlockMs(name);
        if (blockedMs > waitMs) return { in: false, retryAfterMs: blockedMs, down: false };
        if (declared === undefined) return await this.#leaves(blockedMs);
        const terms = { ...declared, waitMsMax: waitMs };
        const loan = new Loan(asked, (back) => this.#giveBack(name, back));
        // The call goes by the last word known meanwhile, and what is lent to it late is its own all the same.
        const late = ({ leaves }: RateAnswer) => leaves && loan.lend();
        const ask = () => this.#doorOf(name).askLeave(asked, terms);
        const answer = await reached(this.#ground, ask, { waitMs: 0, late });
        if (answer === null) return await this.#leaves(blockedMs, loan);
        if (!answer.leaves) return { in: false, retryAfterMs: answer.retryAfterMs, down: false };
        loan.lend();
        return await this.#leaves(answer.inMs, loan);
      },
    };
  }

  /** A provider turned a call away: everybody is told, and this isolate knows at once. */
  learn(name: string, { code, retryAfterMs }: ModelFailure): void {
    if (code !== "rate_limited" && (code !== "overloaded" || retryAfterMs === undefined)) return;
    this.block(name, retryAfterMs ?? BLOCK_MS);
  }

  /** A provider is to be left alone for so long. */
  block(name: string, waitMs: number): void {
    // What others were told, for longer perhaps, is asked for as if nothing had been heard here.
    this.#note(name, waitMs, this.#known.get(name)?.askedAtMs ?? -Infinity);
    this.#ground.beside(
      this.#doorOf(name)
        .learnBlock(waitMs)
        .catch(() => undefined),
    );
  }

  async #leaves(inMs: number, loan?: Loan): Promise<Entry> {
    if (inMs > 0) await new Promise<void>((resolve) => void this.#ground.after(inMs, resolve));
    return { in: true, leave: (left) => loan?.leave(left) };
  }

  #giveBack(name: string, back: LeaveBack): void {
    this.#ground.beside(
      this.#doorOf(name)
        .giveLeaveBack(back)
        .catch(() => undefined),
    );
  }

  async #blockedMs(name: string): Promise<number> {
    const known = this.#known.get(name);
    const ageMs = known === undefined ? Infinity : this.#ground.nowMs() - known.askedAtMs;
    if (ageMs > FRESH_MS) {
      const asked = this.#ask(name);
      if (ageMs > KNOWN_MS_MAX) await asked;
      else this.#ground.beside(asked);
    }
    return this.#knownBlockMs(name);
  }

  #knownBlockMs(name: string): number {
    return Math.max(0, (this.#known.get(name)?.blockedUntilMs ?? 0) - this.#ground.nowMs());
  }

  async #ask(name: string): Promise<void> {
    const askedAtMs = this.#ground.nowMs();
    const blockedMs = await reached(this.#ground, () => this.#doorOf(name).blockedForMs(), { waitMs: 0 });
    this.#note(name, blockedMs ?? 0, askedAtMs);
  }

  /** What was known to last longer stands: another's answer may have been on its way before. */
  #note(name: string, blockedMs: number, askedAtMs: number): void {
    const blockedUntilMs = this.#ground.nowMs() + blockedMs;
    const before = this.#known.get(name)?.blockedUntilMs ?? 0;
    this.#known.set(name, { blockedUntilMs: Math.max(before, blockedUntilMs), askedAtMs });
  }
}

/**
 * What a call is lent of a rate. What it did not use goes back, all of it when it never left, as soon as both are known: that it was
 * lent, and what became of the call.
 */
class Loan {
  readonly #asked: LeaveAsked;
  readonly #giveBack: (back: LeaveBack) => void;
  #lent = false;
  #left: Left | undefined;

  constructor(asked: LeaveAsked, giveBack: (back: LeaveBack) => void) {
    this.#asked = asked;
    this.#giveBack = giveBack;
  }

  lend(): void {
    this.#lent = true;
    this.#settle();
  }

  leave(left: Left): void {
    this.#left = left;
    this.#settle();
  }

  #settle(): void {
    const left = this.#left;
    if (!this.#lent || left === undefined) return;
    const used = left === null ? 0 : (left.tokens ?? this.#asked.tokens);
    const tokens = Math.max(0, this.#asked.tokens - used);
    if (left === null || tokens > 0) this.#giveBack({ ...this.#asked, tokens, requests: left ? 0 : 1 });
  }
}
