import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { sha256 } from "../../src/hash.ts";
import { D1ApiKeys } from "../../src/storage/api-keys.ts";
import {
  type LedgerRow,
  type SampleCase,
  ledgerOf,
  openSampleCase,
} from "../../src/tools/shop/sample-case.ts";
import { orderById } from "../../src/tools/shop/shop-reads.ts";
import { type LocalDatabase, openLocalDatabase } from "./database.ts";
import { Expected } from "./script.ts";

/**
 * The sample's shop, seen from outside of the runtime: what it shows is true whatever the runtime believes. Its database is opened as
 * D1 only while no task runs, since two that work on one file get in each other's way.
 */
export interface Shop {
  readonly stateDir: string;
  /** Says whose shop it is. */
  readonly apiKey: string;
}

/** What the shop has on record of a case. */
export interface OnRecord {
  readonly ledger: readonly LedgerRow[];
  readonly refundedCents: number;
}

export async function openCase(shop: Shop): Promise<SampleCase> {
  return await inDatabase(shop, (db, tenant) => openSampleCase(db, tenant, Date.now()));
}

export async function onRecord(shop: Shop, sample: SampleCase): Promise<OnRecord> {
  return await inDatabase(shop, async (db, tenant) => ({
    ledger: await ledgerOf(db, tenant, sample),
    refundedCents: (await orderById(db, tenant, sample.orderId))?.refundedCents ?? 0,
  }));
}

/** Whether a refund of the order is booked. Reads the file itself, beside the runtime: a reader holds up nobody who writes. */
export function refundIsBooked({ stateDir }: Shop, { orderId }: SampleCase): boolean {
  const folder = join(stateDir, "v3/d1/miniflare-D1DatabaseObject");
  const files = readdirSync(folder).filter((name) => name.endsWith(".sqlite") && name !== "metadata.sqlite");
  return files.some((name) => {
    using db = new DatabaseSync(join(folder, name), { readOnly: true, timeout: 1_000 });
    return db.prepare("SELECT 1 FROM shop_refunds WHERE order_id = ?").get(orderId) !== undefined;
  });
}

async function inDatabase<T>(
  { stateDir, apiKey }: Shop,
  work: (db: D1Database, tenant: string) => Promise<T>,
): Promise<T> {
  const { db, close } = await openLocalDatabase(stateDir);
  try {
    return await work(db, await tenantOf(db, apiKey));
  } finally {
    await close();
  }
}

async function tenantOf(db: LocalDatabase["db"], apiKey: string): Promise<string> {
  const key = await new D1ApiKeys(db, { nowMs: () => Date.now() }).find(sha256(apiKey));
  if (key === null)
    throw new Expected("The development API key is not in the local database. Run: npm run setup");
  return key.tenant;
}
