/** How many requests one permit of the platform's limiter serves: asking it takes longer than many a request. */
export const REQUESTS_PER_PERMIT = 10;
/** Tenants whose permits an isolate remembers. One that is forgotten asks for a new permit. */
const TENANTS_MAX = 1_000;

/** The platform's limiter, which counts permits of a tenant (`simple.limit` in wrangler.toml), not requests. */
export interface PermitLimiter {
  limit(of: { readonly key: string }): Promise<{ readonly success: boolean }>;
}

/**
 * How often a tenant may ask. Each isolate takes permits as it uses them up, so that what a tenant may do above its rate is at most
 * one permit an isolate.
 */
export class RequestRate {
  readonly #limiter: PermitLimiter;
  readonly #left = new Map<string, number>();

  constructor(limiter: PermitLimiter) {
    this.#limiter = limiter;
  }

  /** Whether the tenant may make one more request now. */
  async admit(tenant: string): Promise<boolean> {
    if (this.#take(tenant)) return true;
    const { success } = await this.#limiter.limit({ key: tenant });
    if (success) this.#grant(tenant);
    return success;
  }

  #take(tenant: string): boolean {
    const left = this.#left.get(tenant);
    if (left === undefined) return false;
    if (left === 1) this.#left.delete(tenant);
    else this.#left.set(tenant, left - 1);
    return true;
  }

  /** The request that asked has its part already; others may have asked at the same time. */
  #grant(tenant: string): void {
    const [oldest] = this.#left.size < TENANTS_MAX ? [] : this.#left.keys();
    if (oldest !== undefined) this.#left.delete(oldest);
    this.#left.set(tenant, (this.#left.get(tenant) ?? 0) + REQUESTS_PER_PERMIT - 1);
  }
}
