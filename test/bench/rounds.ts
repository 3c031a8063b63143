import type { Stage } from "./contender.ts";
import { measure } from "./load.ts";
import type { Load, Measured } from "./load.ts";
import { Bystanders } from "./machine.ts";
import { cpuMsOf } from "./process-cost.ts";
import type { Side } from "./side.ts";
import { PLANS } from "./side.ts";
import { sum } from "./statistics.ts";

export type Phase = "c1" | "c32" | "c256" | "fan50" | "turns300";

/** What one side did in one phase, round by round. */
export type Rounds = Readonly<Record<Phase, readonly Measured[]>>;

export interface Effort {
  readonly quick: boolean;
  readonly rounds: number;
  readonly loads: Readonly<Record<Phase, Load>>;
  readonly firstEvents: number;
  /** How many tasks tell the peak of memory, and how many what a task uses of the platform. */
  readonly crowd: number;
  readonly counted: number;
  /** How often a parent with its children is timed beside the same work in separate tasks. */
  readonly pairs: number;
}

export function effort(quick: boolean): Effort {
  const tasks = quick
    ? { c1: 20, c32: 64, c256: 256, fan50: 3, turns300: 1 }
    : { c1: 60, c32: 256, c256: 768, fan50: 15, turns300: 2 };
  return {
    quick,
    rounds: quick ? 1 : 5,
    firstEvents: quick ? 5 : 30,
    crowd: quick ? 64 : 512,
    counted: quick ? 4 : 20,
    pairs: quick ? 3 : 9,
    loads: {
      c1: { plan: PLANS.tenCalls, atOnce: 1, tasks: tasks.c1 },
      c32: { plan: PLANS.tenCalls, atOnce: 32, tasks: tasks.c32 },
      c256: { plan: PLANS.tenCalls, atOnce: 256, tasks: tasks.c256 },
      fan50: { plan: PLANS.fan50, atOnce: 1, tasks: tasks.fan50 },
      turns300: { plan: PLANS.threeHundredTurns, atOnce: 1, tasks: tasks.turns300 },
    },
  };
}

/**
 * Measures all sides of a stage. In every round each phase runs once for each side, one right after the other and in turn first, so
 * that whatever else the machine does strikes all of them.
 */
export async function runRounds(
  stage: Stage,
  { rounds, loads }: Effort,
  { modelPid, told }: { readonly modelPid: number; readonly told: (line: string) => void },
): Promise<ReadonlyMap<Side, Rounds>> {
  const pid = stage.miniflare.workerdPid;
  const ownMs = (): number => sum([pid, stage.miniflare.pid, modelPid, process.pid].map(cpuMsOf));
  for (const side of stage.sides) await warmUp(side, pid);
  const measured = new Map(stage.sides.map((side) => [side, noRounds()]));
  for (let round = 0; round < rounds; round += 1) {
    const bystanders = new Bystanders(ownMs);
    const order = round % 2 === 0 ? stage.sides : stage.sides.toReversed();
    for (const phase of ["c1", "c32", "c256", "fan50", "turns300"] as const) {
      for (const side of order) measured.get(side)?.[phase].push(await measure(side, pid, loads[phase]));
    }
    told(`round ${round + 1} of ${rounds}; others kept ${bystanders.cores().toFixed(1)} cores busy`);
  }
  return measured;
}

function noRounds(): Record<Phase, Measured[]> {
  return { c1: [], c32: [], c256: [], fan50: [], turns300: [] };
}

/** Code is compiled, connections are open and files exist before anything is timed. */
export async function warmUp(side: Side, pid: number): Promise<void> {
  await measure(side, pid, { plan: PLANS.tenCalls, atOnce: 1, tasks: 10 });
  await measure(side, pid, { plan: PLANS.tenCalls, atOnce: 32, tasks: 320 });
  await measure(side, pid, { plan: PLANS.fan50, atOnce: 1, tasks: 1 });
}

/** Times until the first event of a task has reached its reader, one task at a time. */
export async function firstEvents(side: Side, times: number): Promise<readonly number[]> {
  const tookMs: number[] = [];
  for (let at = 0; at < times; at += 1) tookMs.push(await side.firstEventMs(PLANS.tenCalls));
  return tookMs;
}
