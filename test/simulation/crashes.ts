import type { Random } from "./random.ts";

/** Where a process can die. Each is a place of its own in the life of a commit, an effect or a message. */
export const CRASH_POINTS = [
  "before a commit is appended",
  "before a commit is durable",
  "after a commit is durable, before what it held back leaves",
  "while a model call is out",
  "while a tool call is out",
  "while a read-back is out",
  "while rights are read",
  "while an allowance is asked for",
  "after an allowance was answered, before its commit",
  "while a response is asked for",
  "after a response was told, before its commit",
  "while a response is dropped",
  "after a response was dropped, before its commit",
  "while messages are sent to a queue",
  "after a model answered, before its commit",
  "after a tool answered, before its commit",
  "after a read-back answered, before its commit",
  "while the audit log is written",
  "after the audit log is written, before that is kept",
  "at the end of a slice",
  "when idle",
  "in a consumer before it claims",
  "in a consumer between claim and execution",
  "in a consumer while it executes",
  "in a consumer between execution and settlement",
  "in a consumer after settlement",
  "in a consumer before it makes a child",
  "in a consumer after it made a child",
  "while a child is asked how it is",
  "after a child said how it is, before its commit",
  "while a child is ended",
  "while a parent is told",
  "after a parent was told, before its commit",
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

/** Points that a world comes to a few times at most: where they strike at all, they strike often. */
const SELDOM: ReadonlySet<CrashPoint> = new Set([
  "after a read-back answered, before its commit",
  "after a response was told, before its commit",
  "while a response is dropped",
  "after a response was dropped, before its commit",
  "in a consumer before it makes a child",
  "in a consumer after it made a child",
  "while a child is asked how it is",
  "after a child said how it is, before its commit",
  "while a child is ended",
  "while a parent is told",
  "after a parent was told, before its commit",
]);

export type CrashCounts = Record<CrashPoint, number>;

export function noCrashes(): CrashCounts {
  const counts: Partial<CrashCounts> = {};
  for (const point of CRASH_POINTS) counts[point] = 0;
  return { ...counts } as CrashCounts;
}

/** Decides who dies where. A world has its own temper: most points are quiet in it, some are not. */
export class Crashes {
  readonly counts = noCrashes();
  readonly #random: Random;
  readonly #chances: Partial<Record<CrashPoint, number>> = {};
  #left: number;

  constructor(random: Random) {
    this.#random = random;
    const violent = random.chance(0.1);
    this.#left = random.chance(0.15) ? 0 : random.int(1, violent ? 40 : 10);
    for (const point of CRASH_POINTS) {
      const most = SELDOM.has(point) ? 1 : violent ? 0.4 : 0.15;
      if (random.chance(0.5)) this.#chances[point] = random.next() * most;
    }
  }

  /** Whether it happens here and now. */
  strikes(point: CrashPoint): boolean {
    if (this.#left === 0 || !this.#random.chance(this.#chances[point] ?? 0)) return false;
    this.#left -= 1;
    this.counts[point] += 1;
    return true;
  }

  /** The weather turns fair: nobody dies any more. */
  calm(): void {
    this.#left = 0;
  }
}
