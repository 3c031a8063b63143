import { env } from "cloudflare:workers";
import { createCountersign } from "../../../src/countersign.ts";
import { defineAgent } from "../../../src/define.ts";
import { echo } from "../echo-tool.ts";
import { withKey } from "../with-key.ts";

interface HealthEnv extends Cloudflare.Env {
  readonly OBJECTIVE_MS: string;
}

const bound = env as HealthEnv;

const caller = defineAgent({
  name: "caller",
  instructions: "Do as the plan says.",
  approver: "nobody",
  tools: [echo],
  limits: {
    turns: 20,
    toolCalls: 20,
    tokens: 1_000_000,
    wallMs: 600_000,
    costMicroUsd: 1_000_000,
    onLimit: "fail",
  },
});

const shared = {
  model: "mock",
  maxOutputTokens: 500,
  timeoutMs: 20_000,
  contextTokens: 100_000,
  streamed: false,
  latencyObjectiveMs: Number(bound.OBJECTIVE_MS),
} as const;

/** Two providers behind one route, each over its own protocol. */
const countersign = createCountersign({
  agents: [caller],
  models: () => ({
    default: {
      candidates: {
        first: { ...shared, provider: "openai", price: { input: 0.2, output: 0.2 } },
        second: { ...shared, provider: "anthropic", price: { input: 0.1, output: 0.1 } },
      },
      steps: { default: ["first", "second"] },
    },
  }),
});

export const {
  TaskObject,
  TenantObject,
  LimiterObject,
  MutexObject,
  HealthObject,
  BudgetObject,
  AdmissionObject,
} = countersign;

export default withKey(countersign.worker);
