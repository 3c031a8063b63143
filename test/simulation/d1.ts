import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Sqlite } from "./sqlite.ts";

const FOLDER = join(import.meta.dirname, "../../src/storage/migrations");
const MIGRATIONS = readdirSync(FOLDER)
  .toSorted()
  .map((name) => readFileSync(join(FOLDER, name), "utf8"))
  .join("\n");

type Value = string | number | null;

/** A D1 database over a real SQLite, as far as the production code asks: statements, parameters, batches that are transactions. */
export class SimulatedD1 {
  readonly #sqlite = new Sqlite();
  readonly #weather: <T>(work: () => T) => Promise<T>;

  /** `weather` stands between the caller and the database: it may delay, refuse, or lose the answer. */
  constructor(weather: <T>(work: () => T) => Promise<T>) {
    this.#sqlite.run(MIGRATIONS);
    this.#weather = weather;
  }

  /** The binding as production code takes it. */
  get binding(): D1Database {
    return {
      prepare: (sql: string) => this.#statement(sql, []),
      batch: (s: Bound[]) => this.#batch(s),
    } as unknown as D1Database;
  }

  /** Reads past the weather, for the checks. */
  rows(sql: string, ...bindings: readonly Value[]): readonly Record<string, unknown>[] {
    return this.#sqlite.all(sql, bindings);
  }

  close(): void {
    this.#sqlite.close();
  }

  #statement(sql: string, bindings: readonly Value[]): Bound {
    const all = async () => ({ results: await this.#weather(() => this.#sqlite.all(sql, bindings)) });
    return {
      sql,
      bindings,
      bind: (...values) => this.#statement(sql, values),
      all,
      first: async (column) => {
        const [row] = (await all()).results;
        return row?.[column] ?? null;
      },
    };
  }

  #batch(statements: readonly Bound[]): Promise<readonly { readonly results: readonly unknown[] }[]> {
    return this.#weather(() => {
      this.#sqlite.run("BEGIN");
      try {
        const results = statements.map(({ sql, bindings }) => ({ results: this.#sqlite.all(sql, bindings) }));
        this.#sqlite.run("COMMIT");
        return results;
      } catch (error) {
        this.#sqlite.run("ROLLBACK");
        throw error;
      }
    });
  }
}

interface Bound {
  readonly sql: string;
  readonly bindings: readonly Value[];
  bind(...values: readonly Value[]): Bound;
  all(): Promise<{ readonly results: readonly Record<string, unknown>[] }>;
  first(column: string): Promise<unknown>;
}
