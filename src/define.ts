import { z } from "zod";
import { AgentManifest } from "./contracts/agent.ts";
import type { Limits } from "./contracts/budget.ts";
import type { DelegationRule } from "./contracts/delegation.ts";
import type { Ladder } from "./contracts/ladder.ts";
import type { Json } from "./contracts/json.ts";
import type { RetryPolicy } from "./contracts/retry.ts";
import type { ApprovalRule } from "./contracts/tool.ts";
import { toolBeyond } from "./core/delegation.ts";
import { APPROVAL_TERMS, contractOf, versionOf, withApprover } from "./tools/contract.ts";
import {
  type AgentDefinition,
  type ToolCall,
  type ToolDefinition,
  ToolError,
  UnreadableResult,
} from "./tools/definition.ts";
import { type JoinTerms, joinRulesOf } from "./tools/joins.ts";
import { type CodeTool, DefinitionError, type HttpTool } from "./tools/terms.ts";

export { delegateTo } from "./tools/delegate.ts";

/** Declares a tool. Throws a `DefinitionError` when its contract is incomplete or contradicts itself. */
export function defineTool<
  I extends z.ZodType,
  O extends z.ZodType,
  E extends Cloudflare.Env = Cloudflare.Env,
>(tool: CodeTool<I, O, E> | HttpTool): ToolDefinition {
  const contract = contractOf(tool);
  return tool.http === undefined ? { ...contract, ...codeOf(tool) } : contract;
}

/** What an operator says of an agent. */
export interface AgentTerms {
  readonly name: string;
  readonly instructions: string;
  /** The model route; `default` where it says nothing else. */
  readonly model?: string;
  readonly tools: readonly ToolDefinition[];
  /** C1. Tools that it does not use itself, and that those it recruits may: each in the version that they pin. */
  readonly holds?: readonly ToolDefinition[];
  /** How it may delegate, by tools of `delegateTo`; without it, it may not. */
  readonly delegation?: DelegationRule;
  /** Every ceiling, and what happens at it. None can be left out but `children`: without it, the agent recruits nobody. */
  readonly limits: Omit<Limits, "children"> & Partial<Pick<Limits, "children">>;
  /** Who is asked where a tool or `escalation` names nobody. */
  readonly approver?: string;
  /** Who extends a budget or resolves an unknown outcome. */
  readonly escalation?: Partial<ApprovalRule>;
  readonly modelRetry?: RetryPolicy;
  readonly placement?: AgentManifest["placement"];
  /** How calls of one turn belong together; without it, each is waited for. */
  readonly joins?: readonly JoinTerms[];
  /** To whom a step goes that failed: a more capable model, an agent that one of its tools recruits, a human. */
  readonly ladder?: Ladder;
  /** What kind of step follows the results of a tool (`extract`, `code`, `summarize` …); an answer, where it says nothing. */
  readonly steps?: Readonly<Record<string, string>>;
}

const MODEL_RETRY: RetryPolicy = { attemptsMax: 5, delayMsFirst: 500, delayMsMax: 60_000 };

/**
 * Declares an agent and pins its tools: a tool that names no approver gets the agent's, and with it a version of its own. Throws a
 * `DefinitionError` when a limit or an approver is missing, when two tools have the same name, when a join cannot be kept, or when it
 * recruits someone who has more than it has itself.
 */
export function defineAgent(agent: AgentTerms): AgentDefinition {
  const approver = agent.approver ?? agent.escalation?.approver;
  if (approver === undefined)
    throw new DefinitionError(
      `Agent ${agent.name}: it names an approver, who is asked when a budget or an outcome is in doubt.`,
    );
  const tools = agent.tools.map((tool) => withApprover(tool, approver));
  refuseTwins(agent.name, tools);
  const rest = {
    name: agent.name,
    instructions: agent.instructions,
    model: agent.model ?? "default",
    tools: tools.map((tool) => tool.manifest),
    ...furtherTerms(agent, tools, approver),
    limits: { children: 0, ...agent.limits },
    modelRetry: agent.modelRetry ?? MODEL_RETRY,
    placement: agent.placement ?? "auto",
    escalation: { ...APPROVAL_TERMS, approver, ...agent.escalation },
  };
  const parsed = AgentManifest.safeParse({ ...rest, version: versionOf(rest) });
  if (!parsed.success) throw new DefinitionError(`Agent ${agent.name}: ${z.prettifyError(parsed.error)}`);
  const definition = { manifest: parsed.data, tools };
  checkDelegates(definition);
  if (agent.limits.onLimit === "escalate" && !agent.ladder?.some(({ to }) => to === "human"))
    throw new DefinitionError(`Agent ${agent.name}: nobody is asked on its ladder when a limit is reached.`);
  return definition;
}

