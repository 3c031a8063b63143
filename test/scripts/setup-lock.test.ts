import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";

const module = JSON.stringify(join(import.meta.dirname, "../../scripts/setup-lock.mjs"));
let dir: string;
let lock: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "setup-lock-"));
  lock = join(dir, "lock");
});
afterEach(() => rmSync(dir, { recursive: true }));

/** Under the lock: reads a number, lets others run, writes the number plus one. */
async function countUnderLock(): Promise<void> {
  const count = JSON.stringify(join(dir, "count"));
  const child = spawn(process.execPath, [
    "--input-type=module",
    "-e",
    `import { readFileSync, writeFileSync } from "node:fs";
     import { withLock } from ${module};
     withLock(${JSON.stringify(lock)}, () => {
       const count = Number(readFileSync(${count}, "utf8"));
       Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
       writeFileSync(${count}, String(count + 1));
     });`,
  ]);
  await once(child, "exit");
}

const pidOfTheDead = (): number => spawnSync(process.execPath, ["-e", ""]).pid;

test("of eight at once, one works at a time, and the lock is gone afterwards", async () => {
  writeFileSync(join(dir, "count"), "0");
  await Promise.all(Array.from({ length: 8 }, countUnderLock));
  expect(readFileSync(join(dir, "count"), "utf8")).toBe("8");
  expect(existsSync(lock)).toBe(false);
});

test("the lock of a process that is gone is taken over by one of those who wait", async () => {
  writeFileSync(join(dir, "count"), "0");
  writeFileSync(lock, String(pidOfTheDead()));
  await Promise.all(Array.from({ length: 4 }, countUnderLock));
  expect(readFileSync(join(dir, "count"), "utf8")).toBe("4");
});

test("a take-over that was itself cut short stops nobody for long", async () => {
  writeFileSync(join(dir, "count"), "0");
  writeFileSync(lock, String(pidOfTheDead()));
  mkdirSync(`${lock}.takeover`);
  utimesSync(`${lock}.takeover`, new Date(0), new Date(0));
  await countUnderLock();
  expect(readFileSync(join(dir, "count"), "utf8")).toBe("1");
});
