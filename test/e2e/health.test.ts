import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { buildWorker } from "../harness/build-worker.ts";
import { type RunningMiniflare, startMiniflare } from "../harness/miniflare.ts";
import { Provider } from "./health/provider.ts";
import { KEYS, ask as askAt } from "./keyed-client.ts";

const USUAL_MS = 60;
const OBJECTIVE_MS = 200;
const TENFOLD_MS = USUAL_MS * 10;
const CLIENTS = 6;

const folder = mkdtempSync(join(tmpdir(), "countersign-health-"));
let miniflare: RunningMiniflare;
let first: Provider;
let second: Provider;

beforeAll(async () => {
  [first, second] = await Promise.all([Provider.listening(USUAL_MS), Provider.listening(USUAL_MS)]);
  const entry = join(import.meta.dirname, "health/main.ts");
  const script = await buildWorker({ entry, outDir: join(folder, "out") });
  const vars = {
    OPENAI_BASE_URL: `${first.url}/v1`,
    OPENAI_API_KEY: "mock",
    ANTHROPIC_BASE_URL: second.url,
    ANTHROPIC_API_KEY: "mock",
    OBJECTIVE_MS: String(OBJECTIVE_MS),
    ...KEYS,
  };
  miniflare = await startMiniflare({
    stateDir: join(folder, "state"),
    workers: [{ name: "health", script, vars }],
  });
  await fetch(new URL("/test/key", miniflare.url("health")));
});
afterAll(async () => {
  await miniflare.stop();
  first.close();
  second.close();
  rmSync(folder, { recursive: true, force: true });
});

const Task = z.object({ id: z.string(), status: z.string(), servedBy: z.string().optional() });
const Replayed = z.object({ equal: z.boolean(), commits: z.int() });
const Commits = z.object({ items: z.array(z.object({ events: z.array(z.record(z.string(), z.json())) })) });
const Choice = z.object({ candidate: z.int(), passed: z.array(z.object({ why: z.string() })) });

function ask(method: string, path: string, body?: object): Promise<unknown> {
  return askAt(miniflare.url("health"), method, path, body);
}

/** One task of three turns. */
async function work(): Promise<string> {
  const text = JSON.stringify({ scenario: "calls", n: 2 });
  const { id } = Task.parse(
    await ask("POST", "/v1/tasks", { agent: "caller", input: { text }, interactive: true }),
  );
  const { status } = Task.parse(await ask("GET", `/v1/tasks/${id}`));
  if (status !== "completed") throw new Error(`The task is ${status}.`);
  return id;
}

/** Puts load on the route, by clients that work without a pause, until `done` or so long. The tasks that were made, and how long it took. */
async function loadUntil(done: () => boolean, boundMs: number): Promise<{ tasks: string[]; tookMs: number }> {
  const beganMs = Date.now();
  const tasks: string[] = [];
  const isOver = (): boolean => done() || Date.now() - beganMs > boundMs;
  let doneAtMs: number | null = null;
  const client = async (): Promise<void> => {
    while (!isOver()) tasks.push(await work());
    doneAtMs ??= Date.now();
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return { tasks, tookMs: Number(doneAtMs) - beganMs };
}

/** Of what was asked in the last second, the first provider's part, as soon as that is enough to tell. */
function shareOfFirst(sinceMs: number): number | null {
  const fromMs = Math.max(sinceMs, Date.now() - 1_000);
  const [a, b] = [first.askedSince(fromMs), second.askedSince(fromMs)];
  return a + b < 10 ? null : a / (a + b);
}

async function choicesOf(task: string): Promise<readonly z.infer<typeof Choice>[]> {
  const { items } = Commits.parse(await ask("GET", `/v1/tasks/${task}/events`));
  const intended = items.flatMap(({ events }) => events).filter(({ type }) => type === "modelCallIntended");
  return intended.map(({ choice }) => Choice.parse(choice));
}

test("load leaves a provider whose p95 goes up tenfold within 5 s, and is back within 30 s of its recovery", async () => {
  const usual = await loadUntil(() => first.askedAtMs.length >= 60, 20_000);
  expect(second.askedAtMs).toEqual([]);

  first.delayMs = TENFOLD_MS;
  const slowSinceMs = Date.now();
  const away = await loadUntil(() => (shareOfFirst(slowSinceMs) ?? 1) <= 0.1, 5_000);
  // It stays away: what goes there is probes.
  const awaySinceMs = Date.now();
  const apart = await loadUntil(() => Date.now() - awaySinceMs > 3_000, 4_000);
  const probes = first.askedSince(awaySinceMs);
  const served = second.askedSince(awaySinceMs);

  first.delayMs = USUAL_MS;
  const wellSinceMs = Date.now();
  const back = await loadUntil(() => (shareOfFirst(wellSinceMs) ?? 0) >= 0.9, 30_000);

  console.log(
    `p95 ${USUAL_MS} → ${TENFOLD_MS} ms: load moved in ${away.tookMs} ms; ${probes} of ${probes + served} calls were probes; back ${back.tookMs} ms after recovery`,
  );
  expect(away.tookMs).toBeLessThan(5_000);
  expect(probes).toBeLessThan(served / 10);
  expect(back.tookMs).toBeLessThan(30_000);

  const sample = [usual, away, apart, back].flatMap(({ tasks }) => [
    ...tasks.slice(0, 2),
    ...tasks.slice(-4),
  ]);
  const replays = await Promise.all(sample.map((task) => ask("GET", `/v1/tasks/${task}/replay`)));
  expect(replays.map((report) => Replayed.parse(report).equal)).toEqual(sample.map(() => true));
  const choices = (await Promise.all(sample.map(choicesOf))).flat();
  const reasons = choices.map(({ candidate, passed }) =>
    [candidate, ...passed.map(({ why }) => why)].join(" "),
  );
  expect(reasons).toEqual(expect.arrayContaining(["0", "1 out"]));
  // A connection that breaks is a failure like any other, and is met by the other provider.
  expect(reasons.filter((reason) => !/^(0|1 (out|ailing|failed))$/.test(reason))).toEqual([]);
});
