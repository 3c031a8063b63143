import type { AgentManifest } from "../../src/contracts/agent.ts";
import type { Limits } from "../../src/contracts/budget.ts";
import type { PinnedModel } from "../../src/contracts/model.ts";
import type { NewTask } from "../../src/contracts/task.ts";
import type { ToolManifest } from "../../src/contracts/tool.ts";
import { sha256 } from "../../src/hash.ts";
import type { Random } from "./random.ts";

const TENANTS = ["acme", "globex"] as const;
export const APPROVERS = ["ana", "bo"] as const;

/** One call that a task's model means to make. `ref` names the thing done in the world: it must be done at most once, ever. */
export interface PlannedCall {
  readonly tool: string;
  readonly ref: string;
  readonly argsText: string;
}

export interface Plan {
  readonly turns: readonly (readonly PlannedCall[])[];
  /** How often a call is proposed anew after its result was an error. */
  readonly insistence: number;
  /** Whether the model takes the runtime's word for what is already done. */
  readonly obeys: boolean;
}

export interface Scenario {
  readonly tasks: readonly { readonly order: NewTask; readonly plan: Plan }[];
}

type Kind = Pick<ToolManifest, "name" | "effect" | "mode"> & Pick<Partial<ToolManifest>, "recovery">;

/** Every kind of tool there is: what it does, who must agree, and how an unknown outcome of it is resolved. */
const KINDS: readonly Kind[] = [
  { name: "look_up", effect: "read", mode: "auto" },
  { name: "look_into", effect: "read", mode: "human" },
  { name: "note", effect: "reversible", mode: "auto", recovery: "key" },
  { name: "pay", effect: "irreversible", mode: "human", recovery: "key" },
  { name: "post", effect: "irreversible", mode: "auto", recovery: "read" },
  { name: "ship", effect: "irreversible", mode: "human", recovery: "read" },
  { name: "phone", effect: "irreversible", mode: "auto", recovery: "human" },
  { name: "wire", effect: "irreversible", mode: "guarded", recovery: "human" },
];

const INPUT_SCHEMA = {
  type: "object",
  properties: { ref: { type: "string" }, amount: { type: "integer", minimum: 1 } },
  required: ["ref", "amount"],
  additionalProperties: false,
} as const;

export function makeScenario(random: Random, nowMs: number): Scenario {
  const count = random.weighted({ one: 6, two: 3, three: 1 });
  const tasks = Array.from({ length: { one: 1, two: 2, three: 3 }[count] }, (_, n) => {
    const agent = makeAgent(random);
    return { order: makeOrder(random, agent, nowMs), plan: makePlan(random, agent, n) };
  });
  return { tasks };
}

function makeOrder(random: Random, agent: AgentManifest, nowMs: number): NewTask {
  const { turns, toolCalls, tokens, wallMs, costMicroUsd, children } = agent.limits;
  return {
    task: `tsk_${random.hex(32)}`,
    tenant: random.pick(TENANTS),
    principal: "mia",
    keyId: "key_1",
    agent,
    model: makeModel(random),
    input: { text: "Do what the plan says." },
    limit: {
      turns: random.chance(0.1) ? Math.ceil(turns / 20) : turns,
      toolCalls: random.chance(0.1) ? Math.ceil(toolCalls / 40) : toolCalls,
      tokens,
      wallMs,
      costMicroUsd,
      children,
    },
    ...(random.chance(0.1) ? { deadlineAtMs: nowMs + random.int(5_000, 900_000) } : {}),
    metadata: {},
    interactive: random.chance(0.3),
    bodyHash: random.hex(64),
    traceparent: `00-${random.hex(32)}-${random.hex(16)}-01`,
  };
}

function makeModel(random: Random): PinnedModel {
  return {
    route: "default",
    provider: "scripted",
    model: "simulated",
    price: { table: "simulated", input: 1, cachedInput: 0.5, cacheWrite: 1.25, output: 4 },
    maxOutputTokens: 500,
    timeoutMs: random.pick([1_000, 10_000, 60_000]),
  };
}

