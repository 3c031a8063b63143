import { createCountersign } from "../../../src/countersign.ts";
import { defineAgent } from "../../../src/define.ts";
import { echo } from "../echo-tool.ts";
import { withKey } from "../with-key.ts";

const thinker = defineAgent({
  name: "thinker",
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

/** One provider that works in the background. */
const countersign = createCountersign({
  agents: [thinker],
  models: () => ({
    default: {
      provider: "openai",
      model: "mock",
      maxOutputTokens: 500,
      timeoutMs: 20_000,
      backgroundMs: 600_000,
      price: { input: 0.2, output: 0.2 },
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
