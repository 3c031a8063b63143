import { DurableObject } from "cloudflare:workers";
import { TenantAccount } from "../src/core/tenant-account.ts";
import type { Answer, TenantDoor } from "../src/ports.ts";
import { loadTenant } from "../src/storage/tenant-load.ts";

const RECONCILE_MS = 60_000;
const DAY_MS = 86_400_000;

/**
 * One per tenant, found by its name: guards its caps. It stores nothing: counts are read from the task index once per start and
 * again every minute, and kept up in memory between, so that admitting a task writes no row.
 */
export class TenantObject extends DurableObject<Env> implements TenantDoor {
  #account: TenantAccount | null = null;
  #reading: Promise<TenantAccount> | null = null;
  #readAtMs = 0;

  async admit(task: string): Promise<Answer<null>> {
    const account = await this.#current();
    const reached = account.admit(task, Date.now());
    if (reached === null) return { ok: true, value: null };
    return { ok: false, code: "tenant_cap_reached", detail: `The tenant has reached its cap of ${reached}.` };
  }

  /** An object that has read nothing yet will read the end from the index. */
  async ended(task: string, spentMicroUsd: number): Promise<void> {
    this.#account?.ended(task, spentMicroUsd);
  }

  /** The first reading is waited for; a later one runs beside, and while D1 is down the last one stands. */
  async #current(): Promise<TenantAccount> {
    if (this.#account === null) return await this.#read();
    if (Date.now() - this.#readAtMs > RECONCILE_MS) this.ctx.waitUntil(this.#read().catch(() => null));
    return this.#account;
  }

  /** Calls at the same time share one reading. */
  async #read(): Promise<TenantAccount> {
    this.#reading ??= this.#readIndex().finally(() => {
      this.#reading = null;
    });
    return await this.#reading;
  }

  async #readIndex(): Promise<TenantAccount> {
    const nowMs = Date.now();
    const tracked = this.#account?.tracked() ?? [];
    const load = await loadTenant(this.env.DB, this.#tenant(), {
      tracked,
      sinceMs: nowMs - (nowMs % DAY_MS),
    });
    this.#account ??= new TenantAccount(load);
    this.#account.reconcile(load, nowMs);
    this.#readAtMs = nowMs;
    return this.#account;
  }

  #tenant(): string {
    const { name } = this.ctx.id;
    if (name === undefined) throw new TypeError("A tenant's object is found by the tenant's name.");
    return name;
  }
}
