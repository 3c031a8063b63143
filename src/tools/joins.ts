import type { JoinRule } from "../contracts/join.ts";
import type { ToolDefinition } from "./definition.ts";
import { DefinitionError } from "./terms.ts";

/** What an operator says of a join. Where it says nothing else, stragglers are canceled, every part counts, and the model is told. */
export type JoinTerms = Pick<JoinRule, "name" | "tools" | "until"> &
  Partial<Omit<JoinRule, "parts">> & { readonly parts?: Partial<JoinRule["parts"]> };

const PARTS = { failed: "missing", timedOut: "missing", malformed: "missing" } as const;
const TOLD = { onConflict: { kind: "tell" }, onUnsatisfied: "tell" } as const;

/** The rules as an agent pins them. Throws a `DefinitionError` when one cannot be kept with the agent's tools. */
export function joinRulesOf(
  agent: string,
  terms: readonly JoinTerms[],
  tools: readonly Pick<ToolDefinition, "manifest">[],
): readonly JoinRule[] {
  const rules = terms.map((join): JoinRule => ({
    stragglers: "cancel",
    mayMiss: [],
    comparable: [],
    ...TOLD,
    ...join,
    parts: { ...PARTS, ...join.parts },
  }));
  const fault = rules.map((rule) => faultOf(rule, tools)).find((found) => found !== null) ?? twinIn(rules);
  if (fault !== null) throw new DefinitionError(`Agent ${agent}: ${fault}`);
  return rules;
}

function faultOf(rule: JoinRule, tools: readonly Pick<ToolDefinition, "manifest">[]): string | null {
  const { name, tools: joined, mayMiss, onConflict } = rule;
  if (joined.length === 0) return `the join ${name} joins no tool.`;
  for (const tool of joined) {
    const manifest = tools.find((one) => one.manifest.name === tool)?.manifest;
    if (manifest === undefined) return `the join ${name} names ${tool}, which is none of its tools.`;
    // E2. What was begun of a write is never given up because nobody waits for it any more.
    if (manifest.effect !== "read" && manifest.executor.kind !== "agent")
      return `the join ${name} names ${tool}, which is neither a read nor carried out by an agent.`;
  }
  const ranked = onConflict.kind === "prefer" ? onConflict.rank : [];
  const stranger = [...mayMiss, ...ranked].find((tool) => !joined.includes(tool));
  return stranger === undefined ? null : `the join ${name} speaks of ${stranger}, which it does not join.`;
}

/** A call is a part of one join at most. */
function twinIn(rules: readonly JoinRule[]): string | null {
  const name = twiceIn(rules.map((rule) => rule.name));
  if (name !== undefined) return `two joins are named ${name}.`;
  const tool = twiceIn(rules.flatMap(({ tools }) => tools));
  return tool === undefined ? null : `${tool} is joined twice.`;
}

function twiceIn(names: readonly string[]): string | undefined {
  return names.find((name, place) => names.indexOf(name) !== place);
}
