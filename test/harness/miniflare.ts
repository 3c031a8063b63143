import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { startChild } from "./child-process.ts";
import { MiniflareReady } from "./miniflare-input.ts";
import { OFFLINE } from "./offline.ts";
import { gone, killHard, livingInGroup } from "../../scripts/local/processes.ts";
import { readWranglerOptions } from "./wrangler-options.ts";
import type { WranglerOptions } from "./wrangler-options.ts";

export interface WorkerSpec {
  /** Names the Worker and the folder of its objects: the same after every restart. */
  readonly name: string;
  /** A bundle from `buildWorker`. */
  readonly script: string;
  /** The wrangler.toml with its bindings; the project's own without it. */
  readonly config?: string;
  /** Variables and secrets, beside the `[vars]` of its wrangler.toml. A `.dev.vars` is not read. */
  readonly vars?: Readonly<Record<string, string>>;
  /**
   * Service bindings that lead straight to an address (`127.0.0.1:PORT`). A plain `fetch` passes an outbound Worker of Miniflare's,
   * which only local development has; what is sent through such a binding does not.
   */
  readonly external?: Readonly<Record<string, string>>;
  /** Where it listens on 127.0.0.1; any free port without it. */
  readonly port?: number;
}

export interface RunningMiniflare {
  /** `http://127.0.0.1:PORT/` of the Worker with this name. */
  url(name: string): URL;
  readonly workerdPid: number;
  readonly pid: number;
  output(): string;
  /** Kills workerd, then its parent, and resolves when nothing of them lives or answers. State files must be there. */
  kill(): Promise<void>;
  /** Ends it in order. */
  stop(): Promise<void>;
}

/**
 * Runs built Workers in plain Miniflare, in a process of its own, with all their state under `stateDir`. Starting again on the same
 * `stateDir` takes on where a killed one left off (queue messages excepted: they live in memory only).
 */
export async function startMiniflare(options: {
  readonly stateDir: string;
  readonly workers: readonly WorkerSpec[];
}): Promise<RunningMiniflare> {
  mkdirSync(options.stateDir, { recursive: true });
  const child = await startChild(join(import.meta.dirname, "child.ts"), {
    input: { stateDir: options.stateDir, workers: options.workers.map(childWorker) },
    ready: MiniflareReady,
    env: OFFLINE,
  });
  const { workerdPid, urls } = child.ready;
  const url = (name: string): URL => {
    const address = urls[name];
    if (address === undefined) throw new Error(`No Worker is called ${name}.`);
    return new URL(address);
  };
  const kill = async (): Promise<void> => {
    assertStateFiles(options.stateDir);
    // Miniflare starts workerd anew when it dies, so its own death follows at once, and the group is swept until it is empty.
    killHard(workerdPid);
    killHard(child.pid);
    await gone(() => livingInGroup(child.pid).map(killed));
    await Promise.all(Object.values(urls).map(assertSilent));
  };
  return {
    url,
    workerdPid,
    pid: child.pid,
    output: () => child.output(),
    kill,
    stop: () => child.stop(),
  };
}

const optionsOf = new Map<string | undefined, WranglerOptions>();

function childWorker(worker: WorkerSpec): unknown {
  const known = optionsOf.get(worker.config) ?? readWranglerOptions(worker.config);
  optionsOf.set(worker.config, known);
  const { worker: options, d1Binding, migrations } = known;
  const vars = { ...known.vars, ...worker.vars };
  const { name, script, port = 0, external = {} } = worker;
  return { name, script, port, vars, external, options, d1Binding, migrations };
}

function killed(pid: number): number {
  killHard(pid);
  return pid;
}

/** The SQLite files of objects or of D1 that were written under `stateDir`, the bookkeeping of Miniflare itself excepted. */
export function stateFiles(stateDir: string, kind: "do" | "d1"): readonly string[] {
  const folder = join(stateDir, kind);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".sqlite") && !name.endsWith("metadata.sqlite"),
  );
}

/** Miniflare ignores persistence options that it does not know without a word, so that state would be lost unseen. */
function assertStateFiles(stateDir: string): void {
  if (stateFiles(stateDir, "do").length === 0)
    throw new Error(`No object has written a file under ${stateDir}.`);
}

async function assertSilent(url: string): Promise<void> {
  const answered = await fetch(url).then(
    () => true,
    () => false,
  );
  if (answered) throw new Error(`${url} still answers after the kill.`);
}
