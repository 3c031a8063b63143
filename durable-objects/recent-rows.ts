import type { CommitRow } from "../src/contracts/journal.ts";

/** Rows that wait longer or are larger than this together are read from the store again. */
const CHARACTERS_MAX = 262_144;

/** The newest rows of a journal as they were written: most of them are sent on so soon that reading them again is waste. */
export class RecentRows {
  #rows: CommitRow[] = [];
  #characters = 0;

  add(row: CommitRow): void {
    this.#characters += row.body.length;
    if (this.#characters > CHARACTERS_MAX) this.#clear();
    else this.#rows.push(row);
  }

  /** All rows after a seq, or null when some of them are not here. */
  after(seq: number): readonly CommitRow[] | null {
    return this.#rows[0]?.seq === seq + 1 ? [...this.#rows] : null;
  }

  dropUntil(seq: number): void {
    const kept = this.#rows.filter((row) => row.seq > seq);
    this.#clear();
    for (const row of kept) this.add(row);
  }

  #clear(): void {
    this.#rows = [];
    this.#characters = 0;
  }
}
