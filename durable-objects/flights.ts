import type { Command } from "../src/core/task/command.ts";
import type { Effect } from "../src/core/task/effect.ts";
import { timeIsOver } from "../src/until-aborted.ts";

/** What one doing of an effect takes: its work, and how long that may last. */
export interface Journey {
  readonly work: (signal: AbortSignal) => Promise<Command | null>;
  readonly bound?: {
    readonly timeoutMs: number;
    /** What is told of work that does not end when its time is over. */
    readonly left: () => Command;
  };
}

/** What work may take to end once its signal has aborted. */
const GRACE_MS = 5_000;

interface Flight {
  readonly abort: AbortController;
  readonly overAtMs: number;
  readonly land: (command: Command | null) => void;
  readonly left: (() => Command) | undefined;
}

/**
 * The effects of an object's life: each is begun once, and is out until it has brought its command. Everything ends: work is told
 * when its time is over, and left behind if it does not end then. Nothing here has a timer; whoever drives asks when to look again.
 */
export class Flights {
  /** Null once an effect has landed; its key is kept for as long as the effect follows from the state. */
  readonly #begun = new Map<string, Flight | null>();
  /** All that has not landed, those whose effect is forgotten included. */
  readonly #out = new Set<Flight>();

  get out(): number {
    return this.#out.size;
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
    const { work, bound } = journey;
    const abort = new AbortController();
    const { promise, resolve, reject } = Promise.withResolvers<Command | null>();
    const overAtMs = of.nowMs + (bound?.timeoutMs ?? Infinity);
    const flight = { abort, overAtMs, land: resolve, left: bound?.left };
    this.#begun.set(key, flight);
    this.#out.add(flight);
    work(abort.signal).then(resolve, reject);
    const landed = (command: Command | null): void => {
      this.#out.delete(flight);
      if (this.#begun.get(key) === flight) this.#begun.set(key, null);
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

  /** When something that is out must be told that its time is over, or be left behind; Infinity when nothing ever must. */
  nextDueMs(): number {
    let next = Infinity;
    for (const flight of this.#out) next = Math.min(next, dueMs(flight));
    return next;
  }

  endOverdue(nowMs: number): void {
    for (const flight of this.#out) {
      if (nowMs < dueMs(flight)) continue;
      if (!flight.abort.signal.aborted) flight.abort.abort(timeIsOver());
      else if (flight.left !== undefined) flight.land(flight.left());
    }
  }
}

function dueMs({ overAtMs, abort }: Flight): number {
  return abort.signal.aborted ? overAtMs + GRACE_MS : overAtMs;
}
