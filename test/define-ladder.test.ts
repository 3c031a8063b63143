import { expect, test } from "vitest";
import { z } from "zod";
import { type AgentTerms, defineAgent, defineTool, delegateTo } from "../src/define.ts";
import { DefinitionError } from "../src/tools/terms.ts";

const limits = {
  turns: 5,
  toolCalls: 5,
  tokens: 5_000,
  wallMs: 60_000,
  costMicroUsd: 100,
  onLimit: "fail",
} as const;
const terms = { instructions: "Help.", approver: "lead", limits } as const;
const look = defineTool({
  name: "look",
  description: "Looks.",
  effect: "read",
  input: z.strictObject({}),
  output: z.strictObject({}),
  run: () => Promise.resolve({}),
});
const colleague = defineAgent({ ...terms, name: "colleague", tools: [] });
const desk = (of: Partial<AgentTerms>) =>
  defineAgent({
    ...terms,
    name: "desk",
    tools: [look, delegateTo(colleague, { description: "Takes over." })],
    delegation: { depth: 1, fanOut: 1 },
    ...of,
    limits: { ...limits, children: 1, ...of.limits },
  });
const HUMAN = { to: "human", approver: "boss", assurance: "signedIn", ttlMs: 60_000 } as const;

test("a ladder is pinned as it is declared, and none is where none is", () => {
  const agent = { to: "agent", tool: "ask_colleague", share: 0.5, withinMs: 60_000 } as const;
  const ladder = [{ to: "model", withinMs: 1_000 }, agent, HUMAN] as const;
  expect(desk({ ladder }).manifest.ladder).toEqual(ladder);
  expect(desk({}).manifest).not.toHaveProperty("ladder");
});

test.each([
  [
    "recruits by a tool that recruits nobody",
    { ladder: [{ to: "agent", tool: "look", share: 0.5, withinMs: 60_000 }] },
  ],
  [
    "recruits by a tool that is not there",
    { ladder: [{ to: "agent", tool: "ask_nobody", share: 0.5, withinMs: 60_000 }] },
  ],
  ["has no rungs", { ladder: [] }],
  ["has a rung without time", { ladder: [{ to: "model", withinMs: 0 }] }],
  [
    "asks nobody at a limit",
    { ladder: [{ to: "model", withinMs: 1_000 }], limits: { ...limits, onLimit: "escalate" } },
  ],
  ["is not there, and a limit is to climb it", { limits: { ...limits, onLimit: "escalate" } }],
] as const)("a ladder that %s is refused", (_what, of) => {
  expect(() => desk(of)).toThrow(DefinitionError);
});

test("a limit may climb a ladder with a human on it", () => {
  const { manifest } = desk({ ladder: [HUMAN], limits: { ...limits, onLimit: "escalate" } });
  expect(manifest.limits.onLimit).toBe("escalate");
});
