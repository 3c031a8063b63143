import type { CallDoor, Settlement } from "../ports.ts";

/** Well within what a lease has beyond the time-out of its call: no result waits for others until its lease runs out. */
const TOGETHER_MS = 5_000;
/** Tries to hand settlements in, before their leases are left to run out. */
const TRIES = 3;

/** The results of one task's calls on their way to it: those that come soon after one another travel together. */
export class Settlements {
  /** A stub that has met its object's death only repeats that error: each try goes through a door of its own. */
  readonly #door: () => CallDoor;
  #ready: Settlement[] = [];
  #sending: Promise<void> = Promise.resolve();
  #ended = false;

  constructor(door: () => CallDoor) {
    this.#door = door;
  }

  add(settlement: Settlement): void {
    this.#ready.push(settlement);
    if (this.#ready.length > 1) return;
    AbortSignal.timeout(TOGETHER_MS).addEventListener("abort", () => {
      if (!this.#ended) this.#send();
    });
  }

  /** Resolves when all that was added is handed in, or given up. */
  async end(): Promise<void> {
    this.#ended = true;
    this.#send();
    await this.#sending;
  }

  #send(): void {
    const settlements = this.#ready;
    if (settlements.length === 0) return;
    this.#ready = [];
    this.#sending = this.#sending.then(() => this.#handIn(settlements));
  }

  async #handIn(settlements: readonly Settlement[]): Promise<void> {
    for (let tries = 0; tries < TRIES; tries++) {
      try {
        return await this.#door().settle(settlements);
      } catch {
        continue;
      }
    }
  }
}
