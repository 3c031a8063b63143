import type { CommitRow } from "../src/contracts/journal.ts";
import { isLive } from "../src/core/task/state.ts";
import { indexEntryOf, inboxEntriesOf } from "./projections.ts";
import { RecentRows } from "./recent-rows.ts";
import type { AuditLog, Clock } from "../src/ports.ts";
import type { TaskStore } from "../src/storage/task-store.ts";
import type { TaskLog } from "./task-log.ts";

/** A task that has just begun is listed soon; one that works on may lag this far behind. */
const FIRST_FLUSH_MS = 2_000;
const FLUSH_MS = 120_000;
/** While the audit log is down: retried for ever, ever more slowly. */
const RETRY_MS_FIRST = 1_000;
const RETRY_MS_MAX = 60_000;

export interface TailParts {
  readonly log: TaskLog;
  readonly store: TaskStore;
  readonly audit: AuditLog;
  readonly clock: Clock;
}

/** L1. The part of the journal that the audit log has not acknowledged. Sent again until it has; nothing is dropped. */
export class AuditTail {
  readonly #parts: TailParts;
  readonly #recent = new RecentRows();
  #auditedSeq: number;
  #failures = 0;
  #notBeforeMs = 0;
  /** When the oldest commit was made that the log has not. */
  #waitingSinceMs: number | null;

  constructor(parts: TailParts) {
    this.#parts = parts;
    this.#auditedSeq = parts.store.auditedSeq;
    this.#waitingSinceMs = parts.store.rowsAfter(this.#auditedSeq, 1)[0]?.atMs ?? null;
  }

  /** A commit has just been made. */
  grew(row: CommitRow): void {
    this.#waitingSinceMs ??= this.#parts.clock.nowMs();
    this.#recent.add(row);
  }

  /**
   * When the tail should be sent at the latest; null when the log has everything. `resting`: nothing else is left to do. What waits for
   * a human is in the inbox at once.
   */
  dueMs(resting: boolean): number | null {
    const { log } = this.#parts;
    if (this.#auditedSeq >= log.head.seq) return null;
    if (resting || this.#hasNewsForHumans()) return this.#notBeforeMs;
    const sinceMs = this.#waitingSinceMs ?? this.#parts.clock.nowMs();
    return Math.max(this.#notBeforeMs, sinceMs + (this.#auditedSeq === 0 ? FIRST_FLUSH_MS : FLUSH_MS));
  }

  #hasNewsForHumans(): boolean {
    const { state } = this.#parts.log;
    return state?.approvals.some(({ changedSeq }) => changedSeq > this.#auditedSeq) ?? false;
  }

  /** Sends what is there now, and not what comes meanwhile. A failure delays, and is never the task's. */
  async flush(): Promise<void> {
    const { log, clock } = this.#parts;
    const untilSeq = log.head.seq;
    try {
      while (this.#auditedSeq < untilSeq) await this.#sendPage();
      this.#note();
      this.#failures = 0;
      this.#waitingSinceMs = log.head.seq > untilSeq ? clock.nowMs() : null;
    } catch {
      this.#failures += 1;
      this.#notBeforeMs = clock.nowMs() + Math.min(RETRY_MS_MAX, RETRY_MS_FIRST * 2 ** (this.#failures - 1));
    }
  }

  /**
   * Another life goes on from here. A task that has ended seldom has one, and most are so short that this is all they would write
   * beside their journal: without a note, what stands in the log already would be sent once more, and left as it is.
   */
  #note(): void {
    const { log, store } = this.#parts;
    if (log.state !== null && isLive(log.state)) store.saveAuditedSeq(this.#auditedSeq);
  }

  /** The index never says more than the rows that came with it. */
  async #sendPage(): Promise<void> {
    const { log, store, audit } = this.#parts;
    const commits = this.#recent.after(this.#auditedSeq) ?? store.rowsAfter(this.#auditedSeq);
    const seq = commits.at(-1)?.seq;
    if (log.state === null || seq === undefined) throw new Error("the journal ends before its head");
    const approvals = inboxEntriesOf(log.state, this.#auditedSeq);
    await audit.append({ commits, entry: { ...indexEntryOf(log.state), seq }, approvals });
    this.#auditedSeq = seq;
    this.#recent.dropUntil(seq);
  }
}
