import { DurableObject } from "cloudflare:workers";
import { type Admission, type Leave, TenantAccount } from "../src/core/tenant-account.ts";
import type { Answer, TenantDoor } from "../src/ports.ts";
import { loadTenant } from "../src/storage/tenant-load.ts";

const DAY_MS = 86_400_000;

/**
 * One per tenant, found by its name: guards its caps. It stores nothing: counts are read from the task index, the more often the
 * nearer a cap is, and what is admitted between is kept in memory, so that admitting a task writes no row.
 */
export class TenantObject extends DurableObject<Env> implements TenantDoor {
  #account: TenantAccount | null = null;
  #reading: Promise<TenantAccount> | null = null;

  async admit(admission: Admission): Promise<Answer<Leave>> {
    const account = await this.#current();
    let admitted = account.admit(admission, Date.now());
    if ("reached" in admitted && account.isStale(Date.now()) && (await this.#readAgain())) {
      admitted = account.admit(admission, Date.now());
    }
    if ("leave" in admitted) return { ok: true, value: admitted.leave };
    const detail = `The tenant has reached its cap of ${admitted.reached}.`;
    return { ok: false, code: "tenant_cap_reached", detail };
  }

  /** The first reading is waited for; a later one runs beside. */
  async #current(): Promise<TenantAccount> {
    if (this.#account === null) return await this.#read();
    if (this.#account.isStale(Date.now())) this.ctx.waitUntil(this.#readAgain());
    return this.#account;
  }

  /** False while D1 is down: the last reading stands. */
  async #readAgain(): Promise<boolean> {
    return await this.#read().then(
      () => true,
      () => false,
    );
  }

  /** Calls at the same time share one reading. */
  async #read(): Promise<TenantAccount> {
    this.#reading ??= this.#readIndex().finally(() => {
      this.#reading = null;
    });
    return await this.#reading;
  }

  async #readIndex(): Promise<TenantAccount> {
    const readAtMs = Date.now();
    const tracked = this.#account?.tracked() ?? [];
    const sinceMs = readAtMs - (readAtMs % DAY_MS);
    const load = await loadTenant(this.env.DB, this.#tenant(), { tracked, sinceMs, readAtMs });
    this.#account ??= new TenantAccount(load);
    this.#account.reconcile(load);
    return this.#account;
  }

  #tenant(): string {
    const { name } = this.ctx.id;
    if (name === undefined) throw new TypeError("A tenant's object is found by the tenant's name.");
    return name;
  }
}
