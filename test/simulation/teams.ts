import { z } from "zod";
import type { AgentManifest } from "../../src/contracts/agent.ts";
import { Delegation, type DelegationRule } from "../../src/contracts/delegation.ts";
import { JsonObject } from "../../src/contracts/json.ts";
import type { PinnedModel } from "../../src/contracts/model.ts";
import type { NewTask } from "../../src/contracts/task.ts";
import type { ToolManifest } from "../../src/contracts/tool.ts";
import { sha256 } from "../../src/hash.ts";
import type { Random } from "./random.ts";
import { routed } from "./routes.ts";

/** So many generations come below a root, at most. */
export const GENERATIONS_MAX = 4;

/** What makes an agent one that recruits. `tools`: null for those that any agent has. */
export interface Family {
  readonly tools: readonly ToolManifest[] | null;
  readonly holds: readonly ToolManifest[];
  readonly team: NonNullable<NewTask["team"]>;
  readonly delegation: DelegationRule | null;
  /** The ceiling of descendants. */
  readonly children: number;
}

export interface Makers {
  readonly tools: readonly ToolManifest[];
  readonly agent: (name: string, family: Family) => AgentManifest;
  readonly model: () => PinnedModel;
}

const INPUT_SCHEMA = JsonObject.parse(z.toJSONSchema(Delegation, { io: "input", unrepresentable: "any" }));

/**
 * Agents below agents. The last generation is made first, so that each can pin those whom it may ask. Now and then one holds
 * nothing of what those below it have, and one that may be asked for is not in the team.
 */
export function makeFamily(random: Random, makers: Makers): Family {
  const generations = random.int(1, GENERATIONS_MAX);
  const team: NonNullable<NewTask["team"]>[number][] = [];
  let below: readonly AgentManifest[] = [];
  for (let generation = generations; generation >= 1; generation--) {
    const next = below;
    const agents = Array.from({ length: random.int(1, 2) }, (_, n) =>
      makers.agent(`helper-${generation}-${n}`, familyAbove(random, next, makers)),
    );
    for (const agent of agents)
      if (!random.chance(0.05)) team.push({ agent, ...routed(makers.model(), agent.version) });
    below = agents;
  }
  const { holds, ...root } = familyAbove(random, below, makers);
  const tools = [...makers.tools, ...below.map((agent) => recruits(random, agent))];
  return { ...root, tools, holds: without(holds, tools), team };
}

function familyAbove(random: Random, below: readonly AgentManifest[], makers: Makers): Family {
  const own = makers.tools.filter(() => random.chance(0.3));
  const tools = [...own, ...below.map((agent) => recruits(random, agent))];
  const held = below.flatMap((agent) => [...agent.tools, ...(agent.holds ?? [])]);
  const delegation =
    below.length > 0 ? { depth: random.int(1, GENERATIONS_MAX), fanOut: random.int(1, 3) } : null;
  const holds = random.chance(0.05) ? [] : without(held, tools);
  return { tools, holds, team: [], delegation, children: random.pick([2, 12, 40, 40]) };
}

function without(tools: readonly ToolManifest[], others: readonly ToolManifest[]): readonly ToolManifest[] {
  const taken = new Set(others.map(({ version }) => version));
  return tools.filter(({ version }, i) => {
    return !taken.has(version) && tools.findIndex((tool) => tool.version === version) === i;
  });
}

/** The tool that recruits an agent. Some people want to be asked first. */
function recruits(random: Random, { name, version }: AgentManifest): ToolManifest {
  const asks = random.chance(0.15);
  const manifest = {
    name: `ask_${name}`,
    description: `Simulated: recruits ${name}.`,
    inputSchema: INPUT_SCHEMA,
    outputSchema: {},
    effect: "reversible",
    mode: asks ? "human" : "auto",
    categories: [],
    recovery: "read",
    ...(asks && { approval: { approver: "ana", assurance: "link", ttlMs: 60_000 } as const }),
    timeoutMs: 10_000,
    retry: { attemptsMax: random.int(1, 3), delayMsFirst: 200, delayMsMax: 1_000 },
    executor: { kind: "agent", agent: name, version },
  } as const;
  return { ...manifest, version: sha256(JSON.stringify(manifest)) };
}
