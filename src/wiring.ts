import type { Json } from "./contracts/json.ts";
import type { CoreFunctions } from "./core/functions.ts";
import type { Ground } from "./guards/reach.ts";
import { GuardedAllowances } from "./guards/allowances.ts";
import type { Allowances, BudgetDoor, WaitingDoor } from "./guards/allowance-doors.ts";
import { allowanceDoors, groundOf, guardDoors } from "./guards/bindings.ts";
import { Guards, type Where } from "./guards/guarded.ts";
import { HealthBoard } from "./health/health-board.ts";
import { observedModels } from "./health/observed-models.ts";
import { canonicalJson, sha256 } from "./hash.ts";
import { validateJson } from "./json-schema.ts";
import { openAIWebhook } from "./models/openai-webhook.ts";
import { type ModelsConfig, modelProviders } from "./models/registry.ts";
import {
  type ModelChoice,
  type Pinned,
  objectivesOf,
  pinnedChoice,
  pinnedRoutes,
} from "./models/route-table.ts";
import type { Access } from "./models/wire.ts";
import type { BackgroundModels, HealthReader, ModelProvider, ProviderWebhook } from "./model-ports.ts";
import type { Operator, OperatorEnv } from "./operator.ts";
import type {
  ArtifactStore,
  CallDoor,
  CallQueue,
  Clock,
  FamilyDoor,
  HealthDoor,
  TaskDoor,
  TenantDoor,
  ToolGateway,
} from "./ports.ts";
import { D1AccountTerms } from "./storage/account-terms.ts";
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
import { behindBreakers } from "./tools/host-breaker.ts";
import { Secrets } from "./tools/secrets.ts";

const DEFAULT_MODEL = { openai: "gpt-5-mini", anthropic: "claude-haiku-4-5" } as const;

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
  readonly models: (where: Where) => ModelProvider;
  readonly background: BackgroundModels;
  readonly openAIWebhook: ProviderWebhook | null;
  readonly tools: (artifacts: ArtifactStore, where: Where) => ToolGateway;
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
  /** What serves an agent's route now; null when nothing does, or nothing with a price. */
  readonly servingOf: (agent: AgentDefinition["manifest"]) => Pinned | null;
  readonly health: HealthReader;
  readonly allowances: Allowances;
  readonly budget: (tenant: string) => BudgetDoor;
  readonly accountTerms: D1AccountTerms;
}

/** A task's object as others reach it: its doors over RPC, and its socket for readers. */
export type TaskStub = TaskDoor & CallDoor & FamilyDoor & WaitingDoor & { fetch: Fetcher["fetch"] };

const systemClock: Clock = { nowMs: () => Date.now() };

/** `beside` keeps up what nobody waits for, after the invocation that it began in, be that a task's or a consumer's. */
export function wire(env: OperatorEnv, operator: Operator, beside: Ground["beside"]): Wiring {
  const routes = pinnedRoutes(operator.models?.(env) ?? {});
  const health = new HealthBoard((name) => healthStub(env, name), systemClock);
  const secrets = new Secrets(env);
  const scrub = (value: Json, text: string): Json => secrets.scrubJson(value, text);
  const ground = groundOf(beside);
  const guards = new Guards(operator, guardDoors(env), ground);
  const configured = modelsConfig(env, operator);
  const told: Guards["told"] = (...said) => guards.told(...said);
  const reached = modelProviders({ ...configured, scrub, told });
  const providers = observedModels(reached, {
    board: health,
    clock: systemClock,
    objectives: objectivesOf(routes),
  });
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
    // What a guard turns away never reaches whom health is told of.
    models: (where) => guards.models(providers, where),
    background: reached,
    openAIWebhook: openAIWebhookOf(configured, env),
    tools: (artifacts, where) =>
      guards.tools(behindBreakers(gateways(artifacts), health, systemClock), where),
    queue: queueOf(env),
    audit: new D1AuditLog(env.DB),
    keys: new D1ApiKeys(env.DB, systemClock),
    index: new D1TaskIndex(env.DB),
    inbox: new D1Inbox(env.DB),
    usage: new D1UsageReader(env.DB),
    auditReader: auditReaderOf(env.DB),
    task: (tenant, task) => taskStub(env, tenant, task),
    tenant: (tenant) => tenantStub(env, tenant),
    servingOf: ({ name, model }) =>
      Object.hasOwn(routes, model) ? (routes[model] ?? null) : pinnedChoice(model, boundModel(env, name)),
    health,
    allowances: new GuardedAllowances(operator.concurrency?.tasks, allowanceDoors(env), ground.unique),
    budget: allowanceDoors(env).budget,
    accountTerms: new D1AccountTerms(env.DB),
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

function healthStub(env: OperatorEnv, name: string): HealthDoor {
  const stub: unknown = env.HEALTH.getByName(name);
  return stub as HealthDoor;
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

function openAIWebhookOf(
  { access }: ModelsConfig,
  { OPENAI_WEBHOOK_SECRET: secret }: OperatorEnv,
): ProviderWebhook | null {
  if (access.openai === undefined || secret === undefined || secret === "") return null;
  return openAIWebhook({ access: access.openai, fetch: (input, init) => fetch(input, init) }, secret);
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
