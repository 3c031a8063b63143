import { Crashes } from "./crashes.ts";
import { Random } from "./random.ts";
import { Timeline } from "./timeline.ts";

/** A breach of an invariant, as the checks tell it. */
export interface Violation {
  readonly invariant: string;
  readonly what: string;
  readonly atMs: number;
}

const VIOLATIONS_MAX = 20;
const READINGS_MAX = 100_000;

/** What everyone in one simulated world shares: chance, time, who dies, what was seen, and what was wrong with it. */
export class World {
  readonly random: Random;
  readonly timeline = new Timeline();
  readonly crashes: Crashes;
  readonly violations: Violation[] = [];
  readonly #trace: string[] = [];
  readonly #beganMs: number;
  readonly #met = new Map<string, number>();
  #calmSinceMs = Infinity;
  #clock = { step: 0, readings: 0 };

  constructor(seed: number) {
    this.random = new Random(seed);
    this.crashes = new Crashes(new Random(this.random.int(0, 2 ** 31)));
    this.#beganMs = this.timeline.nowMs;
  }

  /** After the storm: everything outside works, nobody dies, nobody interferes. */
  get isCalm(): boolean {
    return this.#calmSinceMs !== Infinity;
  }

  /** Infinity while it storms. */
  get calmSinceMs(): number {
    return this.#calmSinceMs;
  }

  calm(): void {
    this.#calmSinceMs = this.timeline.nowMs;
    this.crashes.calm();
    this.note("calm");
  }

  /** The time, for production code. Whoever asks for it without end in one moment goes round in circles. */
  readClock(): number {
    const { nowMs, steps } = this.timeline;
    if (this.#clock.step !== steps) this.#clock = { step: steps, readings: 0 };
    if (++this.#clock.readings > READINGS_MAX) throw new Error("time is read without end, and does not pass");
    return nowMs;
  }

  note(what: string): void {
    this.#trace.push(`${this.timeline.nowMs - this.#beganMs} ${what}`);
  }

  /** Something happened that simulations are to meet often enough. */
  meet(what: string): void {
    this.#met.set(what, (this.#met.get(what) ?? 0) + 1);
  }

  get met(): ReadonlyMap<string, number> {
    return this.#met;
  }

  violate(invariant: string, what: string): void {
    this.note(`VIOLATION ${invariant}: ${what}`);
    if (this.violations.length < VIOLATIONS_MAX)
      this.violations.push({ invariant, what, atMs: this.timeline.nowMs - this.#beganMs });
  }

  get trace(): string {
    return this.#trace.join("\n");
  }

  /** A delay of the network: mostly short. */
  networkMs(): number {
    return this.random.chance(0.9) ? this.random.int(0, 3) : this.random.int(4, 60);
  }
}
