import type { Json, JsonObject } from "./contracts/json.ts";
import type { ModelProviderName, PinnedModel } from "./contracts/model.ts";
import type { CoreFunctions } from "./core/functions.ts";
import type { Ground } from "./guards/reach.ts";
import { groundOf, guardDoors } from "./guards/bindings.ts";
import { Guards, type GuardTerms } from "./guards/guarded.ts";
import { canonicalJson, sha256 } from "./hash.ts";
import { validateJson } from "./json-schema.ts";
import { type ModelsConfig, modelProviders } from "./models/registry.ts";
import { type OwnPrice, priceOf } from "./models/prices.ts";
import type { Scripts } from "./models/scripted.ts";
import type { Access } from "./models/wire.ts";
import type {
  ArtifactStore,
  CallDoor,
  CallQueue,
  Clock,
  FamilyDoor,
  ModelProvider,
  TaskDoor,
  TenantDoor,
  ToolGateway,
} from "./ports.ts";
import { D1ApiKeys } from "./storage/api-keys.ts";
import { D1Inbox } from "./storage/approvals-inbox.ts";
import { D1AuditLog } from "./storage/audit-log.ts";
import { D1AuditReader } from "./storage/audit-reader.ts";
import { verifyTask } from "./storage/audit-verify.ts";
import { D1TaskIndex } from "./storage/task-index.ts";
import { D1UsageReader } from "./storage/usage-reader.ts";
import { parseStrictJson } from "./strict-json.ts";
import { type TaskName, namespaceOf, objectName } from "./task-name.ts";
import type { AgentDefinition, ToolDefinition } from "./tools/definition.ts";
import { teamOf } from "./tools/delegate.ts";
import { type Egress, createEgress } from "./tools/egress.ts";
import { type GatewayOptions, toolGateways } from "./tools/gateway.ts";
import { Secrets } from "./tools/secrets.ts";

/** A model as an operator names it for a route. Its price comes from the list, or from `price` in USD per million tokens. */
export interface ModelChoice {
  readonly provider: ModelProviderName;
  readonly model: string;
  readonly maxOutputTokens?: number;
  readonly timeoutMs?: number;
  /** Whether its text is streamed to those who read along. */
  readonly streamed?: boolean;
  readonly settings?: JsonObject;
  readonly price?: Pick<OwnPrice, "input" | "output" | "cachedInput" | "cacheWrite">;
}

/** Everything an operator says in code. What differs between deployments comes from bindings. */
export interface Operator extends GuardTerms {
  /** Agents that tasks can be made of. Those whom these recruit come along. */
  readonly agents: readonly AgentDefinition[];
  /** Further versions of tools that tasks in flight may pin. Tools of agents are known anyway. */
  readonly tools?: readonly ToolDefinition[];
  /** Scripts of the scripted model, by agent. */
  readonly scripts?: Scripts;
  /** Which model serves a route; without it, or where it says nothing, the provider whose key is bound, else the script. */
  readonly models?: (env: OperatorEnv) => Readonly<Record<string, ModelChoice>>;
  /** Exact hosts, with a port where it is not 443, that HTTP tools may reach, beside those in `TOOL_HOSTS`. */
  readonly toolHosts?: readonly string[];
}

