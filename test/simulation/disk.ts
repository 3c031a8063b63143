import type { Sql } from "../../src/storage/task-store.ts";
import { Sqlite } from "./sqlite.ts";

/**
 * What one object has on disk: its SQLite and its alarm. What is written is durable only once flushed; whoever dies before that has
 * never written it. The alarm goes with the rows, as the platform has it.
 */
export class Disk {
  readonly #sqlite = new Sqlite();
  #alarmAtMs: number | null = null;
  #newAlarmAtMs: number | null = null;
  #dirty = false;

  get dirty(): boolean {
    return this.#dirty;
  }

  /** The alarm as it would survive now. */
  get alarmAtMs(): number | null {
    return this.#alarmAtMs;
  }

  /** The alarm as the object sees it. */
  get armedAtMs(): number | null {
    return this.#newAlarmAtMs ?? this.#alarmAtMs;
  }

  /** Access for one life of the object. `writes` is told before each write and may forbid it; the dead read nothing. */
  sql(life: { readonly alive: boolean }, writes: (query: string) => boolean): Sql {
    return {
      exec: (query, ...bindings) => {
        if (!life.alive) return [];
        if (!query.startsWith("SELECT") && !writes(query)) return [];
        return this.#sqlite.all(query, bindings);
      },
      // One flush makes all of it durable or none: that is the transaction.
      transaction: (work) => work(),
    };
  }

  /** Opens what the next flush makes durable. */
  touch(): void {
    if (this.#dirty) return;
    this.#sqlite.run("BEGIN");
    this.#dirty = true;
  }

  setAlarm(atMs: number): void {
    this.#newAlarmAtMs = atMs;
  }

  /** The platform takes the alarm away when it calls it. */
  takeAlarm(): void {
    this.#alarmAtMs = null;
  }

  /** The platform brings an alarm back whose handler died. */
  restoreAlarm(atMs: number): void {
    this.#alarmAtMs ??= atMs;
  }

  flush(): void {
    this.#sqlite.run("COMMIT");
    this.#alarmAtMs = this.#newAlarmAtMs ?? this.#alarmAtMs;
    this.#newAlarmAtMs = null;
    this.#dirty = false;
  }

  lose(): void {
    if (this.#dirty) this.#sqlite.run("ROLLBACK");
    this.#newAlarmAtMs = null;
    this.#dirty = false;
  }

  /** What is durable now, read past the object. Only asked when nothing is unflushed. */
  rows(query: string, ...bindings: readonly (string | number)[]): readonly Record<string, unknown>[] {
    return this.#sqlite.all(query, bindings);
  }

  close(): void {
    this.lose();
    this.#sqlite.close();
  }
}
