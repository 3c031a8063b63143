import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { buildWorker } from "./build-worker.ts";
import { startMiniflare, stateFiles } from "./miniflare.ts";
import type { RunningMiniflare } from "./miniflare.ts";
import { livingInGroup } from "../../scripts/local/processes.ts";

const config = join(import.meta.dirname, "fixtures/wrangler.toml");
const folder = mkdtempSync(join(tmpdir(), "countersign-harness-"));
const running: RunningMiniflare[] = [];
let script: string;

beforeAll(async () => {
  script = await buildWorker({
    entry: join(import.meta.dirname, "fixtures/counter.ts"),
    outDir: join(folder, "out"),
    config,
  });
});

afterAll(async () => {
  await Promise.all(running.map((miniflare) => miniflare.stop()));
  rmSync(folder, { recursive: true, force: true });
});

async function start(stateDir: string, greeting = "hello"): Promise<RunningMiniflare> {
  const vars = { GREETING: greeting };
  const miniflare = await startMiniflare({ stateDir, workers: [{ name: "counter", script, config, vars }] });
  running.push(miniflare);
  return miniflare;
}

async function ask(miniflare: RunningMiniflare, path: string): Promise<unknown> {
  return (await fetch(new URL(path, miniflare.url("counter")))).json();
}

test("what was durable before a kill is there after a restart, and nothing of the killed lives on", async () => {
  const stateDir = join(folder, "kill");
  const first = await start(stateDir);
  expect([await ask(first, "/count"), await ask(first, "/count")]).toEqual([1, 2]);
  await ask(first, "/send");
  await vi.waitUntil(async () => (await ask(first, "/sum")) === 7, { timeout: 5_000 });
  await ask(first, "/ring?afterMs=400");
  expect(await ask(first, "/value")).toBe(2);
  await first.kill();
  expect(livingInGroup(first.pid)).toEqual([]);
  expect(stateFiles(stateDir, "do")).toHaveLength(1);
  expect(stateFiles(stateDir, "d1")).toHaveLength(1);

  const second = await start(stateDir);
  expect(await ask(second, "/sum")).toBe(7);
  // The alarm that was overdue rings by itself: nothing calls the object but a read.
  await vi.waitUntil(async () => (await ask(second, "/value")) === 3, { timeout: 5_000 });
  await second.stop();
  expect(livingInGroup(second.pid)).toEqual([]);
});

test("migrations are applied once, triggers whole", async () => {
  const stateDir = join(folder, "migrate");
  const first = await start(stateDir);
  await ask(first, "/send");
  await vi.waitUntil(async () => (await ask(first, "/sum")) === 7, { timeout: 5_000 });
  await first.stop();
  const second = await start(stateDir);
  expect(await ask(second, "/sum")).toBe(7);
  expect(await ask(second, "/delete")).toContain("a count stays");
});

test("a kill before any object has written is refused, for then nothing could be lost or kept", async () => {
  const miniflare = await start(join(folder, "empty"));
  expect(await (await fetch(miniflare.url("counter"))).text()).toBe("hello");
  await expect(miniflare.kill()).rejects.toThrow(/No object has written/);
});

test("a Worker that cannot start says why", async () => {
  const starting = startMiniflare({
    stateDir: join(folder, "broken"),
    workers: [{ name: "counter", script: join(folder, "no-such-script.js"), config }],
  });
  await expect(starting).rejects.toThrow(/no-such-script/);
});
