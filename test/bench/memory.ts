import { rmSync } from "node:fs";
import { join } from "node:path";
import type { MockModelProcess } from "../mock-model/mock-model.ts";
import type { Contender } from "./contender.ts";
import { openStage } from "./contender.ts";
import { measure } from "./load.ts";
import { peakRssMbOf } from "./process-cost.ts";
import { warmUp } from "./rounds.ts";
import { PLANS } from "./side.ts";

export interface Memory {
  /** The most that workerd had while 256 tasks lived at once. */
  readonly peakRssMb: number;
  /** How much the peak of a warm workerd rose through a task of 300 turns. */
  readonly turns300GrowthMb: number;
}

/** Each contender alone in a workerd of its own: a process's peak cannot be told apart by Worker. */
export async function measureMemory(
  built: readonly [Contender, string],
  model: MockModelProcess,
  { folder, crowd }: { readonly folder: string; readonly crowd: number },
): Promise<Memory> {
  const stateDir = join(folder, `memory-${built[0].name}`);
  const stage = await openStage(new Map([built]), model, stateDir);
  try {
    const pid = stage.miniflare.workerdPid;
    const [side] = stage.sides;
    if (side === undefined) throw new Error("The stage is empty.");
    await warmUp(side, pid);
    const warmMb = peakRssMbOf(pid);
    await measure(side, pid, { plan: PLANS.threeHundredTurns, atOnce: 1, tasks: 1 });
    const turns300GrowthMb = peakRssMbOf(pid) - warmMb;
    await measure(side, pid, { plan: PLANS.tenCalls, atOnce: 256, tasks: crowd });
    return { peakRssMb: peakRssMbOf(pid), turns300GrowthMb };
  } finally {
    await stage.close();
    rmSync(stateDir, { recursive: true, force: true });
  }
}
