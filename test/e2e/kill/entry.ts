import { z } from "zod";
import { type Countersign, createCountersign } from "../../../src/countersign.ts";
import type { OperatorEnv } from "../../../src/operator.ts";
import { MOCK_ROUTE, agentsOf } from "./agents.ts";
import { type EntryData, KEYS_PATH } from "./entry-data.ts";
import { LEDGER_SCRIPTS } from "./ledger-scripts.ts";

/** The runtime that is killed: made like anyone's own Worker, with one more path by which the test brings its API keys in. */
export function killedWorker(data: EntryData): Countersign {
  const { worker, ...classes } = createCountersign({
    agents: agentsOf(data),
    scripts: LEDGER_SCRIPTS,
    models: () => ({
      [MOCK_ROUTE]: {
        provider: "openai",
        model: "mock",
        maxOutputTokens: 1_000,
        timeoutMs: 5_000,
        price: { input: 0.01, output: 0.01 },
      },
      clerk: { provider: "scripted", model: "clerk" },
      surveyor: { provider: "scripted", model: "surveyor" },
      lead: { provider: "scripted", model: "lead" },
      foreman: { provider: "scripted", model: "foreman" },
      helper: { provider: "scripted", model: "helper" },
    }),
  });
  const fetch: Countersign["worker"]["fetch"] = (request, env, ctx) =>
    new URL(request.url).pathname === KEYS_PATH ? putKeys(request, env) : worker.fetch(request, env, ctx);
  return { ...classes, worker: { ...worker, fetch } };
}

const Statements = z.array(
  z.strictObject({ sql: z.string(), params: z.array(z.union([z.string(), z.number(), z.null()])) }),
);

async function putKeys(request: Request, env: OperatorEnv): Promise<Response> {
  const statements = Statements.parse(await request.json());
  await env.DB.batch(statements.map(({ sql, params }) => env.DB.prepare(sql).bind(...params)));
  return new Response(null, { status: 204 });
}
