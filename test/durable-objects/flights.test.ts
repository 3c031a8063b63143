import { beforeEach, describe, expect, test } from "vitest";
import { Flights } from "../../durable-objects/flights.ts";
import type { Command } from "../../src/core/task/command.ts";
import type { Effect } from "../../src/core/task/effect.ts";

const T0 = 1_000;
const TIMED_OUT: Command = { type: "timerFired" };
const STARTED: Command = { type: "start" };
const effect = (key: string): Effect => ({ kind: "start", key });
const none = (): boolean => false;

let flights: Flights;
let landed: (Command | null)[];

beforeEach(() => {
  flights = new Flights();
  landed = [];
});

/** Work that a test ends, and what it was told meanwhile. */
function begin(key: string, timeoutMs?: number) {
  const { promise, resolve } = Promise.withResolvers<Command | null>();
  let signal: AbortSignal | undefined;
  const work = (given: AbortSignal): Promise<Command | null> => {
    signal = given;
    return promise;
  };
  const bound = timeoutMs === undefined ? {} : { bound: { timeoutMs, left: () => TIMED_OUT } };
  flights.begin(key, { work, ...bound }, { nowMs: T0, landed: (command) => landed.push(command) });
  return { end: resolve, signal: () => signal };
}

/** Runs whatever waits for promises. */
async function soon(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

describe("an effect", () => {
  test("is out until its work has brought its command, and known after", async () => {
    const { end } = begin("a");
    expect([flights.out, flights.has("a")]).toEqual([1, true]);
    end(STARTED);
    await soon();
    expect([flights.out, flights.has("a"), landed]).toEqual([0, true, [STARTED]]);
  });

  test("has landed by the time that its command is told, so that what is decided of it aborts nothing", async () => {
    let aborted: boolean | undefined;
    const work = (signal: AbortSignal): Promise<Command> => {
      signal.addEventListener("abort", () => (aborted = true));
      return Promise.resolve(STARTED);
    };
    const told = (): void => flights.abortStale([], none);
    flights.begin("a", { work }, { nowMs: T0, landed: told });
    await soon();
    expect([aborted, flights.has("a")]).toEqual([undefined, false]);
  });

  test("that no longer follows from the state is aborted and forgotten, but still lands", async () => {
    const stale = begin("stale");
    const fresh = begin("fresh");
    const kept = begin("kept");
    flights.abortStale([effect("fresh")], (key) => key === "kept");
    expect([stale, fresh, kept].map(({ signal }) => signal()?.aborted)).toEqual([true, false, false]);
    expect(["stale", "fresh", "kept"].map((key) => flights.has(key))).toEqual([false, true, true]);
    stale.end(STARTED);
    await soon();
    expect([flights.out, landed]).toEqual([2, [STARTED]]);
  });

  test("that is begun anew under a forgotten key is not taken for landed when the old one lands", async () => {
    const old = begin("a");
    flights.forget("a");
    const again = begin("a");
    old.end(null);
    await soon();
    flights.abortStale([], none);
    expect(again.signal()?.aborted).toBe(true);
  });
});

describe("time", () => {
  test("without a bound, nothing is ever due", () => {
    begin("a");
    expect(flights.nextDueMs()).toBe(Infinity);
  });

  test("that is over is told to the work, as a time-out", () => {
    const { signal } = begin("a", 200);
    expect(flights.nextDueMs()).toBe(T0 + 200);
    flights.endOverdue(T0 + 199);
    expect(signal()?.aborted).toBe(false);
    flights.endOverdue(T0 + 200);
    expect(signal()?.reason).toMatchObject({ name: "TimeoutError" });
  });

  test("work that does not end when its time is over is left behind, and what it brings later is dropped", async () => {
    const { end } = begin("a", 200);
    flights.endOverdue(T0 + 200);
    expect(flights.nextDueMs()).toBe(T0 + 5_200);
    flights.endOverdue(T0 + 5_199);
    await soon();
    expect(landed).toEqual([]);
    flights.endOverdue(T0 + 5_200);
    await soon();
    expect([flights.out, landed]).toEqual([0, [TIMED_OUT]]);
    end(STARTED);
    await soon();
    expect(landed).toEqual([TIMED_OUT]);
  });

  test("ends work that was aborted and does not end, too", async () => {
    begin("a", 200);
    flights.abortStale([], none);
    flights.endOverdue(T0 + 5_200);
    await soon();
    expect([flights.out, landed]).toEqual([0, [TIMED_OUT]]);
  });
});
