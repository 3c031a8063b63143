import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { buildWorker } from "../harness/build-worker.ts";
import { startMiniflare } from "../harness/miniflare.ts";
import type { RunningMiniflare } from "../harness/miniflare.ts";

const fixtures = join(import.meta.dirname, "../harness/fixtures");
const config = join(fixtures, "wrangler.toml");
const folder = mkdtempSync(join(tmpdir(), "countersign-counters-"));
let miniflare: RunningMiniflare;

beforeAll(async () => {
  const script = await buildWorker({
    entry: join(fixtures, "counted-counter.ts"),
    outDir: join(folder, "out"),
    config,
  });
  miniflare = await startMiniflare({
    stateDir: join(folder, "state"),
    workers: [{ name: "counter", script, config, vars: { GREETING: "" } }],
  });
  await ask("/count");
});

afterAll(async () => {
  await miniflare.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function ask(path: string, method = "GET"): Promise<unknown> {
  return (await fetch(new URL(path, miniflare.url("counter")), { method })).json();
}

async function usedBy(...paths: readonly string[]): Promise<unknown> {
  await ask("/bench/counters", "POST");
  for (const path of paths) await ask(path);
  return ask("/bench/counters");
}

const nothing = {
  objectRequests: 0,
  rowsWritten: 0,
  d1RowsWritten: 0,
  d1RowsRead: 0,
  queueOperations: 0,
  workerRequests: 0,
};

test("a row of an object, its request, and the Worker's are one each", async () => {
  expect(await usedBy("/count", "/count")).toMatchObject({
    ...nothing,
    objectRequests: 2,
    rowsWritten: 2,
    workerRequests: 2,
  });
});

test("rows read are those that a cursor gave, and what an object calls on itself is no request", async () => {
  expect(await usedBy("/value")).toMatchObject({
    ...nothing,
    objectRequests: 1,
    rowsRead: 1,
    workerRequests: 1,
  });
});

test("an alarm is a row when it is set and a request when it rings", async () => {
  await usedBy("/ring?afterMs=1");
  await vi.waitFor(async () =>
    expect(await ask("/bench/counters")).toMatchObject({
      ...nothing,
      objectRequests: 2,
      rowsWritten: 2,
      workerRequests: 1,
    }),
  );
});

test("a socket is a request when it opens, and a twentieth for each message and for its end", async () => {
  await usedBy();
  const socket = new WebSocket(new URL("/socket", miniflare.url("counter")).href);
  await new Promise((opened) => socket.addEventListener("open", opened));
  for (let n = 0; n < 19; n++) socket.send("a message");
  socket.close();
  await vi.waitFor(async () =>
    expect(await ask("/bench/counters")).toMatchObject({
      ...nothing,
      objectRequests: expect.closeTo(2) as unknown,
      workerRequests: 1,
    }),
  );
});

test("a message is a write, a read and a delete, and the rows of D1 are those that its replies tell", async () => {
  await usedBy("/send");
  await vi.waitFor(async () =>
    expect(await ask("/bench/counters")).toMatchObject({
      ...nothing,
      d1RowsWritten: 1,
      d1RowsRead: 1, // The trigger of the table is looked at.
      queueOperations: 3,
      workerRequests: 2,
    }),
  );
  expect(await usedBy("/sum")).toMatchObject({ ...nothing, d1RowsRead: 1, workerRequests: 1 });
});

test("what the counters themselves are asked is not counted", async () => {
  expect(await usedBy()).toMatchObject({ ...nothing, rowsRead: 0, objectActiveMs: 0 });
});
