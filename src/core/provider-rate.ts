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

/** It may leave after so long; or it may not, and asks again after so long. */
export type RateAnswer =
  | { readonly leaves: true; readonly inMs: number }
  | { readonly leaves: false; readonly retryAfterMs: number };

const MINUTE_MS = 60_000;
/** How long it is remembered who used how much, halved each time. */
const HALF_LIFE_MS = 60_000;
const TENANTS_MAX = 1_000;

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
 * that used less than its share lately may queue for what is not there yet, so that one that floods leaves the others theirs.
 */
export class ProviderRate {
  readonly #requests = new Bucket();
  readonly #tokens = new Bucket();
  readonly #used = new Map<string, { amount: number; atMs: number }>();
  #blockedUntilMs = 0;

  /** The provider asked to be left alone for so long. What it said before for longer stands. */
  learn(waitMs: number, nowMs: number): void {
    this.#blockedUntilMs = Math.max(this.#blockedUntilMs, nowMs + waitMs);
  }

  blockedForMs(nowMs: number): number {
    return Math.max(0, this.#blockedUntilMs - nowMs);
  }

  ask({ tenant, tokens }: LeaveAsked, terms: RateTerms, nowMs: number): RateAnswer {
    const dueMs = Math.max(
      this.#requests.waitMs(1, terms.requestsPerMinute, nowMs),
      this.#tokens.waitMs(tokens, terms.tokensPerMinute, nowMs),
    );
    const inMs = Math.max(dueMs, this.blockedForMs(nowMs));
    if (inMs > terms.waitMsMax || (dueMs > 0 && this.#isGreedy(tenant, nowMs)))
      return { leaves: false, retryAfterMs: inMs };
    this.#requests.take(1, terms.requestsPerMinute);
    this.#tokens.take(tokens, terms.tokensPerMinute);
    this.#note(tenant, nowMs);
    return { leaves: true, inMs };
  }

  /** What a call did not use of what it asked for. */
  giveBack(tokens: number): void {
    this.#tokens.giveBack(tokens);
  }

  /** Whether it left more often, lately, than all who left did on average. */
  #isGreedy(tenant: string, nowMs: number): boolean {
    const used = [...this.#used.values()].map((one) => faded(one, nowMs));
    const mine = this.#used.get(tenant);
    const total = used.reduce((sum, amount) => sum + amount, 0);
    return used.length > 1 && mine !== undefined && faded(mine, nowMs) * used.length > total;
  }

  #note(tenant: string, nowMs: number): void {
    const before = this.#used.get(tenant);
    this.#used.delete(tenant);
    const [oldest] = this.#used.size < TENANTS_MAX ? [] : this.#used.keys();
    if (oldest !== undefined) this.#used.delete(oldest);
    this.#used.set(tenant, { amount: (before ? faded(before, nowMs) : 0) + 1, atMs: nowMs });
  }
}

function faded({ amount, atMs }: { readonly amount: number; readonly atMs: number }, nowMs: number): number {
  return amount * 2 ** ((atMs - nowMs) / HALF_LIFE_MS);
}
