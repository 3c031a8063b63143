import type { CommitRow, Head } from "../src/contracts/journal.ts";
import { GENESIS, walkChain } from "../src/core/chain.ts";
import type { CoreFunctions } from "../src/core/functions.ts";
import type { Command } from "../src/core/task/command.ts";
import { commitRow, encodeBody, foldRow } from "../src/core/task/commit.ts";
import { RULES, decide } from "../src/core/task/decide.ts";
import type { TaskRefusal } from "../src/core/task/refusal.ts";
import type { TaskState } from "../src/core/task/state.ts";
import { utf8Bytes } from "../src/core/text.ts";
import type { Clock } from "../src/ports.ts";
import type { TaskStore } from "../src/storage/task-store.ts";

/** A snapshot spares the folding of so many commits; a larger one than this is not worth its row. */
const SNAPSHOT_COMMITS = 64;
const SNAPSHOT_BYTES_MAX = 1_900_000;

export interface LogParts {
  readonly store: TaskStore;
  readonly fns: CoreFunctions;
  readonly clock: Clock;
  /** Sixteen random bytes as hex, fresh for each commit. */
  readonly salt: () => string;
  readonly onCommit: (row: CommitRow) => void;
}

/** The journal and the state that it folds to, kept in step: what is decided is durable before it is believed. */
export class TaskLog {
  readonly #parts: LogParts;
  #state: TaskState | null = null;
  #head: Head = GENESIS;
  #snapshotSeq = 0;

  /** Reads, and writes nothing. Throws when the journal is not what was written. */
  constructor(parts: LogParts) {
    this.#parts = parts;
    this.#load();
  }

  get state(): TaskState | null {
    return this.#state;
  }

  get head(): Head {
    return this.#head;
  }

  /** J1. Decides and commits in one step, with nothing awaited between. `changed` is false when the command changed nothing. */
  commit(
    command: Command,
  ):
    | { readonly ok: true; readonly changed: boolean }
    | { readonly ok: false; readonly refusal: TaskRefusal } {
    const { fns, clock, store, salt, onCommit } = this.#parts;
    const atMs = clock.nowMs();
    const decision = decide(this.#state, command, atMs, fns);
    if (!decision.ok) return decision;
    const { events, state } = decision;
    if (events.length === 0 || state === null) return { ok: true, changed: false };
    const body = encodeBody({ command, events });
    const row = commitRow(
      { task: state.order, head: this.#head, atMs, rules: RULES, body, salt: salt() },
      fns,
    );
    store.append(row);
    this.#state = state;
    this.#head = { seq: row.seq, hash: row.hash };
    onCommit(row);
    return { ok: true, changed: true };
  }

  /** J2. A cache of the fold, written when there is time and enough to spare. */
  saveSnapshot(): void {
    if (this.#state === null || this.#head.seq - this.#snapshotSeq < SNAPSHOT_COMMITS) return;
    this.#snapshotSeq = this.#head.seq;
    const text = JSON.stringify({ rules: RULES, state: this.#state });
    if (utf8Bytes(text) <= SNAPSHOT_BYTES_MAX) this.#parts.store.saveSnapshot(this.#head, text);
  }

  #load(): void {
    const { store, fns } = this.#parts;
    this.#restore();
    for (
      let rows = store.rowsAfter(this.#head.seq);
      rows.length > 0;
      rows = store.rowsAfter(this.#head.seq)
    ) {
      for (const row of rows) this.#state = foldRow(this.#state, row);
      const owner = this.#state?.order;
      const from = { verified: this.#head, fault: null };
      const walk = owner === undefined ? from : walkChain(fns.sha256, owner, from, rows);
      if (walk.fault !== null) throw new Error(`the journal does not hold together at ${walk.fault.seq}`);
      this.#head = walk.verified;
    }
  }

  /** A snapshot of other rules is dropped, and so is one that cannot be read or is of another journal: the journal has it all. */
  #restore(): void {
    const { store } = this.#parts;
    const { snapshot } = store;
    const kept = snapshot === null ? null : parseSnapshot(snapshot.text);
    if (snapshot === null || kept === null) return;
    const [row] = store.rowsAfter(snapshot.head.seq - 1, 1);
    if (row?.hash !== snapshot.head.hash) return;
    this.#state = kept;
    this.#head = snapshot.head;
    this.#snapshotSeq = snapshot.head.seq;
  }
}

function parseSnapshot(text: string): TaskState | null {
  try {
    const kept: unknown = JSON.parse(text);
    return isSnapshot(kept) && kept.rules === RULES ? kept.state : null;
  } catch {
    return null;
  }
}

function isSnapshot(kept: unknown): kept is { readonly rules: number; readonly state: TaskState } {
  return typeof kept === "object" && kept !== null && "rules" in kept && "state" in kept;
}
