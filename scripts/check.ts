/** `npm run check`: everything that can be said of the code without running all of it, two steps at a time. */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";

interface Step {
  readonly title: string;
  readonly command: readonly [program: string, ...args: string[]];
}

interface Outcome {
  readonly passed: boolean;
  readonly output: string;
}

const root = join(import.meta.dirname, "..");
const vitest = ["vitest", "run", "--config", "test/vitest.config.ts", "--project", "unit"] as const;

/** The longest first, so that the short ones fill the gaps. */
const STEPS: readonly Step[] = [
  {
    title: "tests of the core, all of it covered",
    command: [
      ...vitest,
      "--coverage",
      "--coverage.include=src/core/**",
      "--coverage.reportsDirectory=.tmp/core-coverage",
      "test/core",
    ],
  },
  { title: "architecture", command: [...vitest, "test/architecture"] },
  { title: "lint", command: ["oxlint"] },
  { title: "types of the tests", command: ["tsc", "-p", "test"] },
  { title: "types of the Worker", command: ["tsc"] },
  { title: "types of the scripts", command: ["tsc", "-p", "scripts"] },
  {
    title: "types of the bindings",
    command: ["wrangler", "types", "src/worker-configuration.d.ts", "--check"],
  },
  { title: "dead code", command: ["knip"] },
  { title: "copies", command: ["jscpd", "--fail-on-empty"] },
  { title: "format", command: ["oxfmt", "--check"] },
];

const ENV = {
  ...process.env,
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  NO_COLOR: "1",
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_SEND_METRICS: "false",
  X_LOCAL_EXPLORER: "false",
  X_LOCAL_OBSERVABILITY: "false",
};

const startedMs = performance.now();
const waiting = [...STEPS];
const failed: string[] = [];
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
const verdict = failed.length === 0 ? "all passed" : `failed: ${failed.join(", ")}`;
console.log(`check: ${verdict} (${secondsSince(startedMs)})`);
process.exitCode = failed.length === 0 ? 0 : 1;

async function work(): Promise<void> {
  for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
    const stepStartedMs = performance.now();
    const { passed, output } = await run(step);
    console.log(`${passed ? "ok    " : "FAILED"} ${step.title} (${secondsSince(stepStartedMs)})`);
    if (passed) continue;
    failed.push(step.title);
    console.log(`$ ${step.command.join(" ")}\n${output.trim()}\n`);
  }
}

/** Never rejects: a program that cannot be started has failed. */
function run({ command: [program, ...args] }: Step): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, env: ENV, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const collect = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("error", (error) => resolve({ passed: false, output: error.message }));
    child.on("close", (code) => resolve({ passed: code === 0, output }));
  });
}

function secondsSince(sinceMs: number): string {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
}
