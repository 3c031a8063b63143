import { sha256 } from "../../src/hash.ts";
import { D1ApiKeys } from "../../src/storage/api-keys.ts";
import {
  type LedgerRow,
  type SampleCase,
  ledgerOf,
  openSampleCase,
} from "../../src/tools/shop/sample-case.ts";
import { orderById } from "../../src/tools/shop/shop-reads.ts";
import { openLocalDatabase } from "./database.ts";
import { Expected } from "./script.ts";

/** The sample's shop, seen from outside of the runtime: what it shows is true whatever the runtime believes. */
export interface Shop {
  openCase(): Promise<SampleCase>;
  ledger(sample: SampleCase): Promise<readonly LedgerRow[]>;
  refundedCents(sample: SampleCase): Promise<number>;
  readonly close: () => Promise<void>;
}

/** Opens the database of the local runtime, which may run at the same time; `apiKey` says whose shop it is. */
export async function openShop(stateDir: string, apiKey: string): Promise<Shop> {
  const { db, close } = await openLocalDatabase(stateDir);
  const tenant = await tenantOf(db, apiKey);
  return {
    openCase: () => openSampleCase(db, tenant, Date.now()),
    ledger: (sample) => ledgerOf(db, tenant, sample),
    refundedCents: async ({ orderId }) => (await orderById(db, tenant, orderId))?.refundedCents ?? 0,
    close,
  };
}

async function tenantOf(db: D1Database, apiKey: string): Promise<string> {
  const key = await new D1ApiKeys(db, { nowMs: () => Date.now() }).find(sha256(apiKey));
  if (key === null)
    throw new Expected("The development API key is not in the local database. Run: npm run setup");
  return key.tenant;
}
