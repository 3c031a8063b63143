import {
  type ApiKey,
  type Statement,
  keyOf,
  listKeys,
  mintKey,
  putKey,
  revokeKey,
} from "../../src/storage/api-keys.ts";
import { Expected } from "../local/script.ts";
import type { KeysOrder } from "./order.ts";

/** Runs one statement where the keys are, and returns its rows. */
export type RunStatement = (statement: Statement) => Promise<readonly unknown[]>;

/** Does what was ordered; returns what to print. A key is in it once, when it is made. */
export async function carryOut(order: KeysOrder, run: RunStatement, nowMs: number): Promise<string> {
  switch (order.kind) {
    case "create": {
      const minted = mintKey();
      await run(putKey(minted, order.key, nowMs));
      return `${minted.key}\n\nThis is ${minted.id}, told only now: it is kept as a hash.`;
    }
    case "list": {
      const keys = (await run(listKeys(order.tenant))).map(keyOf);
      return keys.length === 0
        ? `${order.tenant} has no keys.`
        : keys.map((key) => lineOf(key, nowMs)).join("\n");
    }
    case "revoke": {
      const revoked = await run(revokeKey(order.tenant, order.id, nowMs));
      if (revoked.length === 0)
        throw new Expected(`${order.tenant} has no key ${order.id} that is not revoked already.`);
      return `${order.id} is revoked. Workers may honour it for another 30 seconds.`;
    }
  }
}

function lineOf(key: ApiKey, nowMs: number): string {
  return `${key.id}  ${key.principal}  ${stateOf(key, nowMs)}  ${key.scopes.join(",")}`;
}

function stateOf({ revokedAtMs, expiresAtMs, createdAtMs }: ApiKey, nowMs: number): string {
  if (revokedAtMs !== null) return `revoked ${dayOf(revokedAtMs)}`;
  if (expiresAtMs === null) return `since ${dayOf(createdAtMs)}`;
  return `${expiresAtMs <= nowMs ? "expired" : "until"} ${dayOf(expiresAtMs)}`;
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
