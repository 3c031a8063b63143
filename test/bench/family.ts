import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { MockModelProcess } from "../mock-model/mock-model.ts";
import type { Contender, Stage } from "./contender.ts";
import { openStage } from "./contender.ts";
import type { PlatformUse } from "./cost.ts";
import { measure } from "./load.ts";
import type { Load } from "./load.ts";
import type { PlanText } from "./side.ts";
import { PLANS } from "./side.ts";
import { mapUse, usedPerTask } from "./use.ts";

const CHILDREN = 50;
/** What a parent and its children write once the parent has ended: their audit tails, and that each has told the other. */
const REST_MS = 1_000;

/** A parent with 50 children of five turns each, or the same work in 50 tasks of their own that were made at once. */
export interface Figures {
  /** Of each time that it was done, until all of it was. */
  readonly tookMs: readonly number[];
  /** For all of it. */
  readonly use: PlatformUse;
}

export interface Family {
  readonly parent: Figures;
  readonly alone: Figures;
  /** The tasks where a client says that it waits for each: no model call goes through a queue. */
  readonly awaited: Figures;
}

const ways = {
  parent: { plan: PLANS.family50, tasks: 1 },
  alone: { plan: PLANS.fiveTurnsAlone, tasks: CHILDREN },
  awaited: { plan: PLANS.fiveTurnsAwaited, tasks: CHILDREN },
} as const satisfies Readonly<Record<keyof Family, { readonly plan: PlanText; readonly tasks: number }>>;

/** Times from a built contender as it is deployed, what it uses from the one that counts; each in a workerd of its own. */
export async function measureFamily(
  built: { readonly timed: Built; readonly counted: Built },
  model: MockModelProcess,
  { folder, pairs }: { readonly folder: string; readonly pairs: number },
): Promise<Family> {
  const at = { model, stateDir: join(folder, "family") };
  const times = await onStage(built.timed, at, (stage) => timesOf(stage, pairs));
  const uses = await onStage(built.counted, at, usesOf);
  const figures = (way: keyof Family): Figures => ({ tookMs: times[way], use: uses[way] });
  return { parent: figures("parent"), alone: figures("alone"), awaited: figures("awaited") };
}

type Built = readonly [Contender, string];

async function onStage<T>(
  built: Built,
  { model, stateDir }: { readonly model: MockModelProcess; readonly stateDir: string },
  run: (stage: Stage) => Promise<T>,
): Promise<T> {
  const stage = await openStage(new Map([built]), model, stateDir);
  try {
    return await run(stage);
  } finally {
    await stage.close();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

/** One way after the other, time after time, so that whatever else the machine does strikes all of them. */
async function timesOf(
  stage: Stage,
  pairs: number,
): Promise<Readonly<Record<keyof Family, readonly number[]>>> {
  const times = { parent: [] as number[], alone: [] as number[], awaited: [] as number[] };
  await inTurn(async (way) => void (await tookMs(stage, way)));
  for (let pair = 0; pair < pairs; pair += 1)
    await inTurn(async (way) => void times[way].push(await tookMs(stage, way)));
  return times;
}

async function usesOf(stage: Stage): Promise<Readonly<Record<keyof Family, PlatformUse>>> {
  const [side] = stage.sides;
  if (side === undefined) throw new Error("The stage is empty.");
  const used = async (way: keyof Family): Promise<PlatformUse> => {
    const load = loadOf(way);
    const { use } = await usedPerTask(side, stage.miniflare.workerdPid, load, () => pause(REST_MS));
    return mapUse((what) => use[what] * load.tasks);
  };
  await inTurn(async (way) => void (await tookMs(stage, way))); // Makes the objects known to the counters, and the code warm.
  return { parent: await used("parent"), alone: await used("alone"), awaited: await used("awaited") };
}

async function inTurn(run: (way: keyof Family) => Promise<void>): Promise<void> {
  for (const way of ["parent", "alone", "awaited"] as const) await run(way);
}

async function tookMs({ sides: [side], miniflare }: Stage, way: keyof Family): Promise<number> {
  if (side === undefined) throw new Error("The stage is empty.");
  const load = loadOf(way);
  const { tasksPerS } = await measure(side, miniflare.workerdPid, load);
  return (load.tasks / tasksPerS) * 1_000;
}

function loadOf(way: keyof Family): Load {
  const { plan, tasks } = ways[way];
  return { plan, tasks, atOnce: tasks };
}
