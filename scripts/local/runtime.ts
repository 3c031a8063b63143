import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { stripVTControlCharacters } from "node:util";
import { HOST } from "./port.ts";
import { commandOf, gone, killHard, livingInGroup } from "./processes.ts";
import { ROOT } from "./project.ts";
import { Expected } from "./script.ts";

const READY_MS_MAX = 60_000;
const ANSWER_MS_MAX = 2_000;
const STOP_MS_MAX = 5_000;
const OUTPUT_CHARS_MAX = 100_000;

/** Off the network and quiet; local tracing would slow everything two to four times. */
export const WRANGLER_ENV = {
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_SEND_METRICS: "false",
  X_LOCAL_EXPLORER: "false",
  X_LOCAL_OBSERVABILITY: "false",
} as const;

export interface RuntimeOptions {
  readonly port: number;
  readonly stateDir: string;
  readonly vars?: Readonly<Record<string, string>>;
  /** Told each line that wrangler or the Worker writes while the runtime serves. */
  readonly onLine: (line: string) => void;
  /** From which level on wrangler writes. */
  readonly logLevel: "warn" | "log";
  /** Ends the waiting for a runtime that does not start. */
  readonly signal: AbortSignal;
}

/** The Worker under `wrangler dev`, in a process group of its own, so that all of it can be found and ended. */
export interface Runtime {
  readonly url: string;
  /** Resolves when it has ended, whoever ended it. */
  readonly ended: Promise<void>;
  /** Ends it in order, and waits until nothing of it lives. */
  stop(): Promise<void>;
  /** SIGKILL: workerd first, then wrangler. Gives the process ids in that order; nothing of it lives when it resolves. */
  kill(): Promise<Killed>;
}

export interface Killed {
  readonly workerd: readonly number[];
  readonly wrangler: number;
}

export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const lock = join(options.stateDir, "runtime.pid");
  assertAlone(lock, options.stateDir);
  const child = launch(options);
  const group = child.pid;
  if (group === undefined) throw new Expected("wrangler could not be started.");
  writeFileSync(lock, String(group));
  const output = collect(child, options.onLine);
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  // However this process comes to its end, the runtime does not outlive it.
  const last = (): void => livingInGroup(group).forEach(killHard);
  process.once("exit", last);
  const cleared = async (end: () => Promise<void>): Promise<void> => {
    output.quiet = true;
    await end();
    process.removeListener("exit", last);
    rmSync(lock, { force: true });
  };
  const stop = (): Promise<void> => cleared(() => endGroup(child, group));
  const url = `http://${HOST}:${options.port}`;
  let over = false;
  void ended.then(() => (over = true));
  const failed = () => over || options.signal.aborted || output.text.includes("[ERROR]");
  if (!(await healthy(url, failed))) {
    await stop();
    throw new Expected(`The runtime did not start.\n${output.text.trim()}`);
  }
  output.quiet = false;
  return {
    url,
    ended,
    stop,
    kill: async () => {
      const workerd = livingInGroup(group).filter((pid) => /\bworkerd\b/.test(commandOf(pid)));
      await cleared(() => killGroup(group, workerd));
      return { workerd, wrangler: group };
    },
  };
}

/** Two runtimes on the same objects would both carry out what is due. */
function assertAlone(lock: string, stateDir: string): void {
  mkdirSync(dirname(lock), { recursive: true });
  const group = lockedBy(lock);
  if (group === null || livingInGroup(group).length === 0) return;
  const where = relative(ROOT, stateDir) || stateDir;
  throw new Expected(
    `A runtime runs on ${where} already (process ${group}). Stop it first, or set another STATE_DIR.`,
  );
}

function lockedBy(lock: string): number | null {
  try {
    return Number(readFileSync(lock, "utf8"));
  } catch {
    return null;
  }
}

function launch({ port, stateDir, vars = {}, logLevel }: RuntimeOptions): ChildProcess {
  const wrangler = createRequire(import.meta.url).resolve("wrangler");
  const args = ["dev", "--local", "--ip", HOST, "--port", String(port), "--inspector-port", "0"];
  const quiet = ["--log-level", logLevel, "--show-interactive-dev-session=false"];
  const given = Object.entries(vars).flatMap(([name, value]) => ["--var", `${name}:${value}`]);
  return spawn(
    process.execPath,
    ["--no-warnings", wrangler, ...args, ...quiet, "--persist-to", stateDir, ...given],
    {
      cwd: ROOT,
      detached: true,
      env: { ...process.env, ...WRANGLER_ENV },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
}

interface Output {
  text: string;
  quiet: boolean;
}

function collect(child: ChildProcess, onLine: (line: string) => void): Output {
  const output: Output = { text: "", quiet: true };
  for (const stream of [child.stdout, child.stderr]) {
    let rest = "";
    stream?.setEncoding("utf8").on("data", (colored: string) => {
      const chunk = stripVTControlCharacters(colored);
      output.text = (output.text + chunk).slice(-OUTPUT_CHARS_MAX);
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      if (!output.quiet) lines.forEach(onLine);
    });
  }
  return output;
}

/** Wrangler holds requests back until it can serve, for ever after an error of the build: none is waited for long. */
async function healthy(url: string, failed: () => boolean): Promise<boolean> {
  const giveUpAtMs = performance.now() + READY_MS_MAX;
  while (performance.now() < giveUpAtMs && !failed()) {
    const ok = await fetch(`${url}/v1/health`, { signal: AbortSignal.timeout(ANSWER_MS_MAX) }).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return true;
    await pause(50);
  }
  return false;
}

async function endGroup(child: ChildProcess, group: number): Promise<void> {
  child.kill("SIGINT");
  await gone(() => livingInGroup(group), STOP_MS_MAX).catch(() => killGroup(group, []));
}

/** Miniflare starts workerd anew when it dies, so its own death follows at once, and the group is swept until it is empty. */
async function killGroup(group: number, first: readonly number[]): Promise<void> {
  first.forEach(killHard);
  killHard(group);
  await gone(() => {
    const left = livingInGroup(group);
    left.forEach(killHard);
    return left;
  });
}
