import { z } from "zod";
import { AccountTerms } from "../contracts/allowance.ts";

const Row = z.object({ principal: z.string(), terms: z.string() });

const READ = "SELECT principal, terms FROM budgets WHERE tenant = ? ORDER BY principal";
const WRITE = `INSERT INTO budgets (tenant, principal, terms) VALUES (?, ?, ?)
  ON CONFLICT (tenant, principal) DO UPDATE SET terms = excluded.terms`;
const REMOVE = "DELETE FROM budgets WHERE tenant = ? AND principal = ?";

/** What the accounts of tenants may spend, by principal: empty for the tenant as a whole, `*` for each who is not named. */
export class D1AccountTerms {
  readonly #db: D1Database;

  constructor(db: D1Database) {
    this.#db = db;
  }

  async read(tenant: string): Promise<ReadonlyMap<string, AccountTerms>> {
    const { results } = await this.#db.prepare(READ).bind(tenant).all();
    const rows = results.map((row) => Row.parse(row));
    return new Map(rows.map(({ principal, terms }) => [principal, AccountTerms.parse(JSON.parse(terms))]));
  }

  /** Null: it has no limit any more. */
  async write(tenant: string, principal: string, terms: AccountTerms | null): Promise<void> {
    const statement =
      terms === null
        ? this.#db.prepare(REMOVE).bind(tenant, principal)
        : this.#db.prepare(WRITE).bind(tenant, principal, JSON.stringify(terms));
    await statement.run();
  }
}
