import type { Memory } from "./memory.ts";
import type { Rounds } from "./rounds.ts";
import type { Spread } from "./statistics.ts";
import { median, quantile, ratioOf, sum } from "./statistics.ts";
import { TURNS } from "./side.ts";

/** The figures of one side, under the names that they have in the JSON file. Times in ms, memory in MB. */
export interface SideFigures {
  readonly c1: { readonly p50Ms: number; readonly p99Ms: number };
  readonly c32: { readonly tasksPerS: number };
  readonly c256: { readonly tasksPerS: number };
  /** CPU of workerd for a task of ten calls, 32 at once. */
  readonly cpuMsPerTask: number;
  readonly fan50: { readonly p50Ms: number };
  readonly firstEvent: { readonly p50Ms: number };
  readonly turns300: {
    readonly perTurnRatio: number;
    readonly perTurnCpuRatio: number;
    readonly growthMb: number;
  };
  readonly peakRssMb: number;
}

export function sideFigures(rounds: Rounds, firstEventsMs: readonly number[], memory: Memory): SideFigures {
  const { c1, c32, c256, fan50, turns300 } = rounds;
  const latencies = c1.flatMap((round) => round.latenciesMs);
  return {
    c1: { p50Ms: median(latencies), p99Ms: quantile(latencies, 0.99) },
    c32: { tasksPerS: median(c32.map((round) => round.tasksPerS)) },
    c256: { tasksPerS: median(c256.map((round) => round.tasksPerS)) },
    cpuMsPerTask: sum(c32.map((round) => round.cpuMs)) / sum(c32.map((round) => round.tasks)),
    fan50: { p50Ms: median(fan50.flatMap((round) => round.latenciesMs)) },
    firstEvent: { p50Ms: median(firstEventsMs) },
    turns300: {
      perTurnRatio: perTurnRatio(turns300.map(p50), c1.map(p50)),
      perTurnCpuRatio: perTurnRatio(turns300.map(cpuMsPerTask), c1.map(cpuMsPerTask)),
      growthMb: memory.turns300GrowthMb,
    },
    peakRssMb: memory.peakRssMb,
  };
}

function p50(round: { readonly latenciesMs: readonly number[] }): number {
  return median(round.latenciesMs);
}

function cpuMsPerTask(round: { readonly cpuMs: number; readonly tasks: number }): number {
  return round.cpuMs / round.tasks;
}

/** What a turn of a long task costs against a turn of a short one of the same side. */
function perTurnRatio(longs: readonly number[], shorts: readonly number[]): number {
  return ratioOf(
    longs.map((long) => long / TURNS.threeHundredTurns),
    shorts.map((short) => short / TURNS.tenCalls),
  ).median;
}

/** How a side compares with the baseline, round by round. */
export interface Ratios {
  readonly c1P50: Spread;
  readonly c32TasksPerS: Spread;
  readonly c256TasksPerS: Spread;
  readonly cpuMsPerTask: Spread;
  readonly fan50P50: Spread;
}

export function ratios(side: Rounds, baseline: Rounds): Ratios {
  const tasksPerS = (round: { readonly tasksPerS: number }): number => round.tasksPerS;
  return {
    c1P50: ratioOf(side.c1.map(p50), baseline.c1.map(p50)),
    c32TasksPerS: ratioOf(side.c32.map(tasksPerS), baseline.c32.map(tasksPerS)),
    c256TasksPerS: ratioOf(side.c256.map(tasksPerS), baseline.c256.map(tasksPerS)),
    cpuMsPerTask: ratioOf(side.c32.map(cpuMsPerTask), baseline.c32.map(cpuMsPerTask)),
    fan50P50: ratioOf(side.fan50.map(p50), baseline.fan50.map(p50)),
  };
}
