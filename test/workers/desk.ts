import { z } from "zod";
import { defineAgent, defineTool } from "../../src/define.ts";
import { ToolError } from "../../src/tools/definition.ts";
import type { Scripts } from "../../src/models/scripted.ts";

/** What the tools of this file did, by idempotency key: the test's own ledger. Every arrival is noted. */
export const arrivals: { readonly tool: string; readonly key: string }[] = [];

const note = (tool: string, key: string) => void arrivals.push({ tool, key });

const look = defineTool({
  name: "look",
  description: "Looks something up.",
  input: z.strictObject({ what: z.string() }),
  output: z.strictObject({ found: z.string() }),
  effect: "read",
  run: async ({ what }, call) => {
    note("look", call.id);
    return { found: what.toUpperCase() };
  },
});

const pay = defineTool({
  name: "pay",
  description: "Pays somebody.",
  input: z.strictObject({ cents: z.int().positive() }),
  output: z.strictObject({ paid: z.int() }),
  effect: "irreversible",
  categories: ["money"],
  recovery: "key",
  run: async ({ cents }, call) => {
    note("pay", call.id);
    return { paid: cents };
  },
});

const grumble = defineTool({
  name: "grumble",
  description: "Always fails.",
  input: z.strictObject({}),
  output: z.strictObject({}),
  effect: "read",
  run: async () => {
    throw new ToolError("conflict", "not today");
  },
});

const blurt = defineTool({
  name: "blurt",
  description: "Says more than fits.",
  input: z.strictObject({}),
  output: z.strictObject({ text: z.string() }),
  effect: "read",
  run: async () => ({ text: "long ".repeat(20_000) }),
});

const LIMITS = {
  turns: 50,
  toolCalls: 200,
  tokens: 2_000_000,
  wallMs: 3_600_000,
  costMicroUsd: 1_000_000,
  onLimit: "fail",
} as const;
const terms = {
  instructions: "Do as the script says.",
  approver: "boss",
  tools: [look, pay, grumble, blurt],
  limits: LIMITS,
};

export const inlineDesk = defineAgent({ ...terms, name: "inline-desk", placement: "inline" });
export const queuedDesk = defineAgent({ ...terms, name: "queued-desk", placement: "queued" });
export const fanDesk = defineAgent({ ...terms, name: "fan-desk", placement: "auto" });

const work = [
  { calls: [{ tool: "look", args: { what: "order" } }] },
  { calls: [{ tool: "pay", args: { cents: 500 } }] },
  {
    calls: [
      { tool: "grumble", args: {} },
      { tool: "blurt", args: {} },
    ],
  },
  { text: "All done." },
];

export const scripts: Scripts = {
  "inline-desk": work,
  "queued-desk": work,
  "fan-desk": [
    { calls: Array.from({ length: 20 }, (_, i) => ({ tool: "look", args: { what: `item ${i}` } })) },
    { text: "Looked at 20." },
  ],
};
