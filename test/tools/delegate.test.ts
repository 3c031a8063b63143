import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type AgentTerms, defineAgent, defineTool, delegateTo } from "../../src/define.ts";
import { validateJson } from "../../src/json-schema.ts";
import { teamOf } from "../../src/tools/delegate.ts";
import { DefinitionError } from "../../src/tools/terms.ts";

const LIMITS = {
  turns: 5,
  toolCalls: 5,
  tokens: 5_000,
  wallMs: 60_000,
  costMicroUsd: 100,
  children: 4,
  onLimit: "fail",
} as const;

const pay = defineTool({
  name: "pay",
  description: "Pays somebody.",
  effect: "irreversible",
  recovery: "key",
  categories: ["money"],
  input: z.strictObject({ cents: z.int() }),
  output: z.strictObject({}),
  run: async () => ({}),
});

const agent = (name: string, terms: Partial<AgentTerms> = {}) =>
  defineAgent({ name, instructions: "Help.", approver: "lead", tools: [], limits: LIMITS, ...terms });

const clerk = agent("pay-clerk", { tools: [pay] });
const askClerk = delegateTo(clerk, { description: "Pays." });
const ONE = { depth: 1, fanOut: 2 };
const foreman = agent("foreman", { tools: [askClerk], holds: clerk.tools, delegation: ONE });

describe("a tool that recruits", () => {
  test("is carried out by that very version of the agent, and asked how it is when nobody knows", () => {
    expect(askClerk.manifest).toMatchObject({
      name: "ask_pay_clerk",
      effect: "reversible",
      recovery: "read",
      mode: "auto",
      executor: { kind: "agent", agent: "pay-clerk", version: clerk.manifest.version },
    });
  });

  test("says to the model what each argument is, and takes what a delegation takes", () => {
    const { inputSchema } = askClerk.manifest;
    expect(JSON.stringify(inputSchema)).not.toContain("$ref");
    expect(JSON.stringify(inputSchema)).toContain("The part of your task's own ceilings");
    const asked = {
      goal: "Pay.",
      share: 0.5,
      handoff: { known: [{ a: null }] },
      answerSchema: { type: "object" },
    };
    expect(validateJson(inputSchema, asked)).toEqual([]);
    expect(validateJson(inputSchema, { goal: "Pay.", share: 1.5 })).not.toEqual([]);
    expect(validateJson(inputSchema, { share: 0.5 })).not.toEqual([]);
  });

  test("can wait for a human, whom its agent names", () => {
    const asked = delegateTo(clerk, { name: "hire", description: "Pays.", mode: "human" });
    const [tool] = agent("boss", { tools: [asked], holds: clerk.tools, delegation: ONE }).tools;
    expect(tool?.manifest).toMatchObject({ name: "hire", approval: { approver: "lead" } });
    expect(tool?.delegate).toBe(clerk);
  });
});

describe("an agent that recruits", () => {
  test("has its rule, and the tools that it holds for others, in its manifest", () => {
    expect(foreman.manifest).toMatchObject({ delegation: ONE, holds: [{ name: "pay" }] });
    expect(foreman.manifest.holds).toEqual(clerk.manifest.tools);
  });

  test.each([
    ["no rule of delegation", { holds: clerk.tools }, "how (delegation)"],
    [
      "no children allowed",
      { holds: clerk.tools, delegation: ONE, limits: { ...LIMITS, children: 0 } },
      "limits.children",
    ],
    ["a tool of the other that it does not hold", { delegation: ONE }, "pay-clerk has the tool pay"],
    [
      "the same tool with another approver",
      { delegation: ONE, holds: [pay], approver: "somebody" },
      "in that version",
    ],
  ])("cannot be declared with %s", (_what, terms, message) => {
    const declare = () => agent("foreman", { tools: [askClerk], ...terms });
    expect(declare).toThrow(DefinitionError);
    expect(declare).toThrow(message);
  });

  test("brings along all those below it, each once", () => {
    const director = agent("director", {
      tools: [delegateTo(foreman, { description: "Leads." }), askClerk],
      holds: [...foreman.tools, ...clerk.tools],
      delegation: { depth: 2, fanOut: 2 },
    });
    expect(teamOf(director).map(({ manifest }) => manifest.name)).toEqual(["foreman", "pay-clerk"]);
    expect(teamOf(clerk)).toEqual([]);
  });
});
