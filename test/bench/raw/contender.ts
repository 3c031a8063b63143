import { join } from "node:path";
import { z } from "zod";
import type { Contender } from "../contender.ts";
import { HttpClient } from "../http-client.ts";
import type { PlanText, Side } from "../side.ts";

const Started = z.object({ id: z.string() });
const Ended = z.object({ steps: z.int().positive() });

const files = {
  entry: join(import.meta.dirname, "raw.ts"),
  countedEntry: join(import.meta.dirname, "counted-raw.ts"),
  config: join(import.meta.dirname, "wrangler.toml"),
};

/** The baseline, with the plain `fetch` that anyone would write. */
export const raw: Contender = {
  ...files,
  name: "raw",
  given: (modelUrl) => ({ vars: { MODEL_URL: modelUrl, TOOL_URL: modelUrl } }),
  side: (url) => rawSide("raw", url),
};

function rawSide(name: string, url: URL): Side {
  const client = new HttpClient(url);
  const start = async (plan: PlanText): Promise<string> =>
    Started.parse(await client.json("POST", "/tasks", { text: plan })).id;
  return {
    name,
    start,
    ended: async (task) => Ended.parse(await client.json("GET", `/tasks/${task}/end`)).steps,
    firstEventMs: async (plan) => {
      const startedMs = performance.now();
      const task = await start(plan);
      return performance.now() - startedMs + (await client.firstEventMs(`/tasks/${task}/events`));
    },
    counters: (method) => client.json(method, "/bench/counters"),
    close: () => client.close(),
  };
}
