import { cpuMsOf } from "./process-cost.ts";
import type { PlanText, Side } from "./side.ts";

export interface Load {
  readonly plan: PlanText;
  readonly tasks: number;
  /** How many tasks live at any moment: as one ends the next one starts. */
  readonly atOnce: number;
}

export interface Measured {
  readonly latenciesMs: readonly number[];
  readonly tasks: number;
  readonly tasksPerS: number;
  /** CPU of workerd over the whole run. */
  readonly cpuMs: number;
  /** Durable commits of all tasks together. */
  readonly commits: number;
}

/** Runs a load against one side while nothing else runs in that workerd. */
export async function measure(side: Side, workerdPid: number, load: Load): Promise<Measured> {
  const latenciesMs: number[] = [];
  let [left, commits] = [load.tasks, 0];
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const startedMs = performance.now();
      const made = await side.ended(await side.start(load.plan));
      commits += made;
      latenciesMs.push(performance.now() - startedMs);
    }
  };
  const cpuBeforeMs = cpuMsOf(workerdPid);
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: Math.min(load.atOnce, load.tasks) }, worker));
  const tookMs = performance.now() - startedMs;
  return {
    latenciesMs,
    tasks: load.tasks,
    tasksPerS: (load.tasks / tookMs) * 1_000,
    cpuMs: cpuMsOf(workerdPid) - cpuBeforeMs,
    commits,
  };
}
