import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { WRANGLER_CONFIG } from "../../harness/build-worker.ts";
import type { Contender } from "../contender.ts";
import { HttpClient } from "../http-client.ts";
import { type PlanText, PLANS, type Side, isInteractive, isSlow } from "../side.ts";

const ROOT = join(import.meta.dirname, "../../..");
const KEY = `cs_${randomBytes(32).toString("base64url")}`;

const Started = z.object({ id: z.string() });
/** The last commit's seq is how many there were. */
const Waited = z.object({ status: z.string(), seq: z.int().positive() });

/** Countersign, with everything on. */
export const countersign: Contender = {
  name: "countersign",
  entry: join(import.meta.dirname, "entry.ts"),
  countedEntry: join(import.meta.dirname, "counted-entry.ts"),
  config: unthrottled(),
  given: (modelUrl) => ({
    vars: {
      TOOL_URL: modelUrl,
      TOOLS_LOOPBACK: "true",
      OPENAI_COMPATIBLE_BASE_URL: `${modelUrl}/v1`,
      OPENAI_COMPATIBLE_API_KEY: "mock",
      BENCH_KEY: KEY,
      LINK_KEYS: JSON.stringify({ k1: randomBytes(32).toString("base64url") }),
      LINK_KID: "k1",
      CURSOR_KEY: randomBytes(32).toString("base64url"),
    },
  }),
  side: countersignSide,
};

/**
 * A task is interactive, and its end waited for with `Prefer: wait`, unless its model makes it wait: then its object is idle meanwhile,
 * and who is interested follows its events.
 */
function countersignSide(url: URL): Side {
  const client = new HttpClient(url, { authorization: `Bearer ${KEY}` });
  const seeded = fetch(new URL("/bench/key", url));
  const inBackground = new Set<string>();
  const start = async (plan: PlanText): Promise<string> => {
    await seeded;
    const agent = plan === PLANS.family50 ? "bench-lead" : "bench";
    const order = { agent, input: { text: plan }, interactive: isInteractive(plan) };
    const { id } = Started.parse(await client.json("POST", "/v1/tasks", order));
    if (isSlow(plan)) inBackground.add(id);
    return id;
  };
  return {
    name: "countersign",
    start,
    ended: (task) => (inBackground.has(task) ? commitsInStream(client, task) : commitsAtEnd(client, task)),
    firstEventMs: async (plan) => {
      const startedMs = performance.now();
      const task = await start(plan);
      return performance.now() - startedMs + (await client.firstEventMs(`/v1/tasks/${task}/events`));
    },
    counters: (method) => client.json(method, "/bench/counters"),
    close: () => client.close(),
  };
}

/** A wait is over after a minute; a task that takes longer is waited for again. */
async function commitsAtEnd(client: HttpClient, task: string): Promise<number> {
  for (;;) {
    const told = await client.json("GET", `/v1/tasks/${task}`, undefined, { prefer: "wait=60" });
    const { status, seq } = Waited.parse(told);
    if (status === "completed") return seq;
    if (status !== "running") throw new Error(`The task is ${status}.`);
  }
}

/** The last commit of a completed task says so, and its id is how many there were. */
async function commitsInStream(client: HttpClient, task: string): Promise<number> {
  const tail = await client.streamEnd(`/v1/tasks/${task}/events`);
  const seq = /.*id: (\d+)\nevent: commit\ndata: .*"type":"taskCompleted".*\n\nevent: end\n/s.exec(tail)?.[1];
  if (seq === undefined) throw new Error(`The task did not complete: ${tail}`);
  return Number(seq);
}

/** The project's own configuration, less the request rate: the bench is one tenant that asks as fast as it can. */
function unthrottled(): string {
  const folder = join(ROOT, ".tmp/bench-config");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "wrangler.toml");
  const own = readFileSync(WRANGLER_CONFIG, "utf8");
  const toml = own
    .replace(/simple = \{ limit = \d+/, "simple = { limit = 100000000")
    .replace('migrations_dir = "', `migrations_dir = "${ROOT}/`)
    .replace('main = "', `main = "${ROOT}/`);
  writeFileSync(path, toml);
  return path;
}
