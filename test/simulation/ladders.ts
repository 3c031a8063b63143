import type { Rung } from "../../src/contracts/ladder.ts";
import type { PinnedRoute } from "../../src/contracts/route.ts";
import type { ToolManifest } from "../../src/contracts/tool.ts";
import { Random } from "./random.ts";

/** The share of agents whose steps go on somewhere when they fail. */
const LADDERS = 0.5;

/** The ladder of an agent: that follows from the rest of it. */
export function ladderOf(agent: string, tools: readonly ToolManifest[]): readonly Rung[] {
  const random = new Random(Number.parseInt(agent.slice(8, 16), 16));
  if (!random.chance(LADDERS)) return [];
  const recruits = tools.filter(({ executor }) => executor.kind === "agent");
  return Array.from({ length: random.int(1, 4) }, (): Rung => {
    const withinMs = random.pick([2_000, 60_000, 600_000]);
    const to = random.weighted({ model: 2, agent: recruits.length > 0 ? 5 : 0, human: 2 });
    if (to === "model") return { to, withinMs };
    if (to === "agent") return { to, tool: random.pick(recruits).name, share: 0.2, withinMs };
    const approver = random.pick(["ana", "bo"]);
    return { to, approver, assurance: "link", ttlMs: random.pick([1_000, 60_000]) };
  });
}

/** Some routes say whom a step that failed goes to. */
export function withStairs(route: PinnedRoute, key: string): PinnedRoute {
  const random = new Random(Number.parseInt(key.slice(24, 32), 16));
  if (!random.chance(0.7)) return route;
  const order = [route.candidates.length - 1];
  return { ...route, steps: { ...route.steps, escalate: { order } } };
}
