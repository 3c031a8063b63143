import type { AgentManifest } from "../../src/contracts/agent.ts";
import type { Limits } from "../../src/contracts/budget.ts";
import type { PinnedModel } from "../../src/contracts/model.ts";
import type { NewTask } from "../../src/contracts/task.ts";
import type { ToolManifest } from "../../src/contracts/tool.ts";
import { sha256 } from "../../src/hash.ts";
import { limitedBy } from "./allowances.ts";
import { joinsOf } from "./joins.ts";
import { ladderOf } from "./ladders.ts";
import { type Plan, makePlan } from "./plans.ts";
import type { Random } from "./random.ts";
import { inBackground } from "./responses.ts";
import { LOOKING, objectiveOf, routed } from "./routes.ts";
import { type Family, makeFamily } from "./teams.ts";

const TENANTS = ["acme", "globex"] as const;
export const APPROVERS = ["ana", "bo"] as const;

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

/** The share of tasks that may recruit others. */
const TREES = 0.45;
const ALONE: Family = { tools: null, holds: [], team: [], delegation: null, children: 0 };

const INPUT_SCHEMA = {
  type: "object",
  properties: { ref: { type: "string" }, amount: { type: "integer", minimum: 1 } },
  required: ["ref", "amount"],
  additionalProperties: false,
} as const;

export function makeScenario(random: Random, nowMs: number): Scenario {
  const count = random.weighted({ one: 6, two: 3, three: 1 });
  const tasks = Array.from({ length: { one: 1, two: 2, three: 3 }[count] }, (_, n) => {
    const family = random.chance(TREES) ? makeFamily(random, makers(random)) : ALONE;
    const agent = makeAgent(random, "clerk", family);
    return {
      order: makeOrder(random, { agent, team: family.team }, nowMs),
      plan: makePlan(random, agent, `t${n}`),
    };
  });
  return { tasks };
}

function makers(random: Random): Parameters<typeof makeFamily>[1] {
  const tools = KINDS.map((kind) => makeTool(random, kind));
  return {
    tools,
    agent: (name, family) => makeAgent(random, name, family),
    model: () => makeModel(random),
  };
}

function makeOrder(
  random: Random,
  { agent, team }: { readonly agent: AgentManifest; readonly team: Family["team"] },
  nowMs: number,
): NewTask {
  const { turns, toolCalls, tokens, wallMs, costMicroUsd, children } = agent.limits;
  const name = random.hex(32);
  // Where turns are few, a task waits for what its stragglers give back.
  const fewTurns = agent.joins !== undefined && team.length > 0 ? 0.5 : 0.1;
  return {
    task: `tsk_${name}`,
    tenant: random.pick(TENANTS),
    principal: "mia",
    keyId: "key_1",
    agent,
    ...servedBy(inBackground(makeModel(random), name), name),
    ...limitedBy(name),
    ...(team.length > 0 && { team }),
    ...(team.length > 0 &&
      random.chance(0.2) && { delegationCaps: { depth: random.int(1, 3), fanOut: 2, children } }),
    input: { text: "Do what the plan says." },
    limit: {
      turns: random.chance(fewTurns) ? Math.ceil(turns / 20) : turns,
      toolCalls: random.chance(0.1) ? Math.ceil(toolCalls / 40) : toolCalls,
      tokens,
      wallMs,
      costMicroUsd,
      children,
    },
    ...(random.chance(team.length > 0 ? 0.3 : 0.1) && {
      deadlineAtMs: nowMs + random.int(5_000, random.pick([60_000, 900_000])),
    }),
    metadata: {},
    interactive: random.chance(0.3),
    bodyHash: random.hex(64),
    traceparent: `00-${random.hex(32)}-${random.hex(16)}-01`,
  };
}

function servedBy(model: PinnedModel, key: string): Pick<NewTask, "model" | "route" | "latencyObjectiveMs"> {
  const served = routed(model, key);
  const latencyObjectiveMs = objectiveOf(key);
  return served.route && latencyObjectiveMs ? { ...served, latencyObjectiveMs } : served;
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

function makeAgent(
  random: Random,
  name: string,
  { tools, holds, delegation, children }: Family,
): AgentManifest {
  const manifest = {
    name,
    instructions: "Work through the plan.",
    model: "default",
    tools: tools ?? KINDS.map((kind) => makeTool(random, kind)),
    ...(holds.length > 0 && { holds }),
    ...(delegation && { delegation }),
    limits: { ...makeLimits(random), children },
    steps: { look_up: LOOKING },
    modelRetry: makeRetry(random),
    placement: random.pick(["auto", "auto", "inline", "queued"] as const),
    escalation: makeApprovalRule(random),
  };
  const joins = joinsOf(sha256(JSON.stringify(manifest)), manifest.tools);
  const ladder = ladderOf(sha256(JSON.stringify(manifest)), manifest.tools);
  const whole = {
    ...manifest,
    ...(joins.length > 0 && { joins }),
    ...(ladder.length > 0 && { ladder }),
  };
  return { ...whole, version: sha256(JSON.stringify(whole)) };
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
