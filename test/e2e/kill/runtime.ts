import type { Statement } from "../../../src/storage/api-keys.ts";
import { type RunningMiniflare, startMiniflare, stateFiles } from "../../harness/miniflare.ts";
import { processTable } from "../../../scripts/local/processes.ts";
import { KEYS_PATH } from "./entry-data.ts";

const WORKER = "countersign";

export interface RuntimeOptions {
  readonly script: string;
  readonly stateDir: string;
  readonly vars: Readonly<Record<string, string>>;
}

/** The runtime under test, which dies and lives again on the same state. Whoever asks for its address waits while it is dead. */
export class Runtime {
  readonly #options: RuntimeOptions;
  #running: Promise<RunningMiniflare>;
  #output = "";

  private constructor(options: RuntimeOptions, running: Promise<RunningMiniflare>) {
    this.#options = options;
    this.#running = running;
  }

  static async start(options: RuntimeOptions): Promise<Runtime> {
    const runtime = new Runtime(options, begin(options));
    await runtime.#running;
    return runtime;
  }

  async url(path: string): Promise<URL> {
    return new URL(path, (await this.#running).url(WORKER));
  }

  async seed(statements: readonly Statement[]): Promise<void> {
    const response = await fetch(await this.url(KEYS_PATH), {
      method: "POST",
      body: JSON.stringify(statements),
    });
    if (!response.ok) throw new Error(`The keys were not taken: ${response.status} ${await response.text()}`);
  }

  /** SIGKILL to workerd's own pid, then to its parent. Resolves when both are gone; what they had made durable lies in files. */
  async kill(): Promise<void> {
    const running = await this.#running;
    const { workerdPid, pid } = running;
    if (!isAlive(workerdPid) || !isAlive(pid))
      throw new Error(`It died before it was killed.\n${running.output()}`);
    await running.kill();
    this.#output = running.output();
    if (isAlive(workerdPid) || isAlive(pid)) throw new Error("Something of it lives on.");
    for (const kind of ["do", "d1"] as const)
      if (stateFiles(this.#options.stateDir, kind).length === 0) throw new Error(`No ${kind} file is there.`);
  }

  /** Starts it on the state that it left. */
  async restart(): Promise<void> {
    this.#running = begin(this.#options);
    await this.#running;
  }

  /** Of one that could not be started there is nothing to stop, and whoever started it was told. */
  async stop(): Promise<void> {
    const running = await this.#running.catch(() => null);
    await running?.stop();
  }

  /** What the last one that was killed had printed. */
  get output(): string {
    return this.#output;
  }
}

function begin({ stateDir, script, vars }: RuntimeOptions): Promise<RunningMiniflare> {
  return startMiniflare({ stateDir, workers: [{ name: WORKER, script, vars }] });
}

function isAlive(wanted: number): boolean {
  return processTable().some(({ pid, zombie }) => pid === wanted && !zombie);
}
