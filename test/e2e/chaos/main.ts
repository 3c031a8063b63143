import { z } from "zod";
import type { ScriptTurn } from "../../../src/contracts/model.ts";
import { createCountersign } from "../../../src/countersign.ts";
import { defineAgent, defineTool, delegateTo } from "../../../src/define.ts";
import { withKey } from "../with-key.ts";
import { CHILDREN, JOIN_MS, isMetered } from "./parts.ts";

const look = defineTool({
  name: "look",
  description: "Looks at a place.",
  input: z.strictObject({ turn: z.int() }),
  output: z.strictObject({ seen: z.int() }),
  effect: "read",
  run: async ({ turn }) => ({ seen: turn }),
});

const TERMS = {
  instructions: "Do as the plan says.",
  approver: "nobody",
  modelRetry: { attemptsMax: 3, delayMsFirst: 100, delayMsMax: 500 },
} as const;

const LIMITS = {
  turns: 1_000,
  toolCalls: 1_000,
  tokens: 10_000_000,
  wallMs: 600_000,
  costMicroUsd: 10_000_000,
  onLimit: "fail",
} as const;

const scout = defineAgent({ ...TERMS, name: "scout", model: "open", tools: [look], limits: LIMITS });
/** The same at another provider, which is the one that limits its rate. */
const meteredScout = defineAgent({
  ...TERMS,
  name: "metered-scout",
  model: "metered",
  tools: [look],
  limits: LIMITS,
});

const survey = defineAgent({
  ...TERMS,
  name: "survey",
  model: "survey",
  tools: [
    delegateTo(scout, { description: "Looks at one place." }),
    delegateTo(meteredScout, { description: "Looks at one place, by a model that has a limited rate." }),
  ],
  holds: [look],
  delegation: { depth: 1, fanOut: CHILDREN },
  joins: [
    {
      name: "places",
      tools: ["ask_scout", "ask_metered_scout"],
      until: { kind: "bestEffort", withinMs: JOIN_MS },
      mayMiss: ["ask_scout", "ask_metered_scout"],
    },
  ],
  limits: { ...LIMITS, children: CHILDREN },
});

const PLACES = Array.from({ length: CHILDREN }, (_, n) => n);

/** Asks for all places in one turn; what each is asked comes with the task. Then it says of each what it found, or why that is missing. */
const SURVEY: readonly ScriptTurn[] = [
  {
    calls: PLACES.map((n) => ({
      tool: isMetered(n) ? "ask_metered_scout" : "ask_scout",
      args: {
        goal: `$input.json.goals[${n}]`,
        // Less than its part: the parent needs a turn, a reply and fifty calls of its own.
        share: 0.015,
        answerSchema: { type: "object", required: ["found"], properties: { found: { type: "integer" } } },
      },
    })),
  },
  { text: PLACES.map((n) => `Place ${n}: $${n}.outcome.answer.found.`).join("\n") },
];

const MODEL = { model: "mock", maxOutputTokens: 500, timeoutMs: 30_000, streamed: false } as const;

const countersign = createCountersign({
  agents: [survey],
  scripts: { survey: SURVEY },
  models: () => ({
    survey: { provider: "scripted", model: "survey" },
    open: { ...MODEL, provider: "openai-compatible", price: { input: 0.1, output: 0.1 } },
    metered: { ...MODEL, provider: "anthropic", price: { input: 0.1, output: 0.1 } },
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
