import { AuditTail } from "../../durable-objects/audit-tail.ts";
import { TaskLog } from "../../durable-objects/task-log.ts";
import type { Command } from "../../src/core/task/command.ts";
import type { AuditBatch } from "../../src/ports.ts";
import { type Sql, TaskStore } from "../../src/storage/task-store.ts";
import { FNS } from "../core/fixtures/core-functions.ts";
import { T0 } from "../core/fixtures/order.ts";
import { Sqlite } from "../simulation/sqlite.ts";

/** What an object is made of, without its driver: what it has on disk outlives its lives. */
export class OneObject {
  readonly sqlite = new Sqlite();
  readonly statements: string[] = [];
  readonly batches: AuditBatch[] = [];
  audit: { append: (batch: AuditBatch) => Promise<void> } = {
    append: async (batch) => void this.batches.push(batch),
  };
  nowMs = T0;

  /** One life: its log, and the tail that follows it. */
  live() {
    const sql: Sql = {
      exec: (query, ...bindings) => {
        this.statements.push(query);
        return this.sqlite.all(query, bindings);
      },
      transaction: (work) => work(),
    };
    const store = new TaskStore(sql);
    const clock = { nowMs: () => this.nowMs };
    const log: TaskLog = new TaskLog({
      store,
      fns: FNS,
      clock,
      salt: () => "5a17".repeat(8),
      onCommit: (row) => tail.grew(row),
    });
    const tail: AuditTail = new AuditTail({ log, store, audit: this.audit, clock });
    const commit = (...commands: readonly Command[]): void => commands.forEach((one) => log.commit(one));
    return { log, store, tail, commit };
  }
}
