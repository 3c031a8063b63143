import { z } from "zod";
import type { AtWork } from "../core/admission.ts";
import type { Sql } from "./task-store.ts";

const Row = z.object({ task: z.string(), tenant: z.string(), since_ms: z.number(), n: z.int() });

const SCHEMA =
  "CREATE TABLE IF NOT EXISTS places (task TEXT PRIMARY KEY, tenant TEXT NOT NULL, since_ms INTEGER NOT NULL, n INTEGER NOT NULL) WITHOUT ROWID";
const EXISTS = "SELECT 1 FROM sqlite_schema WHERE name = 'places'";
const READ = "SELECT task, tenant, since_ms, n FROM places";
const ENTER = "INSERT OR REPLACE INTO places VALUES (?, ?, ?, ?)";
const LEAVE = "DELETE FROM places WHERE task = ?";

/** A row for each task at work. */
export class AdmissionStore {
  readonly #sql: Sql;
  #made: boolean;

  constructor(sql: Sql) {
    this.#sql = sql;
    this.#made = [...sql.exec(EXISTS)].length > 0;
  }

  read(): readonly (readonly [string, AtWork])[] {
    const rows = this.#made ? [...this.#sql.exec(READ)] : [];
    return rows.map((row) => {
      const { task, tenant, since_ms: sinceMs, n } = Row.parse(row);
      return [task, { tenant, sinceMs, n, seat: null }] as const;
    });
  }

  enter(task: string, { tenant, sinceMs, n }: AtWork): void {
    if (!this.#made) this.#sql.exec(SCHEMA);
    this.#made = true;
    this.#sql.exec(ENTER, task, tenant, sinceMs, n);
  }

  leave(task: string): void {
    if (this.#made) this.#sql.exec(LEAVE, task);
  }
}
