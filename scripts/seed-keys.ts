/** Stores the development keys of .dev.vars in the local database: one that does everything but approve, and an approver's. */
import { SUPPORT_LEAD } from "../src/agents/support-desk.ts";
import { SCOPES } from "../src/contracts/access.ts";
import { putKey } from "../src/storage/api-keys.ts";
import { openLocalDatabase } from "./local/database.ts";
import { devKeys, stateDirOf } from "./local/project.ts";

const TENANT = "dev";

const { apiKey, approverKey } = devKeys();
const { db, close } = await openLocalDatabase(stateDirOf(process.env));
const seeds = [
  {
    minted: { id: "key_dev", key: apiKey },
    order: {
      tenant: TENANT,
      principal: "developer",
      scopes: SCOPES.filter((scope) => scope !== "approvals:decide"),
    },
  },
  {
    minted: { id: "key_dev_approver", key: approverKey },
    order: {
      tenant: TENANT,
      principal: SUPPORT_LEAD,
      scopes: ["tasks:read", "content:read", "approvals:decide"] as const,
    },
  },
];
await db.batch(
  seeds.map(({ minted, order }) => {
    const { sql, params } = putKey(minted, { ...order, expiresAtMs: null }, Date.now());
    return db.prepare(sql).bind(...params);
  }),
);
await close();
