/** What a provider lets through in a minute, as the operator declares it. */
export interface RateTerms {
  readonly requestsPerMinute?: number | undefined;
  readonly tokensPerMinute?: number | undefined;
  /** A call that would have to wait longer is turned away. */
  readonly waitMsMax: number;
}

/** One call that wants to leave. `tokens`: what it will use at most, as far as can be told. */
export interface LeaveAsked {
  readonly tenant: string;
  readonly tokens: number;
}

/** What a call did not use of what it was let take: a request when it never left, and tokens. */
export interface LeaveBack extends LeaveAsked {
  readonly requests: 0 | 1;
}

/** It may leave after so long; or it may not, and asks again after so long. */
export type RateAnswer =
  | { readonly leaves: true; readonly inMs: number }
  | { readonly leaves: false; readonly retryAfterMs: number };

const MINUTE_MS = 60_000;
/** How long it is remembered who used how much, halved each time. */
const HALF_LIFE_MS = 60_000;
const TENANTS_MAX = 1_000;
/** For so long it is remembered that a tenant's call was turned away: by then it has come again. */
const AWAY_MS = 35_000;

/** A bucket that fills over a minute. What leaves beyond what it has is owed, and waits until it is there. */
class Bucket {
  #level: number | null = null;
  #atMs = 0;

  /** How long until `amount` is there; 0 when it is, and where there is no limit. */
  waitMs(amount: number, perMinute: number | undefined, nowMs: number): number {
    if (perMinute === undefined) return 0;
    const level = this.#fill(perMinute, nowMs);
    // What is larger than the bucket leaves when that is full.
    const missing = Math.min(amount, perMinute) - level;
    return missing <= 0 ? 0 : Math.ceil((missing * MINUTE_MS) / perMinute);
  }

  take(amount: number, perMinute: number | undefined): void {
    if (this.#level !== null && perMinute !== undefined) this.#level -= amount;
  }

  giveBack(amount: number): void {
    if (this.#level !== null) this.#level += amount;
  }

  #fill(perMinute: number, nowMs: number): number {
    const gained = ((nowMs - this.#atMs) * perMinute) / MINUTE_MS;
    const level = this.#level === null ? perMinute : this.#level + Math.max(0, gained);
    this.#level = Math.min(perMinute, level);
    this.#atMs = nowMs;
    return this.#level;
  }
}

/**
 * One provider's limits, for all who call it: what the operator declares, and until when the provider said to wait. Only a tenant
 * that used less than its share lately may queue for what is not there yet, and one that used more leaves what others were turned away
 * for: so one that floods leaves them theirs, be it that they wait or come again later.
 */
export class ProviderRate {
  readonly #requests = new Bucket();
  readonly #tokens = new Bucket();
  readonly #used = new Map<string, { amount: number; atMs: number }>();
  /** Tenants whose call was turned away, and what it wanted. */
  readonly #away = new Map<string, { readonly tokens: number; readonly untilMs: number }>();
  #blockedUntilMs = 0;

  /** The provider asked to be left alone for so long. What it said before for longer stands. */
  learn(waitMs: number, nowMs: number): void {
    this.#blockedUntilMs = Math.max(this.#blockedUntilMs, nowMs + waitMs);
  }

  blockedForMs(nowMs: number): number {
    return Math.max(0, this.#blockedUntilMs - nowMs);
  }

  ask(asked: LeaveAsked, terms: RateTerms, nowMs: number): RateAnswer {
    const { tenant, tokens } = asked;
    const share = this.#share(nowMs);
    const isGreedy = this.#usedBy(tenant, nowMs) > share;
    const left = isGreedy ? this.#leftToOthers(tenant, { share, nowMs }) : { requests: 0, tokens: 0 };
    const dueMs = Math.max(
      this.#requests.waitMs(1 + left.requests, terms.requestsPerMinute, nowMs),
      this.#tokens.waitMs(tokens + left.tokens, terms.tokensPerMinute, nowMs),
    );
    const inMs = Math.max(dueMs, this.blockedForMs(nowMs));
    if (inMs > terms.waitMsMax || (dueMs > 0 && isGreedy)) {
      this.#turnAway(asked, nowMs);
      return { leaves: false, retryAfterMs: inMs };
    }
    this.#away.delete(tenant);
    this.#requests.take(1, terms.requestsPerMinute);
    this.#tokens.take(tokens, terms.tokensPerMinute);
    this.#note(tenant, 1, nowMs);
    return { leaves: true, inMs };
  }

  giveBack({ tenant, requests, tokens }: LeaveBack, nowMs: number): void {
    this.#requests.giveBack(requests);
    this.#tokens.giveBack(tokens);
    this.#note(tenant, -requests, nowMs);
  }

  /** From then on it counts among those who want a share. */
  #turnAway({ tenant, tokens }: LeaveAsked, nowMs: number): void {
    this.#note(tenant, 0, nowMs);
    this.#away.delete(tenant);
    const [oldest] = this.#away.size < TENANTS_MAX ? [] : this.#away.keys();
    if (oldest !== undefined) this.#away.delete(oldest);
    this.#away.set(tenant, { tokens, untilMs: nowMs + AWAY_MS });
  }

  /** One call of each tenant that was turned away, and has not used more than its share itself. */
  #leftToOthers(
    tenant: string,
    { share, nowMs }: { readonly share: number; readonly nowMs: number },
  ): { readonly requests: number; readonly tokens: number } {
    const left = { requests: 0, tokens: 0 };
    for (const [other, { tokens, untilMs }] of this.#away) {
      if (untilMs <= nowMs) this.#away.delete(other);
      if (untilMs <= nowMs || other === tenant || this.#usedBy(other, nowMs) > share) continue;
      left.requests += 1;
      left.tokens += tokens;
    }
    return left;
  }

  /** How often each of those who left or wanted to, lately, left on average. Nobody's share is too large while there is only one. */
  #share(nowMs: number): number {
    if (this.#used.size <= 1) return Infinity;
    return [...this.#used.values()].reduce((sum, one) => sum + faded(one, nowMs), 0) / this.#used.size;
  }

  #usedBy(tenant: string, nowMs: number): number {
    const used = this.#used.get(tenant);
    return used === undefined ? 0 : faded(used, nowMs);
  }

  #note(tenant: string, amount: number, nowMs: number): void {
    const used = Math.max(0, this.#usedBy(tenant, nowMs) + amount);
    this.#used.delete(tenant);
    const [oldest] = this.#used.size < TENANTS_MAX ? [] : this.#used.keys();
    if (oldest !== undefined) this.#used.delete(oldest);
    this.#used.set(tenant, { amount: used, atMs: nowMs });
  }
}

function faded({ amount, atMs }: { readonly amount: number; readonly atMs: number }, nowMs: number): number {
  return amount * 2 ** ((atMs - nowMs) / HALF_LIFE_MS);
}
