import { z } from "zod";
import { Delegation } from "../contracts/delegation.ts";
import type { RetryPolicy } from "../contracts/retry.ts";
import type { ApprovalRule, Category, Mode } from "../contracts/tool.ts";
import { JsonObject } from "../contracts/json.ts";
import { contractOf } from "./contract.ts";
import type { AgentDefinition, ToolDefinition } from "./definition.ts";

/** What an operator says of a tool that recruits an agent. */
export interface DelegateTerms {
  /** `ask_` and the agent's name where it says nothing else. */
  readonly name?: string;
  /** What the agent is good for, as the recruiting model reads it. */
  readonly description: string;
  /** A child's own calls go through gates of their own; `human` asks before there is a child at all. */
  readonly mode?: Mode;
  readonly categories?: readonly Category[];
  readonly approval?: Partial<ApprovalRule>;
  readonly retry?: RetryPolicy;
}

const INPUT = JsonObject.parse(z.toJSONSchema(Delegation, { io: "input", unrepresentable: "any" }));

/** What a child's answer comes as: text, or JSON where the delegation gave a schema for it. */
const Answer = z.strictObject({ child: z.string(), answer: z.unknown() });

/** A tool by which another agent is recruited: its call is carried out by a child task of that very version of the agent. */
export function delegateTo(agent: AgentDefinition, terms: DelegateTerms): ToolDefinition {
  const { name, version } = agent.manifest;
  const contract = contractOf({
    name: `ask_${name.replaceAll("-", "_")}`,
    ...terms,
    effect: "reversible",
    recovery: "read",
    input: INPUT,
    output: Answer,
    executor: { kind: "agent", agent: name, version },
  });
  return { ...contract, delegate: agent };
}

/** Everyone whom a task of this agent may recruit, at any depth; each version once. */
export function teamOf(agent: AgentDefinition): readonly AgentDefinition[] {
  const team = new Map<string, AgentDefinition>();
  const visit = (of: AgentDefinition): void => {
    for (const { delegate } of of.tools) {
      if (delegate === undefined || team.has(delegate.manifest.version)) continue;
      team.set(delegate.manifest.version, delegate);
      visit(delegate);
    }
  };
  visit(agent);
  return [...team.values()];
}