function makeAgent(random: Random): AgentManifest {
  const manifest = {
    name: "clerk",
    instructions: "Work through the plan.",
    model: "default",
    tools: KINDS.map((kind) => makeTool(random, kind)),
    limits: makeLimits(random),
    modelRetry: makeRetry(random),
    placement: random.pick(["auto", "auto", "inline", "queued"] as const),
    escalation: makeApprovalRule(random),
  };
  return { ...manifest, version: sha256(JSON.stringify(manifest)) };
}

function makeTool(random: Random, { name, effect, mode, recovery }: Kind): ToolManifest {
  const manifest = {
    name,
    description: `Simulated: ${effect}, ${mode}.`,
    inputSchema: INPUT_SCHEMA,
    outputSchema: {},
    effect,
    mode,
    categories: [],
    ...(recovery === undefined ? {} : { recovery }),
    ...(mode === "human" ? { approval: makeApprovalRule(random) } : {}),
    timeoutMs: random.pick([200, 2_000, 10_000, 30_000]),
    retry: makeRetry(random),
    executor: { kind: "builtin" },
  } as const;
  return { ...manifest, version: sha256(JSON.stringify(manifest)) };
}

function makeRetry(random: Random): ToolManifest["retry"] {
  return {
    attemptsMax: random.int(1, 5),
    delayMsFirst: random.pick([10, 200, 2_000]),
    delayMsMax: random.pick([1_000, 20_000]),
  };
}

function makeApprovalRule(random: Random): AgentManifest["escalation"] {
  return {
    approver: random.pick(APPROVERS),
    assurance: random.pick(["link", "link", "signedIn"] as const),
    ttlMs: random.pick([1_000, 60_000, 3_600_000]),
  };
}

/** Mostly wide; now and then one ceiling is low enough to be met. */
function makeLimits(random: Random): Limits {
  const wide = {
    turns: 60,
    toolCalls: 200,
    tokens: 9_000_000,
    wallMs: 86_400_000,
    costMicroUsd: 50_000_000,
    children: 0,
  };
  const low = { turns: 3, toolCalls: 4, tokens: 9_000, wallMs: 20_000, costMicroUsd: 12_000, children: 0 };
  const onLimit = random.pick(["fail", "ask"] as const);
  if (!random.chance(0.3)) return { ...wide, onLimit };
  const dimension = random.pick(["turns", "toolCalls", "tokens", "wallMs", "costMicroUsd"] as const);
  return { ...wide, [dimension]: low[dimension], onLimit };
}

function makePlan(random: Random, agent: AgentManifest, task: number): Plan {
  const long = random.chance(0.04);
  const turns = Array.from({ length: long ? random.int(20, 35) : random.int(1, 6) }, (_t, turn) => {
    const calls = random.chance(0.6) ? 1 : random.int(2, random.chance(0.2) ? 9 : 4);
    return Array.from({ length: calls }, (_c, index) =>
      makeCall(random, random.pick(agent.tools).name, `t${task}.${turn}.${index}`),
    );
  });
  return { turns, insistence: random.int(0, 2), obeys: random.chance(0.5) };
}

function makeCall(random: Random, tool: string, ref: string): PlannedCall {
  const args = { ref, amount: random.int(1, 500) };
  const argsText = JSON.stringify(args);
  switch (random.weighted({ good: 24, unreadable: 1, unfit: 1, unknown: 1 })) {
    case "good":
      return { tool, ref, argsText };
    case "unreadable":
      return { tool, ref, argsText: argsText.replace("}", `,"amount":2}`) };
    case "unfit":
      return { tool, ref, argsText: JSON.stringify({ ...args, amount: 0 }) };
    case "unknown":
      return { tool: "nothing_such", ref, argsText };
  }
}
