import { z } from "zod";
import type { MutexState } from "../core/mutex.ts";
import type { Sql } from "./task-store.ts";

const Row = z.object({ fence: z.int().nonnegative(), call: z.string(), until_ms: z.number() });

const SCHEMA =
  "CREATE TABLE IF NOT EXISTS mutex (one INTEGER PRIMARY KEY CHECK (one = 1), fence INTEGER NOT NULL, call TEXT NOT NULL, until_ms INTEGER NOT NULL)";
const EXISTS = "SELECT 1 FROM sqlite_schema WHERE name = 'mutex'";
const READ = "SELECT fence, call, until_ms FROM mutex";
const WRITE = "INSERT OR REPLACE INTO mutex VALUES (1, ?, ?, ?)";

/** One row: who holds the resource (nobody: an empty name), and how high its fence is. Nothing is written before someone takes it. */
export class MutexStore {
  readonly #sql: Sql;
  #made: boolean;

  constructor(sql: Sql) {
    this.#sql = sql;
    this.#made = [...sql.exec(EXISTS)].length > 0;
  }

  read(): MutexState | null {
    const [row] = this.#made ? [...this.#sql.exec(READ)] : [];
    if (row === undefined) return null;
    const { fence, call, until_ms: untilMs } = Row.parse(row);
    return { fence, holder: call === "" ? null : { call, untilMs } };
  }

  write({ fence, holder }: MutexState): void {
    if (!this.#made) this.#sql.exec(SCHEMA);
    this.#made = true;
    this.#sql.exec(WRITE, fence, holder?.call ?? "", holder?.untilMs ?? 0);
  }
}
