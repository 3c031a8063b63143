import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";
import { buildWorker } from "../harness/build-worker.ts";
import { type RunningMiniflare, startMiniflare } from "../harness/miniflare.ts";
import { type MockModelProcess, startMockModel } from "../mock-model/mock-model.ts";
import { WEBHOOK_SECRET, signedEvent } from "../models/signed-event.ts";
import { KEYS, ask as askAt } from "./keyed-client.ts";

const folder = mkdtempSync(join(tmpdir(), "countersign-background-"));
let script = "";
let provider: MockModelProcess;
let miniflare: RunningMiniflare;

beforeAll(async () => {
  provider = await startMockModel();
  const entry = join(import.meta.dirname, "background/main.ts");
  script = await buildWorker({ entry, outDir: join(folder, "out") });
  miniflare = await start();
  await fetch(new URL("/test/key", miniflare.url("background")));
});
afterAll(async () => {
  await miniflare.stop();
  await provider.stop();
  rmSync(folder, { recursive: true, force: true });
});

function start(): Promise<RunningMiniflare> {
  const vars = {
    OPENAI_BASE_URL: `${provider.url}/v1`,
    OPENAI_API_KEY: "mock",
    OPENAI_WEBHOOK_SECRET: WEBHOOK_SECRET,
    ...KEYS,
  };
  return startMiniflare({
    stateDir: join(folder, "state"),
    workers: [{ name: "background", script, vars }],
  });
}

const Task = z.object({ id: z.string(), status: z.string() });
const Works = z.array(z.object({ id: z.string(), key: z.string(), canceled: z.boolean(), polls: z.int() }));

async function ask(method: string, path: string, body?: object): Promise<z.infer<typeof Task>> {
  return Task.parse(await askAt(miniflare.url("background"), method, path, body));
}

function newTask(plan: object): Promise<z.infer<typeof Task>> {
  return ask("POST", "/v1/tasks", { agent: "thinker", input: { text: JSON.stringify(plan) } });
}

/** What the provider was given to work at for this task. */
async function worksOf(task: string): Promise<z.infer<typeof Works>> {
  const response = await fetch(`${provider.url}/model/background`);
  return Works.parse(await response.json()).filter(({ key }) => key.startsWith(task));
}

/** The newest response of a task, once it has been asked for as often. */
async function workOf(task: string, { nth, polls }: { nth: number; polls: number }) {
  return await vi.waitFor(
    async () => {
      const work = (await worksOf(task))[nth - 1];
      if (work === undefined || work.polls < polls) throw new Error("it is not that far yet");
      return work;
    },
    { timeout: 30_000, interval: 100 },
  );
}

test("a kill while a provider works in the background loses nothing, and nothing is submitted twice", async () => {
  const { id } = await newTask({ scenario: "calls", n: 2, delayMs: 5_000 });
  for (const nth of [1, 2]) {
    await workOf(id, { nth, polls: 1 });
    await miniflare.kill();
    miniflare = await start();
  }
  expect(await ask("GET", `/v1/tasks/${id}`)).toMatchObject({ status: "completed" });
  const works = await worksOf(id);
  expect(works).toHaveLength(3);
  expect(new Set(works.map(({ key }) => key)).size).toBe(3);
});

test("a signed webhook brings a response that would not be asked for yet", async () => {
  const { id } = await newTask({ scenario: "calls", n: 0, delayMs: 600_000, pollAfterMs: 600_000 });
  const work = await workOf(id, { nth: 1, polls: 1 });
  await fetch(`${provider.url}/model/background/finish`, { method: "POST" });
  const { text, headers } = signedEvent("response.completed", { id: work.id });
  const url = new URL("/v1/webhooks/openai", miniflare.url("background"));
  const forged = await fetch(url, { method: "POST", headers, body: `${text} ` });
  expect(forged.status).toBe(401);
  const heard = await fetch(url, { method: "POST", headers, body: text });
  expect(heard.status).toBe(204);
  expect(await ask("GET", `/v1/tasks/${id}`)).toMatchObject({ status: "completed" });
  // Once by the task at first, once by who heard the webhook, and once by the task that was poked.
  expect(await worksOf(id)).toMatchObject([{ polls: 3 }]);
});

test("a canceled task cancels its response at the provider", async () => {
  const { id } = await newTask({ scenario: "calls", n: 0, delayMs: 600_000, id: "canceled" });
  await workOf(id, { nth: 1, polls: 1 });
  await ask("POST", `/v1/tasks/${id}/cancel`, {});
  await vi.waitFor(async () => expect(await worksOf(id)).toMatchObject([{ canceled: true }]), {
    timeout: 30_000,
  });
});
