import { HostedTask } from "../../durable-objects/hosted-task.ts";
import type { Outside } from "../../durable-objects/outside.ts";
import type { CommitRow } from "../../src/contracts/journal.ts";
import type { NewTask, TaskView } from "../../src/contracts/task.ts";
import { decodeBody } from "../../src/core/task/commit.ts";
import { TaskStore } from "../../src/storage/task-store.ts";
import { FNS } from "../core/fixtures/core-functions.ts";
import { orderOf } from "../core/fixtures/order.ts";
import { RIGHTS, ends } from "../core/fixtures/said.ts";
import { Sqlite } from "../simulation/sqlite.ts";
import { Timeline, never } from "../simulation/timeline.ts";

/** One task behind its doors, in virtual time, and an outside that answers at once unless a test says otherwise. */
export class Hosted {
  readonly timeline: Timeline;
  readonly order: NewTask;
  readonly rows: CommitRow[] = [];
  readonly sent: string[] = [];
  readonly outside: { -readonly [K in keyof Outside]: Outside[K] };
  readonly #sqlite = new Sqlite();
  #callOffAlarm: () => void = () => undefined;
  #alarmAtMs: number | null = null;
  #task: HostedTask | null = null;

  constructor(order = orderOf(), timeline = new Timeline()) {
    this.timeline = timeline;
    this.order = order;
    this.outside = {
      clock: { nowMs: () => timeline.nowMs },
      timer: { after: (delayMs, due) => timeline.after(delayMs, due) },
      alarm: { armedAtMs: async () => this.#alarmAtMs, set: (atMs) => this.#arm(atMs) },
      models: { complete: async () => ends("Done.") },
      background: { poll: async () => ({ stop: "working" }), drop: () => never() },
      tools: { execute: async () => ({ kind: "done", output: {} }), readBack: () => never() },
      queue: { send: async (lane) => void this.sent.push(lane) },
      audit: { append: async () => undefined },
      rights: { read: async () => RIGHTS },
      family: { look: async () => null, end: () => never(), tell: async () => undefined },
      allowances: { answer: () => never() },
      readers: {
        connected: () => true,
        committed: (row) => void this.rows.push(row),
        partial: () => undefined,
        ended: () => undefined,
      },
      health: { of: () => [], probed: () => undefined },
      salt: () => "5a17".repeat(8),
    };
  }

  get task(): HostedTask {
    const store = (): TaskStore =>
      new TaskStore({
        exec: (sql, ...values) => this.#sqlite.all(sql, values),
        transaction: (work) => work(),
      });
    this.#task ??= new HostedTask({ store: store(), outside: this.outside, fns: FNS });
    return this.#task;
  }

  /** What is in the journal, command by command. */
  get told(): readonly string[] {
    return this.rows.map((row) => {
      const { command, events } = decodeBody(row);
      return `${command.type}: ${events.map(({ type }) => type).join(" ")}`;
    });
  }

  at(ms: number, what: () => unknown): void {
    this.timeline.after(ms, () => void what());
  }

  /** Makes the task, and lets time pass until nothing is due. */
  async run(): Promise<TaskView | null> {
    await this.task.create(this.order);
    await this.timeline.run(100_000);
    return this.task.view();
  }

  #arm(atMs: number): void {
    this.#callOffAlarm();
    this.#alarmAtMs = atMs;
    this.#callOffAlarm = this.timeline.after(atMs - this.timeline.nowMs, () => {
      this.#alarmAtMs = null;
      void this.task.alarm();
    });
  }
}
