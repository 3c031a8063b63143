import { DatabaseSync, type StatementSync } from "node:sqlite";

/** A real SQLite in memory whose statements are prepared once. */
export class Sqlite {
  readonly #db = new DatabaseSync(":memory:");
  readonly #statements = new Map<string, StatementSync>();

  run(sql: string): void {
    this.#db.exec(sql);
  }

  all(sql: string, bindings: readonly (string | number | null)[]): readonly Record<string, unknown>[] {
    const known = this.#statements.get(sql);
    const statement = known ?? this.#db.prepare(sql);
    if (known === undefined) this.#statements.set(sql, statement);
    return statement.all(...bindings);
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }
}
