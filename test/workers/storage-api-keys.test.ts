import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { API_KEY, type Scope } from "../../src/contracts/access.ts";
import { sha256 } from "../../src/hash.ts";
import {
  ApiKeyOrder,
  D1ApiKeys,
  type Statement,
  keyOf,
  listKeys,
  mintKey,
  putKey,
  revokeKey,
} from "../../src/storage/api-keys.ts";
import { T0 } from "../storage/audited.ts";

let nowMs = T0;
const keys = new D1ApiKeys(env.DB, { nowMs: () => nowMs });

async function run({ sql, params }: Statement) {
  return await env.DB.prepare(sql)
    .bind(...params)
    .all();
}

async function give(
  tenant: string,
  principal: string,
  of: { scopes?: readonly Scope[]; expiresAtMs?: number } = {},
) {
  const minted = mintKey();
  await run(
    putKey(
      minted,
      { tenant, principal, scopes: of.scopes ?? ["tasks:read"], expiresAtMs: of.expiresAtMs ?? null },
      T0,
    ),
  );
  return minted;
}

test("a key is 32 random bytes and is found by its hash alone", async () => {
  const { key, id } = await give("acme", "mia", { scopes: ["tasks:read", "tasks:write"] });
  expect(key).toMatch(API_KEY);
  expect(mintKey().key).not.toBe(key);
  expect(await keys.find(sha256(key))).toEqual({
    id,
    tenant: "acme",
    principal: "mia",
    scopes: ["tasks:read", "tasks:write"],
    createdAtMs: T0,
    expiresAtMs: null,
    revokedAtMs: null,
  });
  expect(await keys.find(sha256(`${key}x`))).toBeNull();
  const stored = await env.DB.prepare("SELECT * FROM api_keys").all();
  expect(JSON.stringify(stored.results)).not.toContain(key);
});

test("when a key expires and when it was revoked is kept with it", async () => {
  const { key, id } = await give("acme", "mia", { expiresAtMs: T0 + 10 });
  expect(await keys.find(sha256(key))).toMatchObject({ expiresAtMs: T0 + 10, revokedAtMs: null });
  await run(revokeKey("acme", id, T0 + 5));
  expect(await keys.find(sha256(key))).toMatchObject({ expiresAtMs: T0 + 10, revokedAtMs: T0 + 5 });
});

test("revoking tells whether there was something to revoke, and only in the key's own tenant", async () => {
  const { id } = await give("acme", "mia");
  expect((await run(revokeKey("other", id, T0))).results).toEqual([]);
  expect((await run(revokeKey("acme", id, T0))).results).toEqual([{ id }]);
  expect((await run(revokeKey("acme", id, T0 + 1))).results).toEqual([]);
});

test("a key put again under its id takes the place of the old one", async () => {
  const order = { tenant: "acme", principal: "dev", scopes: ["tasks:read" as const], expiresAtMs: null };
  const [old, fresh] = [mintKey().key, mintKey().key];
  for (const key of [old, fresh, fresh]) await run(putKey({ key, id: "key_dev" }, order, T0));
  expect(await keys.find(sha256(old))).toBeNull();
  expect(await keys.find(sha256(fresh))).toMatchObject({ id: "key_dev" });
});

test("the keys of a tenant are listed without what they are", async () => {
  const { id } = await give("listed", "mia");
  const { results } = await run(listKeys("listed"));
  expect(results.map(keyOf)).toMatchObject([{ id, principal: "mia" }]);
  expect(results.map(keyOf).every((key) => !("hash" in key))).toBe(true);
});

test.each([
  ["a tenant with a line break", { tenant: "a\nb" }],
  ["a tenant with a slash", { tenant: "a/b" }],
  ["a principal on two lines", { principal: "a\u2028b" }],
  ["no scope", { scopes: [] }],
  ["an unknown scope", { scopes: ["everything"] }],
])("no key is made for %s", (_what, change) => {
  const order = { tenant: "acme", principal: "mia", scopes: ["tasks:read"], expiresAtMs: null };
  expect(ApiKeyOrder.safeParse(order).success).toBe(true);
  expect(ApiKeyOrder.safeParse({ ...order, ...change }).success).toBe(false);
});

test("rights of now: whether the key vouches still, and who may answer approvals", async () => {
  const { id } = await give("rights", "mia", { expiresAtMs: T0 + 100 });
  const decide: readonly Scope[] = ["approvals:decide"];
  const ana = await give("rights", "ana", { scopes: decide });
  const anaAgain = await give("rights", "ana", { scopes: decide });
  await give("rights", "ben", { scopes: decide, expiresAtMs: T0 + 50 });
  await give("rights", "cleo", { scopes: ["tasks:read"] });
  await give("elsewhere", "dan", { scopes: decide });
  const query = { tenant: "rights", keyId: id, approvers: ["ana", "ben", "cleo", "dan", "eve"] };

  nowMs = T0;
  const rights = await keys.read(query);
  expect({ ...rights, entitledApprovers: rights.entitledApprovers.toSorted() }).toEqual({
    authorityActive: true,
    entitledApprovers: ["ana", "ben"],
  });
  expect(await keys.read({ ...query, tenant: "elsewhere" })).toEqual({
    authorityActive: false,
    entitledApprovers: ["dan"],
  });

  nowMs = T0 + 50;
  expect(await keys.read(query)).toEqual({ authorityActive: true, entitledApprovers: ["ana"] });
  await run(revokeKey("rights", ana.id, nowMs));
  expect(await keys.read(query)).toMatchObject({ entitledApprovers: ["ana"] });
  await run(revokeKey("rights", anaAgain.id, nowMs));
  expect(await keys.read(query)).toEqual({ authorityActive: true, entitledApprovers: [] });
  await run(revokeKey("rights", id, nowMs));
  expect(await keys.read(query)).toMatchObject({ authorityActive: false });

  const other = await give("rights", "mia", { expiresAtMs: T0 + 100 });
  expect(await keys.read({ ...query, keyId: other.id })).toMatchObject({ authorityActive: true });
  nowMs = T0 + 100;
  expect(await keys.read({ ...query, keyId: other.id })).toMatchObject({ authorityActive: false });
});
