import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { z } from "zod";
import { killHard } from "../../scripts/local/processes.ts";

/**
 * A Node process of ours that takes one line of JSON on stdin and says in one line of JSON on stdout that it is ready. It leads a
 * process group of its own, so that everything it started can be found and killed with it, and it ends when its stdin does:
 * a test that dies leaves nothing behind.
 */
export interface Child<Ready> {
  readonly pid: number;
  readonly ready: Ready;
  /** What it has written to stderr, and to stdout after its first line. */
  output(): string;
  /** Asks it to end and waits until it has. */
  stop(): Promise<void>;
}

const Line = z.tuple([z.string()]);
const OUTPUT_CHARS_MAX = 200_000;
const STOP_MS_MAX = 5_000;

export async function startChild<Ready>(
  script: string,
  options: {
    readonly input: unknown;
    readonly ready: z.ZodType<Ready>;
    readonly env?: Readonly<Record<string, string>>;
    readonly readyMsMax?: number;
  },
): Promise<Child<Ready>> {
  const child = spawn(process.execPath, [script], {
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
    env: { ...process.env, ...options.env },
  });
  const output = collect(child);
  child.stdin.on("error", () => {});
  child.stdin.write(`${JSON.stringify(options.input)}\n`);
  const line = await firstLine(child, output, options.readyMsMax ?? 30_000);
  const ready = options.ready.parse(JSON.parse(line));
  return { pid: pidOf(child), ready, output: () => output.text, stop: () => stop(child) };
}

/** The child's side: reads the input, runs `start`, prints what it returns, and ends with the parent. */
export async function serveParent<Input>(
  schema: z.ZodType<Input>,
  start: (input: Input) => Promise<unknown>,
): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  lines.once("close", () => process.exit(0));
  const [line] = Line.parse(await once(lines, "line"));
  const ready = await start(schema.parse(JSON.parse(line)));
  process.stdout.write(`${JSON.stringify(ready)}\n`);
}

interface Output {
  text: string;
  exited: string | undefined;
}

function collect(child: ChildProcess): Output {
  const output: Output = { text: "", exited: undefined };
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    output.text = (output.text + chunk).slice(-OUTPUT_CHARS_MAX);
  });
  child.once("error", (error) => (output.exited = error.message));
  child.once("exit", (code, signal) => (output.exited = `ended with ${signal ?? code}`));
  return output;
}

function firstLine(child: ChildProcess, output: Output, msMax: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      clearTimeout(timer);
      reject(new Error(`The process ${why} before it was ready.\n${output.text}`));
    };
    const timer = setTimeout(() => {
      killGroup(child);
      fail(`took more than ${msMax} ms`);
    }, msMax);
    child.once("exit", () => fail(output.exited ?? "ended"));
    child.once("error", (error) => fail(error.message));
    if (child.stdout === null) return fail("has no stdout");
    createInterface({ input: child.stdout })
      .once("line", (line) => {
        clearTimeout(timer);
        resolve(line);
      })
      .on("line", (line) => (output.text += `${line}\n`));
  });
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error("The process did not start.");
  return child.pid;
}

/** With all that it started: workerd outlives a parent that is killed. */
function killGroup(child: ChildProcess): void {
  if (child.pid !== undefined) killHard(-child.pid);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.stdin?.end();
  const timer = setTimeout(() => killGroup(child), STOP_MS_MAX);
  await ended;
  clearTimeout(timer);
}
