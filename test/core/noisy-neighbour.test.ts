import { expect, test } from "vitest";
import { Limiter, type PlaceAsked } from "../../src/core/limiter.ts";

const WORK_MS = 100;
const TERMS = { max: 20, waitMsMax: 2_000 };

/** In virtual time: one call of `quiet` every 50 ms, and so many of `flood` at the same time; what each of quiet's took. */
function latenciesOfQuiet(floodPerTick: number): readonly number[] {
  const limiter = new Limiter();
  const beganMs = new Map<string, number>();
  const ends: { readonly seat: string; readonly atMs: number }[] = [];
  const took: number[] = [];
  const enter = (seat: string, nowMs: number): void => {
    ends.push({ seat, atMs: nowMs + WORK_MS });
  };
  const ask = (asked: PlaceAsked, nowMs: number): void => {
    beganMs.set(asked.seat, nowMs);
    if (limiter.ask(asked, TERMS, nowMs)?.given === true) enter(asked.seat, nowMs);
  };
  for (let nowMs = 0; nowMs < 8_000; nowMs += 10) {
    for (const { seat } of ends.filter(({ atMs }) => atMs === nowMs)) {
      limiter.giveBack(seat, nowMs);
      if (seat.startsWith("q")) took.push(nowMs - (beganMs.get(seat) ?? 0));
    }
    for (let i = 0; nowMs % 50 === 0 && i < floodPerTick; i++)
      ask({ seat: `f${nowMs}.${i}`, id: `f${nowMs}.${i}`, tenant: "flood", turnedAway: 0 }, nowMs);
    if (nowMs % 50 === 0) ask({ seat: `q${nowMs}`, id: `q${nowMs}`, tenant: "quiet", turnedAway: 0 }, nowMs);
    for (const { seat, given } of limiter.seatings(TERMS, nowMs)) if (given) enter(seat, nowMs);
  }
  return took.toSorted((a, b) => a - b);
}

function p95(sorted: readonly number[]): number {
  return sorted[Math.floor(sorted.length * 0.95)] ?? Infinity;
}

test("while one tenant floods with five times what there is room for, another's p95 stays within twice what it is alone", () => {
  const alone = latenciesOfQuiet(0);
  const beside = latenciesOfQuiet(50);
  expect(alone.length).toBeGreaterThan(150);
  expect(beside.length).toBeGreaterThan(150);
  expect(p95(alone)).toBe(WORK_MS);
  expect(p95(beside)).toBeLessThanOrEqual(2 * p95(alone));
});
