import { API_KEY, type Caller, PrincipalName, type Scope } from "../contracts/access.ts";
import { sha256 } from "../hash.ts";
import type { Clock } from "../ports.ts";
import type { KeyFinder, KeyRecord } from "./deps.ts";
import { Refusal } from "./problem.ts";

/** How late a revoked key is noticed at the latest; and a new key that was tried before it was made. */
export const KEY_CACHE_MS_MAX = 30_000;
const UNKNOWN_CACHE_MS_MAX = 5_000;
const KEYS_CACHED_MAX = 5_000;

const PRINCIPAL_HEADER = "x-countersign-principal";
const BEARER = /^Bearer +(\S+)$/i;

export const UNAUTHORIZED = new Refusal("unauthorized", "Send a valid API key: Authorization: Bearer cs_…", {
  headers: { "www-authenticate": 'Bearer realm="countersign"' },
});

/** Who is calling. `inOwnName` is false when a key acts for another principal than its own. */
export interface KeyHolder extends Caller {
  readonly inOwnName: boolean;
}

interface Cached {
  readonly record: KeyRecord | null;
  readonly atMs: number;
}

/** Who is calling. Look-ups are kept for a short while in each isolate; what the gate asks is always read fresh. */
export class Authenticator {
  readonly #keys: KeyFinder;
  readonly #clock: Clock;
  readonly #cache = new Map<string, Cached>();

  constructor(keys: KeyFinder, clock: Clock) {
    this.#keys = keys;
    this.#clock = clock;
  }

  /** Asks who the sender of a request is, anew whenever it is called. */
  caller(headers: Headers): () => Promise<KeyHolder | Refusal> {
    const key = BEARER.exec(headers.get("authorization") ?? "")?.[1];
    if (key === undefined || !API_KEY.test(key)) return () => Promise.resolve(UNAUTHORIZED);
    const hash = sha256(key);
    const principal = headers.get(PRINCIPAL_HEADER);
    return async () => {
      const record = await this.#find(hash);
      if (record === null || !isActive(record, this.#clock.nowMs())) return UNAUTHORIZED;
      return callerOf(record, principal);
    };
  }

  async #find(hash: string): Promise<KeyRecord | null> {
    const nowMs = this.#clock.nowMs();
    const cached = this.#cache.get(hash);
    if (cached !== undefined && nowMs - cached.atMs < lifeOf(cached)) return cached.record;
    const record = await this.#keys.find(hash);
    this.#cache.delete(hash);
    this.#cache.set(hash, { record, atMs: nowMs });
    for (const oldest of this.#cache.keys()) {
      if (this.#cache.size <= KEYS_CACHED_MAX) break;
      this.#cache.delete(oldest);
    }
    return record;
  }
}

/** Null when the caller has one of the scopes. */
export function missingScope(caller: Caller, oneOf: readonly Scope[]): Refusal | null {
  if (oneOf.some((scope) => caller.scopes.includes(scope))) return null;
  return new Refusal("forbidden", `This needs the scope ${oneOf.join(" or ")}.`);
}

function callerOf({ id, tenant, principal, scopes }: KeyRecord, wanted: string | null): KeyHolder | Refusal {
  const caller = { tenant, principal, keyId: id, scopes, inOwnName: true };
  if (wanted === null || wanted === principal) return caller;
  if (!scopes.includes("impersonate"))
    return new Refusal("forbidden", "Acting for another principal needs the scope impersonate.");
  const name = PrincipalName.safeParse(wanted);
  if (!name.success)
    return new Refusal(
      "invalid_input",
      `The header X-Countersign-Principal is not valid: ${name.error.issues[0]?.message ?? ""}`,
    );
  return { ...caller, principal: name.data, inOwnName: false };
}

function isActive({ revokedAtMs, expiresAtMs }: KeyRecord, nowMs: number): boolean {
  return revokedAtMs === null && (expiresAtMs === null || expiresAtMs > nowMs);
}

function lifeOf({ record }: Cached): number {
  return record === null ? UNKNOWN_CACHE_MS_MAX : KEY_CACHE_MS_MAX;
}
