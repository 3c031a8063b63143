import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
mkdirSync(join(root, ".tmp"), { recursive: true });
const dir = mkdtempSync(join(root, ".tmp/ci-reporter-"));
afterAll(() => rmSync(dir, { recursive: true }));

const config = `
  import { CiReporter } from ${JSON.stringify(join(root, "scripts/ci-reporter.ts"))};
  export default { test: { globals: true, reporters: ["default", new CiReporter(process.env.TEST_TALLY_FILE)] } };
`;

/** Runs Vitest over one file, and returns its exit code, its last line and what it left in the tally file. */
function runOver(source: string): {
  readonly code: number | null;
  readonly last: string;
  readonly left: string;
} {
  const tally = join(dir, "tally");
  writeFileSync(join(dir, "vitest.config.mjs"), config);
  writeFileSync(join(dir, "a.test.js"), source);
  const { status, stdout } = spawnSync("vitest", ["run", "--root", dir], {
    encoding: "utf8",
    env: {
      ...process.env,
      PATH: `${join(root, "node_modules/.bin")}:${process.env["PATH"]}`,
      TEST_TALLY_FILE: tally,
    },
  });
  return { code: status, last: stdout.trimEnd().split("\n").at(-1) ?? "", left: readFileSync(tally, "utf8") };
}

test.each([
  ["passing tests", "test('a', () => {}); test('b', () => {})", "2 passed, 0 failed", 0],
  ["a failing test", "test('a', () => {}); test('b', () => { throw new Error() })", "1 passed, 1 failed", 1],
  ["a skipped test", "test('a', () => {}); test.skip('b', () => {})", "1 passed, 0 failed", 0],
  ["a file that does not load", "throw new Error('at once')", "0 passed, 1 failed", 1],
  [
    "a hook that throws",
    "test('a', () => {}); afterAll(() => { throw new Error() })",
    "1 passed, 1 failed",
    1,
  ],
  [
    "a rejection that nobody handles",
    "test('a', () => { Promise.reject(new Error()) })",
    "1 passed, 1 failed",
    1,
  ],
  ["a run that dies", "test('a', () => process.kill(process.ppid, 'SIGKILL'))", undefined, null],
])("a run with %s ends with its tally", (_name, source, line, code) => {
  const run = runOver(source);
  expect(run.code).toBe(code);
  expect(run.left).toBe(`${line ?? "0 passed, 1 failed"}\n`);
  if (line !== undefined) expect(run.last).toBe(line);
});
