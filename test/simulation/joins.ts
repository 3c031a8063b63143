import type { JoinRule } from "../../src/contracts/join.ts";
import type { ToolManifest } from "../../src/contracts/tool.ts";
import { Random } from "./random.ts";

/** The share of agents that join what they may join. */
const JOINING = 0.6;
const FIELDS = ["/ref", "/answer", "/answer/ok", "/nothing"] as const;

/** How an agent joins its reads and delegations: that follows from the rest of it. */
export function joinsOf(agent: string, tools: readonly ToolManifest[]): readonly JoinRule[] {
  const random = new Random(Number.parseInt(agent.slice(0, 8), 16));
  const joinable = tools.filter(({ effect, executor }) => effect === "read" || executor.kind === "agent");
  if (joinable.length === 0 || !random.chance(JOINING)) return [];
  const names = joinable.map(({ name }) => name);
  const first = random.chance(0.6) ? names : names.filter(() => random.chance(0.6));
  const rest = names.filter((name) => !first.includes(name));
  return [first, rest].flatMap((joined, n) =>
    joined.length === 0 ? [] : [makeRule(random, `join-${n}`, joined)],
  );
}

function makeRule(random: Random, name: string, tools: readonly string[]): JoinRule {
  return {
    name,
    tools,
    until: makeUntil(random),
    stragglers: random.pick(["cancel", "finish"] as const),
    parts: { failed: makeMeaning(random), timedOut: makeMeaning(random), malformed: makeMeaning(random) },
    mayMiss: tools.filter(() => random.chance(0.3)),
    comparable: FIELDS.filter(() => random.chance(0.4)),
    onConflict: makeOnConflict(random, tools),
    onUnsatisfied: random.pick(["tell", "tell", "tell", "ask", "fail"] as const),
  };
}

function makeUntil(random: Random): JoinRule["until"] {
  const kind = random.weighted({ all: 2, any: 4, quorum: 2, firstValid: 1, bestEffort: 4 });
  switch (kind) {
    case "quorum":
      return { kind, k: random.int(1, 3) };
    case "bestEffort":
      return { kind, withinMs: random.pick([50, 2_000, 60_000]) };
    case "all":
    case "any":
    case "firstValid":
      return { kind };
  }
}

function makeMeaning(random: Random): JoinRule["parts"]["failed"] {
  return random.chance(0.15) ? "fatal" : "missing";
}

function makeOnConflict(random: Random, tools: readonly string[]): JoinRule["onConflict"] {
  const kind = random.weighted({ tell: 3, ask: 1, prefer: 1, escalate: 1 });
  switch (kind) {
    case "prefer":
      return { kind, rank: tools.filter(() => random.chance(0.7)) };
    case "escalate":
      return { kind, ttlMs: random.pick([1_000, 600_000]) };
    case "tell":
    case "ask":
      return { kind };
  }
}
