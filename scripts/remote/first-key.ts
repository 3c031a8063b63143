import { SCOPES } from "../../src/contracts/access.ts";
import { type Statement, mintKey, putKey } from "../../src/storage/api-keys.ts";
import { runRemotely } from "./database.ts";

const ANY_KEY: Statement = {
  sql: "SELECT id FROM api_keys WHERE revoked_at_ms IS NULL LIMIT 1",
  params: [],
};

/** Makes a key that may do everything but approve, where no key is yet; gives it, to be told once. */
export async function makeFirstKey(
  tenant: string,
  principal: string,
  signal: AbortSignal,
): Promise<string | null> {
  if ((await runRemotely(ANY_KEY, signal)).length > 0) return null;
  const minted = mintKey();
  const scopes = SCOPES.filter((scope) => scope !== "approvals:decide");
  await runRemotely(putKey(minted, { tenant, principal, scopes, expiresAtMs: null }, Date.now()), signal);
  return minted.key;
}
