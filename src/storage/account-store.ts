import { z } from "zod";
import { Funds } from "../contracts/allowance.ts";
import type { Account, Holding } from "../core/account.ts";
import type { Sql } from "./task-store.ts";

const Raise = z.strictObject({ to: z.int(), declared: z.int() });
const Sum = z.strictObject({
  key: z.string(),
  spent: Funds,
  overrun: Funds,
  // A human's word that was kept in another form is forgotten, and asked for again: funds are counted all the same.
  raised: z.strictObject({ costMicroUsd: Raise.exactOptional(), tokens: Raise.exactOptional() }).catch({}),
  alerted: Funds,
  asker: z.strictObject({ task: z.string(), untilMs: z.number() }).nullable(),
  closed: z
    .strictObject({ costMicroUsd: z.int().exactOptional(), tokens: z.int().exactOptional() })
    .catch({}),
});
const AccountText = z.strictObject({ day: Sum, month: Sum, held: Funds });
const AccountRow = z.object({ principal: z.string(), account: z.string() });
const HoldingRow = z.object({
  task: z.string(),
  principal: z.string(),
  n: z.int(),
  held_micro_usd: z.int(),
  held_tokens: z.int(),
  counted_micro_usd: z.int(),
  counted_tokens: z.int(),
  back: z.int(),
  at_ms: z.int(),
});

const SCHEMA = [
  "CREATE TABLE IF NOT EXISTS accounts (principal TEXT PRIMARY KEY, account TEXT NOT NULL) WITHOUT ROWID",
  `CREATE TABLE IF NOT EXISTS holdings (task TEXT PRIMARY KEY, principal TEXT NOT NULL, n INTEGER NOT NULL,
    held_micro_usd INTEGER NOT NULL, held_tokens INTEGER NOT NULL,
    counted_micro_usd INTEGER NOT NULL, counted_tokens INTEGER NOT NULL,
    back INTEGER NOT NULL, at_ms INTEGER NOT NULL) WITHOUT ROWID`,
];
const EXISTS = "SELECT 1 FROM sqlite_schema WHERE name = 'holdings'";
const WRITE_ACCOUNT = "INSERT OR REPLACE INTO accounts VALUES (?, ?)";
const WRITE_HOLDING = "INSERT OR REPLACE INTO holdings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
const FORGET = "DELETE FROM holdings WHERE task = ?";

export interface BookChange {
  /** The tenant's own account has an empty name. */
  readonly accounts: readonly (readonly [string, Account])[];
  readonly holdings: readonly (readonly [string, Holding])[];
  readonly forgotten: readonly string[];
}

/** The book of a tenant's accounts: a row an account, and one for each task that held something lately. */
export class AccountStore {
  readonly #sql: Sql;
  #made: boolean;

  constructor(sql: Sql) {
    this.#sql = sql;
    this.#made = [...sql.exec(EXISTS)].length > 0;
  }

  accounts(): readonly (readonly [string, Account])[] {
    const rows = this.#made ? [...this.#sql.exec("SELECT principal, account FROM accounts")] : [];
    return rows.map((row) => {
      const { principal, account } = AccountRow.parse(row);
      return [principal, AccountText.parse(JSON.parse(account))] as const;
    });
  }

  holdings(): readonly (readonly [string, Holding])[] {
    const rows = this.#made ? [...this.#sql.exec("SELECT * FROM holdings")] : [];
    return rows.map((row) => {
      const { task, principal, n, back, at_ms: atMs, ...amounts } = HoldingRow.parse(row);
      const held = { costMicroUsd: amounts.held_micro_usd, tokens: amounts.held_tokens };
      const counted = { costMicroUsd: amounts.counted_micro_usd, tokens: amounts.counted_tokens };
      return [task, { principal, n, held, counted, back: back === 1, atMs }] as const;
    });
  }

  /** All of it or nothing. */
  write({ accounts, holdings, forgotten }: BookChange): void {
    if (accounts.length + holdings.length + forgotten.length === 0) return;
    this.#sql.transaction(() => {
      if (!this.#made) for (const statement of SCHEMA) this.#sql.exec(statement);
      for (const [principal, account] of accounts)
        this.#sql.exec(WRITE_ACCOUNT, principal, JSON.stringify(account));
      for (const [task, { principal, n, held, counted, back, atMs }] of holdings)
        this.#sql.exec(
          WRITE_HOLDING,
          task,
          principal,
          n,
          held.costMicroUsd,
          held.tokens,
          counted.costMicroUsd,
          counted.tokens,
          back ? 1 : 0,
          atMs,
        );
      for (const task of forgotten) this.#sql.exec(FORGET, task);
    });
    this.#made = true;
  }
}
