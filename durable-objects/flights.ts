import type { Command } from "../src/core/task/command.ts";
import type { Effect } from "../src/core/task/effect.ts";

/** What one doing of an effect takes: its work, and how long that may last before it is left behind. */
export interface Journey {
  readonly work: (signal: AbortSignal) => Promise<Command | null>;
  readonly leftAfterMs?: number;
  /** What is told of work that was left behind. */
  readonly left?: () => Command;
}

interface Flight {
  readonly leftAtMs: number;
  readonly abort: AbortController;
  readonly land: (command: Command | null) => void;
  readonly left: (() => Command) | undefined;
}

/**
 * The effects of an object's life: each is begun once, and is out until it has brought its command. Everything ends: adapters keep
 * their own time-outs, and one that does not is left behind. Nothing here has a timer; whoever drives asks when the next is due.
 */
export class Flights {
  /** Null once an effect has landed; its key is kept for as long as the effect follows from the state. */
  readonly #begun = new Map<string, Flight | null>();
  #out = 0;

  get out(): number {
    return this.#out;
  }

  has(key: string): boolean {
    return this.#begun.has(key);
  }

  /** Remembers an effect that is carried out together with others. */
  note(key: string): void {
    this.#begun.set(key, null);
  }

  forget(key: string): void {
    this.#begun.delete(key);
  }

  /** `landed` gets what the work brought. By then the effect has landed: what is decided of it aborts nothing. */
  begin(
    key: string,
    journey: Journey,
    of: { nowMs: number; landed: (command: Command | null) => void },
  ): void {
    const { work, leftAfterMs = Infinity, left } = journey;
    const abort = new AbortController();
    const { promise, resolve, reject } = Promise.withResolvers<Command | null>();
    this.#begun.set(key, { leftAtMs: of.nowMs + leftAfterMs, abort, land: resolve, left });
    this.#out += 1;
    work(abort.signal).then(resolve, reject);
    const landed = (command: Command | null): void => {
      this.#out -= 1;
      if (this.#begun.has(key)) this.#begun.set(key, null);
      of.landed(command);
    };
    void promise.then(landed, (error: unknown) => {
      landed(null);
      throw error;
    });
  }

  /** Aborts and forgets what no longer follows from the state, but for what `keeps` says. */
  abortStale(effects: readonly Effect[], keeps: (key: string) => boolean): void {
    for (const [key, flight] of this.#begun) {
      if (keeps(key) || effects.some((effect) => effect.key === key)) continue;
      flight?.abort.abort();
      this.#begun.delete(key);
    }
  }

  nextLeftAtMs(): number {
    let next = Infinity;
    for (const flight of this.#begun.values()) if (flight !== null) next = Math.min(next, flight.leftAtMs);
    return next;
  }

  /** Leaves behind what has been out for too long. */
  leaveOverdue(nowMs: number): void {
    for (const flight of this.#begun.values()) {
      if (flight?.left === undefined || flight.leftAtMs > nowMs) continue;
      flight.land(flight.left());
      flight.abort.abort();
    }
  }
}
