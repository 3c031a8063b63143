import { env } from "cloudflare:workers";
import { z } from "zod";
import { createCountersign } from "../../../src/countersign.ts";
import { defineAgent, defineTool, delegateTo } from "../../../src/define.ts";
import { putKey } from "../../../src/storage/api-keys.ts";

/** What the bench binds beside the project's own bindings. */
interface BenchEnv extends Cloudflare.Env {
  readonly TOOL_URL: string;
  readonly BENCH_KEY: string;
}

const bench = env as BenchEnv;
const args = z.strictObject({ turn: z.int().optional(), index: z.int().optional() });

/** The same two tools as the baseline's: one that answers at once, one over HTTP that takes 20 ms. */
const echo = defineTool({
  name: "echo",
  description: "Answers with what it was sent.",
  input: args,
  output: z.strictObject({ echo: z.string() }),
  effect: "read",
  run: async (sent) => ({ echo: JSON.stringify(sent) }),
});

const slowEcho = defineTool({
  name: "slow_echo",
  description: "Answers with what it was sent.",
  input: args,
  output: {},
  effect: "read",
  http: { method: "POST", url: `${bench.TOOL_URL}/tools/echo?delayMs=20` },
});

const TERMS = { instructions: "Do as the plan says.", approver: "nobody" } as const;
const LIMITS = {
  turns: 1_000,
  toolCalls: 10_000,
  tokens: 1_000_000_000,
  wallMs: 86_400_000,
  costMicroUsd: 1_000_000_000_000,
  onLimit: "fail",
} as const;

const worker = defineAgent({ ...TERMS, name: "bench", tools: [echo, slowEcho], limits: LIMITS });

/** Has the same work done by children. */
const lead = defineAgent({
  ...TERMS,
  name: "bench-lead",
  tools: [delegateTo(worker, { description: "Does as a plan says." })],
  holds: worker.tools,
  delegation: { depth: 1, fanOut: 50 },
  limits: { ...LIMITS, children: 50 },
});

/** Everything is on: gate, budget, journal, audit log, index, rights, API. The model is reached over its wire, by the official SDK. */
export const countersign = createCountersign({
  agents: [worker, lead],
  models: () => ({
    default: {
      provider: "openai-compatible",
      model: "gpt-mock",
      maxOutputTokens: 1_000,
      price: { input: 1, output: 1 },
      streamed: false,
    },
  }),
});

/** Stores the bench's API key before anything is measured. */
export async function seedKey(): Promise<Response> {
  const order = {
    tenant: "bench",
    principal: "bench",
    scopes: ["tasks:read", "tasks:write", "content:read"] as const,
    expiresAtMs: null,
  };
  const { sql, params } = putKey({ id: "key_bench", key: bench.BENCH_KEY }, order, Date.now());
  await bench.DB.batch([
    bench.DB.prepare(sql).bind(...params),
    bench.DB.prepare(
      "INSERT INTO tenants (tenant, live_tasks_max, cost_micro_usd_per_day_max) VALUES ('bench', 1000000, 1000000000000) ON CONFLICT DO NOTHING",
    ),
  ]);
  return new Response(null, { status: 204 });
}
