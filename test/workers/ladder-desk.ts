import { defineAgent, delegateTo } from "../../src/define.ts";
import type { Scripts } from "../../src/models/scripted.ts";
import type { Operator } from "../../src/operator.ts";

const LIMITS = {
  turns: 20,
  toolCalls: 20,
  tokens: 400_000,
  wallMs: 3_600_000,
  costMicroUsd: 1_000_000,
  onLimit: "fail",
} as const;
const terms = {
  instructions: "Do as the script says.",
  approver: "boss",
  modelRetry: { attemptsMax: 1, delayMsFirst: 10, delayMsMax: 10 },
} as const;

const colleague = defineAgent({ ...terms, name: "colleague", model: "colleague", tools: [], limits: LIMITS });

/** Its first model fails, so does the abler one, and so does its colleague: a human has to say how to go on. */
export const stuckDesk = defineAgent({
  ...terms,
  name: "stuck-desk",
  model: "stairs",
  tools: [delegateTo(colleague, { description: "Takes over." })],
  delegation: { depth: 1, fanOut: 1 },
  limits: { ...LIMITS, children: 2 },
  ladder: [
    { to: "model", withinMs: 60_000 },
    { to: "agent", tool: "ask_colleague", share: 0.2, withinMs: 60_000 },
    { to: "human", approver: "lead", assurance: "link", ttlMs: 600_000 },
  ],
});

export const ladderScripts: Scripts = {
  foot: [{ fail: "malformed" }, { text: "never said" }, { text: "Done, with some help." }],
  abler: [{ fail: "malformed" }],
  colleague: [{ fail: "malformed" }],
};

const scripted = { provider: "scripted", contextTokens: 100_000 } as const;

export const ladderModels: NonNullable<Operator["models"]> = () => ({
  colleague: { provider: "scripted", model: "colleague" },
  stairs: {
    candidates: {
      foot: { ...scripted, model: "foot" },
      abler: { ...scripted, model: "abler" },
    },
    steps: { default: ["foot"], escalate: ["abler"] },
  },
});
