import type { AgentManifest } from "../contracts/agent.ts";
import { Amounts, DIMENSIONS, type LimitsWanted } from "../contracts/budget.ts";
import type { TenantTerms } from "../core/tenant-account.ts";
import type { CreateTask, NewTask } from "../contracts/task.ts";
import { canonicalJson, sha256 } from "../hash.ts";
import { type TaskName, taskName } from "../task-name.ts";
import type { Serving } from "./deps.ts";
import type { Asked } from "./operation.ts";
import { Refusal } from "./problem.ts";
import { randomHex } from "./trace.ts";

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** Which task a request means. */
export interface Named {
  readonly name: TaskName;
  readonly bodyHash: string;
  /** Whether the same request, sent again, means the same task. */
  readonly repeatable: boolean;
}

export type Asking = Asked & { readonly body: CreateTask };

/** With an idempotency key, the same request finds the same object; the key means something else for every tenant, principal and route. */
export function namedBy({ request, caller: { tenant, principal }, body }: Asking): Named | Refusal {
  const key = request.headers.get("idempotency-key");
  if (key !== null && !IDEMPOTENCY_KEY.test(key))
    return wrong("", "an Idempotency-Key is 1 to 255 visible ASCII characters");
  const unique =
    key === null ? randomHex(16) : sha256(canonicalJson({ tenant, principal, route: "POST /v1/tasks", key }));
  return {
    name: taskName(unique, body.jurisdiction),
    bodyHash: sha256(canonicalJson(body)),
    repeatable: key !== null,
  };
}

/** Pins everything that a task's life depends on, or says why there can be no such task. */
export function orderOf(asked: Asking, { name, bodyHash }: Named): NewTask | Refusal {
  const { deps, caller, body, trace, url } = asked;
  const agent = deps.registry.agent(body.agent, body.agentVersion);
  if (agent === null)
    return wrong(body.agentVersion === undefined ? "/agent" : "/agentVersion", "no such agent is deployed");
  const serving = servingFor(asked, agent);
  if (serving instanceof Refusal) return serving;
  const team = teamFor(asked, agent);
  if (team instanceof Refusal) return team;
  const limit = limitFor(agent, body.limits ?? {});
  if (limit instanceof Refusal) return limit;
  const deadline = deadlineOf(asked);
  if (deadline instanceof Refusal) return deadline;
  const { jurisdiction } = body;
  const { tenant, principal, keyId } = caller;
  return {
    task: name.id,
    tenant,
    principal,
    keyId,
    agent,
    ...serving,
    ...team,
    ...wishesOf(body),
    limit,
    ...deadline,
    ...(jurisdiction && { jurisdiction }),
    bodyHash,
    origin: url.origin,
    traceparent: trace.traceparent,
  };
}

function wishesOf({ input, metadata = {}, interactive = false, latencyObjectiveMs, priority }: CreateTask) {
  return {
    input,
    metadata,
    interactive,
    ...(latencyObjectiveMs && { latencyObjectiveMs }),
    ...(priority && { priority }),
  };
}

function servingFor({ deps }: Asking, agent: AgentManifest): Serving | Refusal {
  const serving = deps.registry.serving(agent);
  return serving ?? new Refusal("unavailable", `No model is configured for the route ${agent.model}.`);
}

/** What a task needs to recruit others, for as long as it lives. One that recruits nobody carries nobody along. */
function teamFor(asked: Asking, agent: AgentManifest): Pick<NewTask, "team"> | Refusal {
  if (agent.delegation === undefined) return {};
  const team: TeamMember[] = [];
  for (const member of asked.deps.registry.team(agent)) {
    const serving = servingFor(asked, member);
    if (serving instanceof Refusal) return serving;
    team.push({ agent: member, ...serving });
  }
  return { team };
}

type TeamMember = NonNullable<NewTask["team"]>[number];

/** What a tenant may recruit, and what limits it beside its own budget, is pinned with what else a task's life depends on. */
export function underTerms(order: NewTask, { delegation, budgets }: TenantTerms, capacity: boolean): NewTask {
  const limited = budgets || capacity ? { ...order, allowance: { budgets, capacity } } : order;
  if (order.agent.delegation === undefined) return limited;
  const children = Math.min(order.limit.children, delegation.children);
  return { ...limited, limit: { ...order.limit, children }, delegationCaps: delegation };
}

/** The agent's limits, narrowed as far as was asked. */
function limitFor({ limits }: AgentManifest, wanted: LimitsWanted): Amounts | Refusal {
  const above = DIMENSIONS.filter((dimension) => (wanted[dimension] ?? 0) > limits[dimension]);
  if (above.length > 0) {
    const issues = above.map((dimension) => ({
      path: `/limits/${dimension}`,
      message: `the agent's limit is ${limits[dimension]}`,
    }));
    return new Refusal("limit_exceeded", "A task's limits lie within its agent's.", { issues });
  }
  const { turns, toolCalls, tokens, wallMs, costMicroUsd, children } = limits;
  return Amounts.parse({ turns, toolCalls, tokens, wallMs, costMicroUsd, children, ...wanted });
}

function deadlineOf({ deps, body: { deadline } }: Asking): Pick<NewTask, "deadlineAtMs"> | Refusal {
  if (deadline === undefined) return {};
  const deadlineAtMs = Date.parse(deadline);
  return deadlineAtMs > deps.clock.nowMs() ? { deadlineAtMs } : wrong("/deadline", "the deadline has passed");
}

function wrong(path: string, message: string): Refusal {
  return new Refusal("invalid_input", "The task cannot be made.", { issues: [{ path, message }] });
}
