import type { AgentManifest } from "../../src/contracts/agent.ts";
import type { Delegation } from "../../src/contracts/delegation.ts";
import type { Random } from "./random.ts";

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
  readonly answer: string;
}

type Tool = AgentManifest["tools"][number];

const ANSWER_SCHEMA = { type: "object", properties: { ok: { type: "boolean" } }, required: ["ok"] };

/** What a task is to do that somebody asked for. */
export function makePlan(random: Random, agent: AgentManifest, name: string): Plan {
  const long = random.chance(0.04);
  const turns = Array.from({ length: long ? random.int(20, 35) : random.int(1, 6) }, (_t, turn) => {
    const calls = random.chance(0.6) ? 1 : random.int(2, random.chance(0.2) ? 9 : 4);
    return makeTurn(random, agent, { name: `${name}.${turn}`, calls });
  });
  return { turns, insistence: random.int(0, 2), obeys: random.chance(0.5), answer: "Done." };
}

/** What a task is to do that another task recruited: less, so that a tree does not grow without end. */
export function makeChildPlan(random: Random, agent: AgentManifest, name: string): Plan {
  const turns = Array.from({ length: random.int(0, 2) }, (_t, turn) =>
    makeTurn(random, agent, { name: `${name}.${turn}`, calls: random.int(1, 3) }),
  );
  const answer = random.pick(["Done.", '{"ok":true}', '{"ok":true}', '{"ok":"perhaps"}']);
  return { turns, insistence: random.int(0, 1), obeys: random.chance(0.5), answer };
}

function makeTurn(
  random: Random,
  { tools }: AgentManifest,
  { name, calls }: { readonly name: string; readonly calls: number },
): readonly PlannedCall[] {
  const recruiting = tools.filter(isDelegation);
  const others = tools.filter((tool) => !isDelegation(tool));
  return Array.from({ length: calls }, (_c, index) => {
    const choice = recruiting.length > 0 && (others.length === 0 || random.chance(0.7)) ? recruiting : others;
    const ref = `${name}.${index}`;
    return choice.length === 0 ? unknown(ref) : makeCall(random, random.pick(choice), ref);
  });
}

function isDelegation({ executor }: Tool): boolean {
  return executor.kind === "agent";
}

function makeCall(random: Random, tool: Tool, ref: string): PlannedCall {
  const args = isDelegation(tool) ? makeDelegation(random, ref) : { ref, amount: random.int(1, 500) };
  const argsText = JSON.stringify(args);
  switch (random.weighted({ good: 24, unreadable: 1, unfit: 1, unknown: 1 })) {
    case "good":
      return { tool: tool.name, ref, argsText };
    case "unreadable":
      return { tool: tool.name, ref, argsText: argsText.replace(/\}$/, `,"amount":2,"amount":2}`) };
    case "unfit":
      return { tool: tool.name, ref, argsText: JSON.stringify({ ...args, amount: 0 }) };
    case "unknown":
      return unknown(ref);
  }
}

function unknown(ref: string): PlannedCall {
  return { tool: "nothing_such", ref, argsText: JSON.stringify({ ref }) };
}

/** Shares that fit beside one another, and some that do not; an end that comes soon, late, or with the parent's. */
function makeDelegation(random: Random, ref: string): Delegation {
  return {
    goal: ref,
    share: random.pick([0.1, 0.3, 0.45, 0.45, 0.9]),
    ...(random.chance(0.5) && { withinMs: random.pick([5_000, 60_000, 600_000, 3_600_000]) }),
    ...(random.chance(0.5) && { answerSchema: ANSWER_SCHEMA }),
    ...(random.chance(0.2) && { handoff: { known: { ref }, tried: ["nothing"] }, results: ["none"] }),
  };
}
