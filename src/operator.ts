import { type GuardTerms, faultIn } from "./guards/terms.ts";
import type { ModelChoice, RouteTable } from "./models/route-table.ts";
import type { Scripts } from "./models/scripted.ts";
import type { AgentDefinition, ToolDefinition } from "./tools/definition.ts";
import { DefinitionError } from "./tools/terms.ts";

/** Everything an operator says in code. What differs between deployments comes from bindings. */
export interface Operator extends GuardTerms {
  /** Agents that tasks can be made of. Those whom these recruit come along. */
  readonly agents: readonly AgentDefinition[];
  /** Further versions of tools that tasks in flight may pin. Tools of agents are known anyway. */
  readonly tools?: readonly ToolDefinition[];
  /** Scripts of the scripted model, by agent. */
  readonly scripts?: Scripts;
  /** Which model serves a route, or which may, by kinds of steps; without it, or where it says nothing, the provider whose key is bound, else the script. */
  readonly models?: (env: OperatorEnv) => Readonly<Record<string, ModelChoice | RouteTable>>;
  /** Exact hosts, with a port where it is not 443, that HTTP tools may reach, beside those in `TOOL_HOSTS`. */
  readonly toolHosts?: readonly string[];
}

/** Bindings that may be there. All of the others are in wrangler.toml. */
export type OperatorEnv = Cloudflare.Env & {
  readonly OPENAI_API_KEY?: string;
  readonly OPENAI_BASE_URL?: string;
  /** Of the webhook that OpenAI sends the ends of background responses to. */
  readonly OPENAI_WEBHOOK_SECRET?: string;
  readonly ANTHROPIC_API_KEY?: string;
  readonly ANTHROPIC_BASE_URL?: string;
  readonly OPENAI_COMPATIBLE_API_KEY?: string;
  readonly OPENAI_COMPATIBLE_BASE_URL?: string;
  /** Comma-separated exact hosts that HTTP tools may reach. */
  readonly TOOL_HOSTS?: string;
  /** `true` in development only: HTTP tools may reach loopback, over plain http. */
  readonly TOOLS_LOOPBACK?: string;
  /** Where this Worker is reached: never by its own tools. */
  readonly PUBLIC_ORIGIN?: string;
  /** A Worker or VPC service that sends HTTP tools' requests, and so can check what a name resolves to. */
  readonly EGRESS_PROXY?: Fetcher;
};

/** Throws a `DefinitionError` for what an operator cannot mean. */
export function checkOperator(operator: Operator): void {
  const fault = faultIn(operator);
  if (fault !== null) throw new DefinitionError(`Guards: ${fault}`);
}
