import { rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { MockModelProcess } from "../mock-model/mock-model.ts";
import type { Contender } from "./contender.ts";
import { openStage } from "./contender.ts";
import type { PlatformUse } from "./cost.ts";
import { measure } from "./load.ts";
import type { Load } from "./load.ts";
import type { PlanText, Side } from "./side.ts";
import { PLANS, TURNS } from "./side.ts";
import { line } from "./statistics.ts";

const Counted = z.object({
  objectRequests: z.number(),
  objectActiveMs: z.number(),
  rowsWritten: z.number(),
  rowsRead: z.number(),
  d1RowsWritten: z.number(),
  d1RowsRead: z.number(),
  queueOperations: z.number(),
  workerRequests: z.number(),
});

/** What tasks use of the platform, from counters that workerd itself returned. */
export interface Use {
  /** Of a task of ten calls whose model answers at once. */
  readonly perTask: PlatformUse;
  /** Of the same task when each of its model calls waits 15 s; its CPU when each waits 3 s. */
  readonly perWaitingTask: PlatformUse;
  readonly rowsWrittenPerModelCall: number;
  readonly rowsWrittenFixedPerTask: number;
  readonly commitsPerModelCall: number;
  readonly d1RowsPerCommit: number;
  readonly d1RowsFixedPerTask: number;
}

export async function measureUse(
  built: readonly [Contender, string],
  model: MockModelProcess,
  { folder, counted, quick }: { readonly folder: string; readonly counted: number; readonly quick: boolean },
): Promise<Use> {
  const stateDir = join(folder, `use-${built[0].name}`);
  const stage = await openStage(new Map([built]), model, stateDir);
  try {
    const [side] = stage.sides;
    if (side === undefined) throw new Error("The stage is empty.");
    const used = (plan: PlanText, tasks: number): Promise<UsePerTask> =>
      usedPerTask(side, stage.miniflare.workerdPid, { plan, tasks, atOnce: 1 });
    await used(PLANS.tenCalls, counted); // Makes the objects known to the counters, and the code warm.
    const ten = await used(PLANS.tenCalls, counted);
    const thirty = await used(PLANS.thirtyCalls, counted);
    // One alone: a local queue hands out one batch at a time, so that waiting tasks would wait for each other, which a deployed one does not.
    const waiting = quick
      ? extrapolated(await used(PLANS.oneCallSlowly, 1), await used(PLANS.twoCallsSlowly, 1))
      : (await used(PLANS.tenCallsSlowly, 1)).use;
    // A process that waits for minutes mostly uses CPU for itself, for which nobody is billed.
    const { cpuMs } = (await used(PLANS.tenCallsBriefly, 1)).use;
    return { ...slopes(ten, thirty), perTask: ten.use, perWaitingTask: { ...waiting, cpuMs } };
  } finally {
    await stage.close();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

export interface UsePerTask {
  readonly use: PlatformUse;
  readonly commits: number;
}

/** `rest` is what is waited for, behind the end of the tasks, until all is counted that comes of them. */
export async function usedPerTask(
  side: Side,
  pid: number,
  load: Load,
  rest: () => Promise<void> = () => Promise.resolve(),
): Promise<UsePerTask> {
  await side.counters("POST");
  const { cpuMs, commits } = await measure(side, pid, load);
  await rest();
  const total = { ...Counted.parse(await side.counters("GET")), cpuMs };
  return { use: mapUse((what) => total[what] / load.tasks), commits: commits / load.tasks };
}

/** What a further model call or commit costs, and what a task costs whatever its length. */
function slopes(ten: UsePerTask, thirty: UsePerTask): Omit<Use, "perTask" | "perWaitingTask"> {
  const { tenCalls, thirtyCalls } = TURNS;
  const rows = line({ x: tenCalls, y: ten.use.rowsWritten }, { x: thirtyCalls, y: thirty.use.rowsWritten });
  const commits = line({ x: tenCalls, y: ten.commits }, { x: thirtyCalls, y: thirty.commits });
  const d1Rows = line(
    { x: ten.commits, y: ten.use.d1RowsWritten },
    { x: thirty.commits, y: thirty.use.d1RowsWritten },
  );
  return {
    rowsWrittenPerModelCall: rows.perUnit,
    rowsWrittenFixedPerTask: rows.fixed,
    commitsPerModelCall: commits.perUnit,
    d1RowsPerCommit: d1Rows.perUnit,
    d1RowsFixedPerTask: d1Rows.fixed,
  };
}

/**
 * A waiting task of ten calls takes three minutes, so a quick bench draws the straight line through shorter ones. It misses what comes
 * once a minute: the audit log's tail.
 */
function extrapolated(one: UsePerTask, two: UsePerTask): PlatformUse {
  return mapUse((what) => {
    const { perUnit, fixed } = line(
      { x: TURNS.oneCall, y: one.use[what] },
      { x: TURNS.twoCalls, y: two.use[what] },
    );
    return fixed + perUnit * TURNS.tenCalls;
  });
}

export function mapUse(of: (what: keyof PlatformUse) => number): PlatformUse {
  return {
    objectRequests: of("objectRequests"),
    objectActiveMs: of("objectActiveMs"),
    rowsWritten: of("rowsWritten"),
    rowsRead: of("rowsRead"),
    d1RowsWritten: of("d1RowsWritten"),
    d1RowsRead: of("d1RowsRead"),
    queueOperations: of("queueOperations"),
    workerRequests: of("workerRequests"),
    cpuMs: of("cpuMs"),
  };
}