/** Bindings that may be there. All of the others are in wrangler.toml. */
export type OperatorEnv = Cloudflare.Env & {
  readonly OPENAI_API_KEY?: string;
  readonly OPENAI_BASE_URL?: string;
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

const DEFAULT_MODEL = { openai: "gpt-5-mini", anthropic: "claude-haiku-4-5" } as const;
const MAX_OUTPUT_TOKENS = 8_192;
const MODEL_TIMEOUT_MS = 120_000;

/** The core's functions, of the libraries that keep them. */
export const coreFunctions: CoreFunctions = {
  sha256,
  canonical: canonicalJson,
  parseJson: parseStrictJson,
  validate: validateJson,
};

/** Which adapter serves which port: made once an isolate. */
export interface Wiring {
  readonly clock: Clock;
  /** Tells the operator's log of what nobody expected: never content, never a secret. */
  readonly report: (fault: {
    readonly error: unknown;
    readonly traceId: string;
    readonly route: string;
  }) => void;
  /** Takes known secrets out of a value whose JSON is `text`. */
  readonly scrub: (value: Json, text: string) => Json;
  readonly models: ModelProvider;
  readonly tools: (artifacts: ArtifactStore) => ToolGateway;
  readonly queue: CallQueue;
  readonly audit: D1AuditLog;
  readonly keys: D1ApiKeys;
  readonly index: D1TaskIndex;
  readonly inbox: D1Inbox;
  readonly usage: D1UsageReader;
  readonly auditReader: Pick<D1AuditReader, "page" | "commits"> & AuditVerifier;
  /** Null where its jurisdiction cannot be served. */
  readonly task: (tenant: string, task: TaskName) => TaskStub | null;
  readonly tenant: (tenant: string) => TenantDoor;
  /** The model that serves an agent's route now; null when none does, or none with a price. */
  readonly modelOf: (agent: AgentDefinition["manifest"]) => PinnedModel | null;
}

/** A task's object as others reach it: its doors over RPC, and its socket for readers. */
export type TaskStub = TaskDoor & CallDoor & FamilyDoor & { fetch: Fetcher["fetch"] };

const systemClock: Clock = { nowMs: () => Date.now() };

/** `beside` keeps up what nobody waits for, after the invocation that it began in, be that a task's or a consumer's. */
export function wire(env: OperatorEnv, operator: Operator, beside: Ground["beside"]): Wiring {
  const choices = operator.models?.(env) ?? {};
  const secrets = new Secrets(env);
  const scrub = (value: Json, text: string): Json => secrets.scrubJson(value, text);
  const guards = new Guards(operator, guardDoors(env), groundOf(beside));
  const gateways = toolGateways({
    tools: toolsOf(operator),
    env,
    secrets,
    egress: egressOf(env, operator),
    ...proxyOf(env),
  });
  return {
    clock: systemClock,
    report,
    scrub,
    models: guards.models(modelProviders({ ...modelsConfig(env, operator), scrub })),
    tools: (artifacts) => guards.tools(gateways(artifacts)),
    queue: queueOf(env),
    audit: new D1AuditLog(env.DB),
    keys: new D1ApiKeys(env.DB, systemClock),
    index: new D1TaskIndex(env.DB),
    inbox: new D1Inbox(env.DB),
    usage: new D1UsageReader(env.DB),
    auditReader: auditReaderOf(env.DB),
    task: (tenant, task) => taskStub(env, tenant, task),
    tenant: (tenant) => tenantStub(env, tenant),
    modelOf: ({ name, model }) => pinned(model, choices[model] ?? boundModel(env, name)),
  };
}

interface AuditVerifier {
  /** Compares the log with the task's own journal; null when there is neither. */
  verify(
    tenant: string,
    task: string,
    journal: Pick<TaskDoor, "head" | "commits">,
  ): ReturnType<typeof verifyTask>;
}

function auditReaderOf(db: D1Database): Wiring["auditReader"] {
  const reader = new D1AuditReader(db);
  const index = new D1TaskIndex(db);
  return {
    page: (...query) => reader.page(...query),
    commits: (...names) => reader.commits(...names),
    verify: (tenant, task, journal) => {
      const log = {
        rowsAfter: (seq: number) => reader.rowsOf(tenant, task, seq),
        auditedSeq: () => index.auditedSeq(tenant, task),
      };
      return verifyTask(sha256, { tenant, task }, log, journal);
    },
  };
}

/** One line of JSON, as the platform's log search reads it. */
function report({ error, traceId, route }: { error: unknown; traceId: string; route: string }): void {
  const { name, stack } = error instanceof Error ? error : new Error("thrown without an error");
  // oxlint-disable-next-line no-console -- a Worker's log is its console
  console.error(JSON.stringify({ message: "unexpected failure", name, stack, traceId, route }));
}

/** Generated types know the bindings, but not which class of whose Worker answers behind them. */
function taskStub(env: OperatorEnv, tenant: string, task: TaskName): TaskStub | null {
  const stub: unknown = namespaceOf(env.TASKS, task)?.getByName(objectName(tenant, task)) ?? null;
  return stub as TaskStub | null;
}

function tenantStub(env: OperatorEnv, tenant: string): TenantDoor {
  const stub: unknown = env.TENANTS.getByName(tenant);
  return stub as TenantDoor;
}

function queueOf({ FAST_CALLS, SLOW_CALLS, CHILD_CALLS }: OperatorEnv): CallQueue {
  const queues = { fast: FAST_CALLS, slow: SLOW_CALLS, children: CHILD_CALLS };
  return {
    send: async (lane, messages) => {
      await queues[lane].sendBatch(messages.map((body) => ({ body })));
    },
  };
}

function toolsOf({ agents, tools = [] }: Operator): readonly ToolDefinition[] {
  const everyone = agents.flatMap((agent) => [agent, ...teamOf(agent)]);
  return [...tools, ...everyone.flatMap((agent) => agent.tools)];
}

function egressOf(
  { TOOL_HOSTS = "", TOOLS_LOOPBACK, PUBLIC_ORIGIN }: OperatorEnv,
  { toolHosts = [] }: Operator,
): Egress {
  const bound = TOOL_HOSTS.split(",").map((host) => host.trim());
  return createEgress({
    hosts: [...toolHosts, ...bound.filter((host) => host !== "")],
    loopback: TOOLS_LOOPBACK === "true",
    ownOrigins: PUBLIC_ORIGIN === undefined ? [] : [PUBLIC_ORIGIN],
  });
}

function proxyOf({ EGRESS_PROXY: proxy }: OperatorEnv): Pick<GatewayOptions, "send"> {
  return proxy === undefined ? {} : { send: (request) => proxy.fetch(request) };
}

function modelsConfig(env: OperatorEnv, { scripts = {} }: Operator): ModelsConfig {
  const openai = accessOf(env.OPENAI_API_KEY, env.OPENAI_BASE_URL);
  const anthropic = accessOf(env.ANTHROPIC_API_KEY, env.ANTHROPIC_BASE_URL);
  const compatible = accessOf(env.OPENAI_COMPATIBLE_API_KEY, env.OPENAI_COMPATIBLE_BASE_URL);
  return {
    access: {
      ...(openai === null ? {} : { openai }),
      ...(anthropic === null ? {} : { anthropic }),
      ...(compatible === null ? {} : { "openai-compatible": compatible }),
    },
    scripts,
  };
}

function accessOf(apiKey: string | undefined, baseURL: string | undefined): Access | null {
  if (apiKey === undefined || apiKey === "") return null;
  return baseURL === undefined || baseURL === "" ? { apiKey } : { apiKey, baseURL };
}

/** What serves a route that the operator says nothing of: the provider whose key is there, else the agent's script. */
function boundModel({ OPENAI_API_KEY, ANTHROPIC_API_KEY }: OperatorEnv, agent: string): ModelChoice {
  if (OPENAI_API_KEY) return { provider: "openai", model: DEFAULT_MODEL.openai };
  if (ANTHROPIC_API_KEY) return { provider: "anthropic", model: DEFAULT_MODEL.anthropic };
  return { provider: "scripted", model: agent };
}

function pinned(route: string, choice: ModelChoice): PinnedModel | null {
  const {
    provider,
    model,
    maxOutputTokens = MAX_OUTPUT_TOKENS,
    timeoutMs = MODEL_TIMEOUT_MS,
    streamed,
    settings,
  } = choice;
  const price = priceOf(
    provider,
    model,
    choice.price === undefined ? [] : [{ provider, model, ...choice.price }],
  );
  if (price === null) return null;
  return {
    route,
    provider,
    model,
    price,
    maxOutputTokens,
    timeoutMs,
    ...(streamed === undefined ? {} : { streamed }),
    ...(settings === undefined ? {} : { settings }),
  };
}
