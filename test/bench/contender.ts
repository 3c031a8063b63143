import { join } from "node:path";
import { buildWorker } from "../harness/build-worker.ts";
import { startMiniflare } from "../harness/miniflare.ts";
import type { RunningMiniflare, WorkerSpec } from "../harness/miniflare.ts";
import type { MockModelProcess } from "../mock-model/mock-model.ts";
import type { Side } from "./side.ts";

/** A Worker that takes part in the bench: how it is built, what it is given, and how it is driven. */
export interface Contender {
  readonly name: string;
  readonly entry: string;
  /** The same with its use of the platform counted; only what is counted is taken from it, never a time. */
  readonly countedEntry: string;
  readonly config: string;
  readonly given: (modelUrl: string) => Pick<WorkerSpec, "vars" | "external">;
  readonly side: (url: URL) => Side;
}

/** Contenders running together in one Miniflare, one workerd, on fresh state. */
export interface Stage {
  readonly miniflare: RunningMiniflare;
  readonly sides: readonly Side[];
  close(): Promise<void>;
}

/** Bundles contenders, once for all stages. */
export async function build(
  contenders: readonly Contender[],
  folder: string,
  counted = false,
): Promise<ReadonlyMap<Contender, string>> {
  const scripts = new Map<Contender, string>();
  for (const contender of contenders) {
    const outDir = join(folder, `${contender.name}${counted ? "-counted" : ""}`);
    const entry = counted ? contender.countedEntry : contender.entry;
    scripts.set(contender, await buildWorker({ entry, outDir, config: contender.config }));
  }
  return scripts;
}

export async function openStage(
  scripts: ReadonlyMap<Contender, string>,
  model: MockModelProcess,
  stateDir: string,
): Promise<Stage> {
  const miniflare = await startMiniflare({
    stateDir,
    workers: [...scripts].map(([{ name, config, given }, script]) => ({
      name,
      script,
      config,
      ...given(model.url),
    })),
  });
  const sides = [...scripts.keys()].map((contender) => contender.side(miniflare.url(contender.name)));
  const close = async (): Promise<void> => {
    for (const side of sides) side.close();
    await miniflare.stop();
  };
  return { miniflare, sides, close };
}
