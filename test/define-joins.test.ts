import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineAgent, defineTool } from "../src/define.ts";
import type { JoinTerms } from "../src/tools/joins.ts";
import { DefinitionError } from "../src/tools/terms.ts";

const read = (name: string) =>
  defineTool({
    name,
    description: "Looks something up.",
    effect: "read",
    input: z.strictObject({ id: z.string() }),
    output: z.strictObject({ n: z.int() }),
    run: () => Promise.resolve({ n: 1 }),
  });
const write = defineTool({
  name: "refund_order",
  description: "Refunds an order.",
  effect: "irreversible",
  recovery: "human",
  input: { type: "object" },
  output: { type: "object" },
  http: { method: "POST", url: "https://api.example.com/refund" },
});

const agent = (joins?: readonly JoinTerms[]) =>
  defineAgent({
    name: "desk",
    instructions: "Help.",
    approver: "lead",
    tools: [read("look_up"), read("find"), write],
    limits: { turns: 5, toolCalls: 5, tokens: 5_000, wallMs: 60_000, costMicroUsd: 100, onLimit: "fail" },
    ...(joins && { joins }),
  });

describe("a join", () => {
  const join = { name: "findings", tools: ["look_up"], until: { kind: "all" } } as const;
  const joining = (terms: Partial<JoinTerms>) => agent([{ ...join, ...terms }]).manifest;

  test("is pinned with all that it says nothing of", () => {
    expect(joining({}).joins).toEqual([
      {
        ...join,
        stragglers: "cancel",
        parts: { failed: "missing", timedOut: "missing", malformed: "missing" },
        mayMiss: [],
        comparable: [],
        onConflict: { kind: "tell" },
        onUnsatisfied: "tell",
      },
    ]);
    expect(joining({ parts: { failed: "fatal" } }).joins?.[0]?.parts).toEqual({
      failed: "fatal",
      timedOut: "missing",
      malformed: "missing",
    });
    expect(agent().manifest).not.toHaveProperty("joins");
  });

  test.each<[string, Partial<JoinTerms>, RegExp]>([
    ["no tool", { tools: [] }, /joins no tool/],
    ["a tool that the agent does not have", { tools: ["other"] }, /none of its tools/],
    ["a write, which is never given up (E2)", { tools: ["refund_order"] }, /neither a read/],
    ["what may be missing and is not joined", { mayMiss: ["refund_order"] }, /does not join/],
    ["a rank of what is not joined", { onConflict: { kind: "prefer", rank: ["x"] } }, /does not join/],
    ["a tool twice", { tools: ["look_up", "look_up"] }, /joined twice/],
    ["a quorum of none", { until: { kind: "quorum", k: 0 } }, /k/],
    ["a field that is no JSON pointer", { comparable: ["n"] }, /comparable/],
  ])("is not declared with %s", (_what, terms, why) => {
    expect(() => joining(terms)).toThrow(DefinitionError);
    expect(() => joining(terms)).toThrow(why);
  });

  test("has a name of its own, and its tools for itself", () => {
    const two = (other: Partial<JoinTerms>) => () => agent([join, { ...join, tools: ["find"], ...other }]);
    expect(two({})).toThrow("two joins are named findings");
    expect(two({ name: "others", tools: ["look_up"] })).toThrow("look_up is joined twice");
    expect(two({ name: "others" })).not.toThrow();
  });
});
