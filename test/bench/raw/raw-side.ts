import { join } from "node:path";
import { z } from "zod";
import type { WorkerSpec } from "../../harness/miniflare.ts";
import { HttpClient } from "../http-client.ts";
import type { PlanText, Side } from "../side.ts";

export const RAW_CONFIG = join(import.meta.dirname, "wrangler.toml");
export const RAW_ENTRY = join(import.meta.dirname, "raw.ts");

const Started = z.object({ id: z.string() });
const Ended = z.object({ ended: z.literal(true) });

/** The Worker of the baseline, for Miniflare. */
export function rawWorker(script: string, modelUrl: string, direct: boolean): WorkerSpec {
  return {
    name: "raw",
    script,
    config: RAW_CONFIG,
    vars: { MODEL_URL: modelUrl, TOOL_URL: modelUrl },
    external: direct ? { EGRESS: new URL(modelUrl).host } : {},
  };
}

/** Drives the baseline over HTTP. */
export function rawSide(url: URL): Side {
  const client = new HttpClient(url);
  const start = async (plan: PlanText): Promise<string> =>
    Started.parse(await client.json("POST", "/tasks", { text: plan })).id;
  return {
    name: "raw",
    start,
    ended: async (task) => void Ended.parse(await client.json("GET", `/tasks/${task}/end`)),
    firstEventMs: async (plan) => {
      const startedMs = performance.now();
      const task = await start(plan);
      return performance.now() - startedMs + (await client.firstEventMs(`/tasks/${task}/events`));
    },
    close: () => client.close(),
  };
}
