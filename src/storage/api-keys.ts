import { z } from "zod";
import { toBase64Url } from "../base64url.ts";
import { PrincipalName, type Rights, Scope, TenantName } from "../contracts/access.ts";
import { sha256 } from "../hash.ts";
import type { Clock, RightsReader } from "../ports.ts";

/** A key is told once; only its hash is kept. */
const SECRET_BYTES = 32;
const ID_BYTES = 12;

/** Who a key speaks for, and what it may do. */
export const ApiKeyOrder = z.strictObject({
  tenant: TenantName,
  principal: PrincipalName,
  scopes: z.array(Scope).min(1).readonly(),
  expiresAtMs: z.int().positive().nullable(),
});
export type ApiKeyOrder = Readonly<z.infer<typeof ApiKeyOrder>>;

const KeyRow = z.object({
  id: z.string(),
  tenant: z.string(),
  principal: z.string(),
  scopes: z.string().transform((text) => z.array(Scope).parse(JSON.parse(text))),
  created_at_ms: z.number(),
  expires_at_ms: z.number().nullable(),
  revoked_at_ms: z.number().nullable(),
});

/** A key as it is kept and listed: everything but what it is. */
export interface ApiKey extends ApiKeyOrder {
  readonly id: string;
  readonly createdAtMs: number;
  readonly revokedAtMs: number | null;
}

/** SQL and the values of its parameters, for whoever can run it: D1 in a Worker, or the command line. */
export interface Statement {
  readonly sql: string;
  readonly params: readonly (string | number | null)[];
}

const ACTIVE = "revoked_at_ms IS NULL AND (expires_at_ms IS NULL OR expires_at_ms > ?1)";
const RIGHTS = `SELECT
  EXISTS (SELECT 1 FROM api_keys WHERE tenant = ?2 AND id = ?3 AND ${ACTIVE}) AS authority,
  (SELECT json_group_array(DISTINCT principal) FROM api_keys
    WHERE tenant = ?2 AND principal IN (SELECT value FROM json_each(?4)) AND ${ACTIVE}
      AND EXISTS (SELECT 1 FROM json_each(scopes) WHERE value = 'approvals:decide')) AS entitled`;
const RightsRow = z.object({
  authority: z.number(),
  entitled: z.string().transform((text) => z.array(z.string()).parse(JSON.parse(text))),
});

export function mintKey(): { readonly key: string; readonly id: string } {
  return {
    key: `cs_${toBase64Url(randomBytes(SECRET_BYTES))}`,
    id: `key_${toBase64Url(randomBytes(ID_BYTES))}`,
  };
}

/** Keeps a key. One that is put again under its id takes the place of the old one, which is then worth nothing. */
export function putKey(minted: { key: string; id: string }, order: ApiKeyOrder, nowMs: number): Statement {
  const { tenant, principal, scopes, expiresAtMs } = order;
  return {
    sql: `INSERT INTO api_keys (hash, id, tenant, principal, scopes, created_at_ms, expires_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
      ON CONFLICT DO UPDATE SET hash = excluded.hash, tenant = excluded.tenant, principal = excluded.principal, scopes = excluded.scopes,
        expires_at_ms = excluded.expires_at_ms, revoked_at_ms = NULL`,
    params: [sha256(minted.key), minted.id, tenant, principal, JSON.stringify(scopes), nowMs, expiresAtMs],
  };
}

/** Revokes a key for good, from now on; returns its row when it was not revoked before. */
export function revokeKey(tenant: string, id: string, nowMs: number): Statement {
  return {
    sql: "UPDATE api_keys SET revoked_at_ms = ?3 WHERE tenant = ?1 AND id = ?2 AND revoked_at_ms IS NULL RETURNING id",
    params: [tenant, id, nowMs],
  };
}

export function listKeys(tenant: string): Statement {
  return { sql: "SELECT * FROM api_keys WHERE tenant = ?1 ORDER BY created_at_ms, id", params: [tenant] };
}

export function keyOf(row: unknown): ApiKey {
  const {
    created_at_ms: createdAtMs,
    expires_at_ms: expiresAtMs,
    revoked_at_ms: revokedAtMs,
    ...rest
  } = KeyRow.parse(row);
  return { ...rest, createdAtMs, expiresAtMs, revokedAtMs };
}

/** Keys in D1: who calls, and the rights of now, read fresh every time. */
export class D1ApiKeys implements RightsReader {
  readonly #db: D1Database;
  readonly #clock: Clock;

  constructor(db: D1Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  async find(keyHash: string): Promise<ApiKey | null> {
    const row = await this.#db.prepare("SELECT * FROM api_keys WHERE hash = ?").bind(keyHash).first();
    return row === null ? null : keyOf(row);
  }

  async read(query: { tenant: string; keyId: string; approvers: readonly string[] }): Promise<Rights> {
    const { tenant, keyId, approvers } = query;
    const statement = this.#db
      .prepare(RIGHTS)
      .bind(this.#clock.nowMs(), tenant, keyId, JSON.stringify(approvers));
    const { authority, entitled } = RightsRow.parse(await statement.first());
    return { authorityActive: authority === 1, entitledApprovers: entitled };
  }
}

function randomBytes(count: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(count));
}