/** What most agents say nothing of, and their manifests then neither. */
function furtherTerms(agent: AgentTerms, tools: readonly ToolDefinition[], approver: string) {
  const { holds, delegation, joins, steps, ladder } = agent;
  return {
    ...(holds && { holds: holds.map((tool) => withApprover(tool, approver).manifest) }),
    ...(delegation && { delegation }),
    ...(joins && { joins: joinRulesOf(agent.name, joins, tools) }),
    ...(ladder && { ladder: ladderOf(agent, ladder) }),
    ...(steps && { steps: stepsOf(agent) }),
  };
}

/** C1. What an agent recruits lies within what it has; that each task keeps to it is the gate's to see. */
function checkDelegates({ manifest, tools }: AgentDefinition): void {
  const delegates = tools.flatMap(({ delegate }) => delegate ?? []);
  if (delegates.length > 0 && (manifest.delegation === undefined || manifest.limits.children === 0))
    throw new DefinitionError(
      `Agent ${manifest.name}: to recruit, it says how (delegation) and how many at most (limits.children).`,
    );
  for (const { manifest: delegate } of delegates) {
    const beyond = toolBeyond(delegate, manifest);
    if (beyond !== null)
      throw new DefinitionError(
        `Agent ${manifest.name}: ${delegate.name} has the tool ${beyond}, which ${manifest.name} neither has nor holds in that version.`,
      );
  }
}

function ladderOf({ name, tools }: AgentTerms, ladder: Ladder): Ladder {
  const recruits = tools
    .filter(({ delegate }) => delegate !== undefined)
    .map(({ manifest }) => manifest.name);
  const stray = ladder.find((rung) => rung.to === "agent" && !recruits.includes(rung.tool));
  if (stray !== undefined)
    throw new DefinitionError(
      `Agent ${name}: a rung of its ladder recruits by a tool that it does not have.`,
    );
  return ladder;
}

function stepsOf({ name, steps = {}, tools }: AgentTerms): Readonly<Record<string, string>> {
  const stray = Object.keys(steps).find((tool) => tools.every(({ manifest }) => manifest.name !== tool));
  if (stray !== undefined)
    throw new DefinitionError(`Agent ${name}: it has no tool ${stray} for a step to follow.`);
  return steps;
}

function refuseTwins(agent: string, tools: readonly ToolDefinition[]): void {
  const names = new Set<string>();
  for (const { manifest } of tools) {
    if (names.has(manifest.name))
      throw new DefinitionError(`Agent ${agent}: two tools are named ${manifest.name}.`);
    names.add(manifest.name);
  }
}

/** The tool's code, which meets only what its schemas say, and gives back only that. */
function codeOf<I extends z.ZodType, O extends z.ZodType, E extends Cloudflare.Env>(
  tool: CodeTool<I, O, E>,
): Pick<ToolDefinition, "run" | "readBack"> {
  const { input, output, run, readBack } = tool;
  const code = {
    run: async (args: Json, call: ToolCall<E>) => given(output, await run(taken(input, args), call)),
  };
  if (readBack === undefined) return code;
  return {
    ...code,
    readBack: async (args: Json, call: ToolCall<E>) => {
      const found = await readBack(taken(input, args), call);
      return found.happened ? { happened: true, output: given(output, found.output) } : found;
    },
  };
}

function taken<S extends z.ZodType>(schema: S, args: Json): z.output<S> {
  const parsed = schema.safeParse(args);
  if (!parsed.success) throw new ToolError("invalid_input", z.prettifyError(parsed.error));
  return parsed.data;
}

function given<S extends z.ZodType>(schema: S, result: z.input<S>): z.output<S> {
  const parsed = schema.safeParse(result);
  if (!parsed.success) throw new UnreadableResult(z.prettifyError(parsed.error));
  return parsed.data;
}
