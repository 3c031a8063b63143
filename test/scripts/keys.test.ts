import { readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { beforeEach, expect, test } from "vitest";
import { type RunStatement, carryOut } from "../../scripts/keys/carry-out.ts";
import { orderIn } from "../../scripts/keys/order.ts";
import { inlined } from "../../scripts/remote/sql.ts";
import { sha256 } from "../../src/hash.ts";

const T0 = Date.UTC(2026, 0, 5, 12);

let db: DatabaseSync;
beforeEach(() => {
  db = new DatabaseSync(":memory:");
  db.exec(readFileSync("src/storage/migrations/0001_init.sql", "utf8"));
});

/** As wrangler runs a statement, and as D1 does. */
const WAYS: readonly [string, RunStatement][] = [
  ["remotely", async (statement) => db.prepare(inlined(statement)).all()],
  ["locally", async ({ sql, params }) => db.prepare(sql).all(...params)],
];

const keys = async (line: string, run: RunStatement, nowMs = T0) =>
  await carryOut(orderIn(line.split(" "), nowMs), run, nowMs);
const idIn = (text: string): string => /key_[\w-]+/.exec(text)?.[0] ?? "";

test.each(WAYS)("a key is made, listed and revoked %s, and is itself told once", async (_way, run) => {
  const told = await keys("create --tenant acme --principal o'mia --scopes tasks:read,tasks:write", run);
  const key = /^cs_[\w-]{43}(?=\n)/.exec(told)?.[0] ?? "";
  const id = idIn(told);
  expect(db.prepare("SELECT hash, tenant, scopes FROM api_keys").all()).toEqual([
    { hash: sha256(key), tenant: "acme", scopes: '["tasks:read","tasks:write"]' },
  ]);
  expect(await keys("list --tenant acme", run)).toBe(
    `${id}  o'mia  since 2026-01-05  tasks:read,tasks:write`,
  );
  expect(await keys("list --tenant other", run)).toBe("other has no keys.");
  expect(await keys(`revoke --tenant acme --id ${id}`, run)).toContain(`${id} is revoked`);
  expect(await keys("list --tenant acme", run)).toContain("revoked 2026-01-05");
  await expect(keys(`revoke --tenant acme --id ${id}`, run)).rejects.toThrow("not revoked already");
  await expect(keys(`revoke --tenant other --id ${id}`, run)).rejects.toThrow("not revoked already");
});

test("a key that expires is shown so", async () => {
  const [[, run] = ["", async () => []]] = WAYS;
  await keys("create --tenant acme --principal mia --scopes tasks:read --expires 2026-02-01", run);
  expect(await keys("list --tenant acme", run)).toContain("until 2026-02-01");
  expect(await keys("list --tenant acme", run, Date.UTC(2026, 1, 1))).toContain("expired 2026-02-01");
});

test.each([
  ["", "kind"],
  ["destroy --tenant acme", "kind"],
  ["create list --tenant acme", "kind"],
  ["create --tenant Acme --principal mia --scopes tasks:read", "lower-case"],
  ["create --tenant acme --scopes tasks:read", "principal"],
  ["create --tenant acme --principal mia", "scopes"],
  ["create --tenant acme --principal mia --scopes everything", "scopes"],
  ["create --tenant acme --principal mia --scopes tasks:read --expires soon", "expires"],
  ["create --tenant acme --principal mia --scopes tasks:read --expires 2026-01-05", "--expires has passed"],
  ["create --tenant acme --principal mia --scopes tasks:read --id key_1", "id"],
  ["create --tenant acme --surprise 1", "surprise"],
  ["revoke --tenant acme", "id"],
  ["revoke --tenant acme --id 7", "an id as `list` shows it"],
  ["list", "tenant"],
])("the command line %j is refused, and how it should be is told", (line, word) => {
  const reading = () => orderIn(line === "" ? [] : line.split(" "), T0);
  expect(reading).toThrow(word);
  expect(reading).toThrow("npm run keys -- create");
});

test("where the keys are is part of the order", () => {
  expect(orderIn(["list", "--tenant", "acme", "--remote"], T0)).toEqual({
    kind: "list",
    tenant: "acme",
    remote: true,
  });
  expect(orderIn(["list", "--tenant", "acme"], T0)).toMatchObject({ remote: false });
});
