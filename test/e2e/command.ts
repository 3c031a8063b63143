import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { ROOT } from "../../scripts/local/project.ts";
import { processTable } from "../../scripts/local/processes.ts";
import { replays } from "../replay/fresh-replay.ts";
import { storedTasks } from "./kill/stored.ts";

/** Runs scripts on a state folder and a port of their own, so that these tests never meet a runtime that somebody uses. */
export interface Bench {
  readonly stateDir: string;
  readonly port: number;
  readonly run: (script: string, args?: readonly string[], env?: Readonly<Record<string, string>>) => Command;
}

/** Prepares a bench before the tests of a file, and clears away after each test and at the end. */
export function benchForFile(): () => Bench {
  const commands: Command[] = [];
  let bench: Bench | undefined;
  let worked = false;
  beforeAll(async () => {
    const stateDir = preparedState();
    const port = await anyFreePort();
    const run: Bench["run"] = (script, args = [], env = {}) => {
      const command = new Command(script, args, {
        STATE_DIR: stateDir,
        PORT: String(port),
        SAMPLE_MODEL: "scripted",
        ...env,
      });
      commands.push(command);
      return command;
    };
    bench = { stateDir, port, run };
  });
  afterEach(() => {
    for (const command of commands.splice(0)) {
      worked ||= command.stdout.includes("turn 1");
      command.kill();
    }
  });
  // J3. The tasks that the commands have run lie on the disk, and are decided again in a fresh process.
  afterAll(async () => {
    if (bench === undefined) return;
    const stored = [...storedTasks(join(bench.stateDir, "v3")).values()];
    const journals = new Map(stored.map(({ task, rows }) => [task, rows]));
    if (worked) expect(await replays(journals)).toEqual([]);
    rmSync(bench.stateDir, { recursive: true, force: true });
  });
  return () => {
    if (bench === undefined) throw new Error("A bench is there once the tests run.");
    return bench;
  };
}

export async function anyFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error("A TCP server has an address.");
  return address.port;
}

function preparedState(): string {
  const stateDir = mkdtempSync(join(tmpdir(), "countersign-state-"));
  const setUp = spawnSync(process.execPath, ["scripts/setup.mjs"], {
    cwd: ROOT,
    encoding: "utf8",
    env: { ...process.env, STATE_DIR: stateDir },
  });
  if (setUp.status !== 0) throw new Error(`${setUp.stdout}${setUp.stderr}`);
  return stateDir;
}

/** To look through all processes is not free. */
const POLL_MS = 50;

/** One of the project's scripts, run as npm runs it. */
export class Command {
  readonly #child: ChildProcess;
  readonly #seen = new Set<number>();
  readonly #exit: Promise<number | null>;
  #stdout = "";
  #stderr = "";

  constructor(script: string, args: readonly string[], env: Readonly<Record<string, string>>) {
    this.#child = spawn(process.execPath, [`scripts/${script}`, ...args], {
      cwd: ROOT,
      env: { ...process.env, NO_COLOR: "", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (chunk: string) => (this.#stdout += chunk));
    this.#child.stderr?.setEncoding("utf8").on("data", (chunk: string) => (this.#stderr += chunk));
    this.#exit = once(this.#child, "close").then(() => this.#child.exitCode);
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Waits until stdout holds a match of `pattern`, which it gives. */
  async prints(pattern: RegExp, msMax = 60_000): Promise<RegExpExecArray> {
    const giveUpAtMs = performance.now() + msMax;
    while (performance.now() < giveUpAtMs) {
      this.#noteProcesses();
      const match = pattern.exec(this.#stdout);
      if (match !== null) return match;
      if (this.#child.exitCode !== null) break;
      await pause(POLL_MS);
    }
    throw new Error(`It did not print ${pattern}.\n${this.#stdout}\n${this.#stderr}`);
  }

  signal(name: NodeJS.Signals): void {
    this.#noteProcesses();
    this.#child.kill(name);
  }

  /** Its exit code, once it has ended by itself. */
  async exits(msMax = 120_000): Promise<number | null> {
    const giveUpAtMs = performance.now() + msMax;
    while (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#noteProcesses();
      if (performance.now() > giveUpAtMs)
        throw new Error(`It did not end.\n${this.#stdout}\n${this.#stderr}`);
      await pause(POLL_MS);
    }
    return await this.#exit;
  }

  /** How many processes it was seen to start, and which of them still live. */
  get started(): { readonly count: number; readonly left: readonly number[] } {
    const living = new Set(
      processTable()
        .filter(({ zombie }) => !zombie)
        .map(({ pid }) => pid),
    );
    return { count: this.#seen.size, left: [...this.#seen].filter((pid) => living.has(pid)) };
  }

  /** For after a test that failed. */
  kill(): void {
    this.#child.kill("SIGKILL");
    for (const pid of this.started.left) process.kill(pid, "SIGKILL");
  }

  #noteProcesses(): void {
    const { pid: own } = this.#child;
    if (own === undefined) return;
    const family = new Set([own, ...this.#seen]);
    for (const { pid, parent } of processTable().toSorted((one, other) => one.pid - other.pid))
      if (family.has(parent)) family.add(pid);
    family.delete(own);
    for (const pid of family) this.#seen.add(pid);
  }
}
