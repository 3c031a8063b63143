import { expect, test } from "vitest";
import { ratios, sideFigures } from "./figures.ts";
import type { Measured } from "./load.ts";
import type { Rounds } from "./rounds.ts";

function measured(of: Partial<Measured>): Measured {
  return { latenciesMs: [], tasks: 1, tasksPerS: 0, cpuMs: 0, commits: 0, ...of };
}

const memory = { peakRssMb: 200, turns300GrowthMb: 4 };

const rounds: Rounds = {
  c1: [
    measured({ latenciesMs: [11, 22, 33], tasks: 3, cpuMs: 33 }),
    measured({ latenciesMs: [110], tasks: 1, cpuMs: 110 }),
  ],
  c32: [
    measured({ tasksPerS: 90, tasks: 100, cpuMs: 700 }),
    measured({ tasksPerS: 50, tasks: 100, cpuMs: 900 }),
    measured({ tasksPerS: 80, tasks: 100, cpuMs: 800 }),
  ],
  c256: [measured({ tasksPerS: 70 })],
  fan50: [measured({ latenciesMs: [40, 60, 50] })],
  turns300: [
    measured({ latenciesMs: [900], tasks: 1, cpuMs: 600 }),
    measured({ latenciesMs: [6_000], tasks: 1, cpuMs: 6_000 }),
  ],
};

test("latencies are pooled, rates are medians of the rounds, CPU is all of it by all the tasks", () => {
  expect(sideFigures(rounds, [5, 7, 6], memory)).toMatchObject({
    c1: { p50Ms: 22, p99Ms: 110 },
    c32: { tasksPerS: 80 },
    c256: { tasksPerS: 70 },
    cpuMsPerTask: 8,
    fan50: { p50Ms: 50 },
    firstEvent: { p50Ms: 6 },
    peakRssMb: 200,
  });
});

test("a turn of a long task is compared with a turn of a short one of the same round", () => {
  // Round one: 3 ms against 2 ms a turn. Round two, ten times as slow: 20 against 10.
  const { turns300 } = sideFigures(rounds, [], memory);
  expect(turns300).toEqual({ perTurnRatio: 1.5, perTurnCpuRatio: 2, growthMb: 4 });
});

test("a side is compared with the baseline round by round", () => {
  const slower: Rounds = {
    ...rounds,
    c1: rounds.c1.map((round) => ({ ...round, latenciesMs: round.latenciesMs.map((ms) => ms * 1.5) })),
    c32: rounds.c32.map((round, at) => ({
      ...round,
      tasksPerS: round.tasksPerS / 2,
      cpuMs: round.cpuMs * (at + 1),
    })),
  };
  expect(ratios(slower, rounds)).toEqual({
    c1P50: { median: 1.5, min: 1.5, max: 1.5 },
    c32TasksPerS: { median: 0.5, min: 0.5, max: 0.5 },
    c256TasksPerS: { median: 1, min: 1, max: 1 },
    cpuMsPerTask: { median: 2, min: 1, max: 3 },
    fan50P50: { median: 1, min: 1, max: 1 },
  });
});
