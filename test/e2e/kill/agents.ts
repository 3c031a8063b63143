import { z } from "zod";
import { type AgentTerms, defineAgent, defineTool, delegateTo } from "../../../src/define.ts";
import type { AgentDefinition, ToolDefinition } from "../../../src/tools/definition.ts";
import { type RetailTool, retailToolUrl } from "../../retail/tools.ts";
import type { EntryData } from "./entry-data.ts";

export const APPROVER = "boss";

/** Routes: the mock model over the wire, and the scripts by name. */
export const MOCK_ROUTE = "mock";

/**
 * Everything that runs while the runtime is killed. Crashes cost attempts and set-asides, so the ceilings are far away; time-outs
 * are short, since a claim that was lost is noticed only when its lease ends.
 */
const TERMS = {
  instructions: "Do what the customer asks, by the policy.",
  approver: APPROVER,
  limits: {
    turns: 100,
    toolCalls: 1_000,
    tokens: 1_000_000_000,
    wallMs: 3_600_000,
    costMicroUsd: 1_000_000_000,
    children: 0,
    onLimit: "fail",
  },
  modelRetry: { attemptsMax: 12, delayMsFirst: 100, delayMsMax: 1_000 },
} as const satisfies Partial<AgentTerms>;
const TOOL_TERMS = {
  timeoutMs: 3_000,
  retry: { attemptsMax: 12, delayMsFirst: 60, delayMsMax: 1_000 },
} as const;

export function agentsOf(data: EntryData): readonly AgentDefinition[] {
  const shop = data.shopTools.map((tool) => shopTool(data.shop, tool));
  const ledger = ledgerTools(data.ledger);
  return [
    defineAgent({ ...TERMS, name: "retail", model: MOCK_ROUTE, tools: shop }),
    defineAgent({ ...TERMS, name: "retail-queued", model: MOCK_ROUTE, tools: shop, placement: "queued" }),
    defineAgent({ ...TERMS, name: "clerk", model: "clerk", tools: ledger, placement: "inline" }),
    defineAgent({ ...TERMS, name: "clerk-queued", model: "clerk", tools: ledger, placement: "queued" }),
    defineAgent({ ...TERMS, name: "surveyor", model: "surveyor", tools: ledger }),
    leadOf(ledger.filter(({ manifest: { name } }) => name !== "send_letter")),
  ];
}

/** Three generations that all write to the ledger. */
function leadOf(tools: readonly ToolDefinition[]): AgentDefinition {
  const helper = defineAgent({ ...TERMS, name: "helper", model: "helper", tools });
  const askHelper = delegateTo(helper, { description: "Books one place." });
  const foreman = defineAgent({
    ...TERMS,
    name: "foreman",
    model: "foreman",
    tools: [...tools, askHelper],
    delegation: { depth: 1, fanOut: 2 },
    limits: { ...TERMS.limits, children: 2 },
  });
  const askForeman = delegateTo(foreman, { description: "Has several places booked." });
  return defineAgent({
    ...TERMS,
    name: "lead",
    model: "lead",
    tools: [...tools, askHelper, askForeman],
    delegation: { depth: 2, fanOut: 2 },
    limits: { ...TERMS.limits, children: 10 },
  });
}

/** Every write of the shop needs the customer's explicit yes. */
function shopTool(
  shop: string,
  { name, description, kind, inputSchema, outputSchema }: RetailTool,
): ToolDefinition {
  const contract = {
    name,
    description,
    input: inputSchema,
    output: outputSchema,
    http: { method: "POST", url: retailToolUrl(shop, name) },
    ...TOOL_TERMS,
  } as const;
  if (kind === "read") return defineTool({ ...contract, effect: "read" });
  const effect = name.startsWith("modify_") ? "reversible" : "irreversible";
  return defineTool({ ...contract, effect, mode: "human", recovery: "key" });
}

/** One tool for each way in which an unknown outcome is resolved. */
function ledgerTools(ledger: string): readonly ToolDefinition[] {
  const shared = (name: string) => ({
    name,
    description: `The ledger's ${name}.`,
    output: z.strictObject({ done: z.string() }),
    http: { method: "POST", url: `${ledger}/${name}` } as const,
    ...TOOL_TERMS,
  });
  const [lookUp, addEntry] = [shared("look_up"), shared("add_entry")];
  const [appendLine, sendLetter] = [shared("append_line"), shared("send_letter")];
  return [
    defineTool({ ...lookUp, input: z.strictObject({ what: z.string() }), effect: "read" }),
    defineTool({
      ...addEntry,
      input: z.strictObject({ cents: z.int() }),
      effect: "reversible",
      recovery: "key",
    }),
    defineTool({
      ...appendLine,
      input: z.strictObject({ line: z.string() }),
      effect: "reversible",
      recovery: "read",
      readBack: { method: "GET", url: `${ledger}/append_line` },
    }),
    defineTool({
      ...sendLetter,
      input: z.strictObject({ to: z.string() }),
      effect: "irreversible",
      categories: ["external"],
      recovery: "human",
    }),
  ];
}
