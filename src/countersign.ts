import { waitUntil } from "cloudflare:workers";
import { AdmissionObject } from "../durable-objects/admission-object.ts";
import { BudgetObject } from "../durable-objects/budget-object.ts";
import { LimiterObject } from "../durable-objects/limiter-object.ts";
import { MutexObject } from "../durable-objects/mutex-object.ts";
import { HealthObject } from "../durable-objects/health-object.ts";
import { TaskObjectBase } from "../durable-objects/task-object.ts";
import { TenantObject } from "../durable-objects/tenant-object.ts";
import { type Api, createApi } from "./api/app.ts";
import type { ApiDeps } from "./api/deps.ts";
import { linkRing } from "./api/link.ts";
import { RequestRate } from "./api/request-rate.ts";
import { TaskLeave } from "./api/task-leave.ts";
import { type ConsumerDeps, consumeCalls, consumeDead } from "./queue/consumer.ts";
import { END_INIT, END_URL, toldEnd } from "./task-end.ts";
import { parseTaskName } from "./task-name.ts";
import { teamOf } from "./tools/delegate.ts";
import { type Operator, type OperatorEnv, checkOperator } from "./operator.ts";
import { type Wiring, wire } from "./wiring.ts";

/** How the names of the runtime's own queues end. `DEAD` holds what no consumer could take. */
const LIVE = /-(?:fast|slow|child)-calls$/;
const DEAD = /-dead-calls$/;

/** What goes into a Worker: its handlers, and the classes of its Durable Objects. */
export interface Countersign {
  readonly worker: Required<Pick<ExportedHandler<OperatorEnv>, "fetch" | "queue">>;
  readonly TaskObject: new (ctx: DurableObjectState, env: OperatorEnv) => TaskObjectBase<OperatorEnv>;
  readonly TenantObject: typeof TenantObject;
  readonly LimiterObject: typeof LimiterObject;
  readonly MutexObject: typeof MutexObject;
  readonly HealthObject: typeof HealthObject;
  readonly BudgetObject: typeof BudgetObject;
  readonly AdmissionObject: typeof AdmissionObject;
}

/**
 * Makes the runtime for these agents. Throws a `DefinitionError` for guards that nothing could get past. The Worker that it goes into declares the bindings of wrangler.toml and exports the
 * classes under their names.
 */
export function createCountersign(operator: Operator): Countersign {
  checkOperator(operator);
  // Bindings are the same for as long as an isolate lives, so what is made of them is made once.
  let wiring: Wiring | undefined;
  let api: Api | undefined;
  const wiringOf = (env: OperatorEnv) => (wiring ??= wire(env, operator, waitUntil));
  const apiOf = (env: OperatorEnv) => (api ??= createApi(apiDeps(wiringOf(env), env, operator)));
  class TaskObject extends TaskObjectBase<OperatorEnv> {
    constructor(ctx: DurableObjectState, env: OperatorEnv) {
      super(ctx, env, wiringOf(env));
    }
  }
  return {
    TaskObject,
    TenantObject,
    LimiterObject,
    MutexObject,
    HealthObject,
    BudgetObject,
    AdmissionObject,
    worker: {
      fetch: (request, env) => apiOf(env).fetch(request),
      queue: async (batch, env) => {
        const deps = consumerDeps(wiringOf(env));
        if (LIVE.test(batch.queue)) return await consumeCalls(batch.messages, deps);
        if (DEAD.test(batch.queue)) return await consumeDead(batch.messages, deps);
        // Not acknowledged, so not lost: whose messages these are, its Worker has to tell apart.
        throw new TypeError(`${batch.queue} is not one of Countersign's queues.`);
      },
    },
  };
}

function apiDeps(wiring: Wiring, env: OperatorEnv, { agents, concurrency }: Operator): ApiDeps {
  const { clock, keys, index, inbox, usage, auditReader } = wiring;
  const manifests = agents.map(({ manifest }) => manifest);
  const leave = new TaskLeave(wiring.tenant, clock);
  const requests = new RequestRate(env.TENANT_RATE);
  return {
    clock,
    keys,
    index,
    inbox,
    usage,
    budgets: budgetsOf(wiring),
    limitsTasks: concurrency?.tasks !== undefined,
    audit: auditReader,
    tasks: wiring.task,
    admitTask: (tenant, task) => leave.admit(tenant, task),
    admitRequest: (tenant) => requests.admit(tenant),
    registry: {
      agent: (name, version) =>
        manifests.find(
          (agent) => agent.name === name && (version === undefined || agent.version === version),
        ) ?? null,
      serving: wiring.servingOf,
      team: ({ version }) => {
        const definition = agents.find(({ manifest }) => manifest.version === version);
        return definition === undefined ? [] : teamOf(definition).map(({ manifest }) => manifest);
      },
    },
    scrub: wiring.scrub,
    openAIWebhook: wiring.openAIWebhook,
    links: linkRing(env.LINK_KEYS, env.LINK_KID),
    cursorKey: env.CURSOR_KEY,
    publicOrigin: env.PUBLIC_ORIGIN,
    report: wiring.report,
  };
}

function budgetsOf({ budget, accountTerms }: Wiring): ApiDeps["budgets"] {
  return {
    accounts: (tenant, page) => budget(tenant).accounts(page),
    set: async (tenant, principal, terms) => {
      await accountTerms.write(tenant, principal, terms);
      // Should the word get lost, what is set is read within a minute.
      await budget(tenant)
        .termsChanged()
        .catch(() => undefined);
    },
  };
}

function consumerDeps({ task, models, tools, clock }: Wiring): ConsumerDeps {
  const door = (tenant: string, id: string) => {
    const name = parseTaskName(id);
    const stub = name === null ? null : task(tenant, name);
    if (stub === null) throw new TypeError("A message names a task that cannot be.");
    return stub;
  };
  const put = (of: { tenant: string; task: string }, sha256: string, text: string) =>
    door(of.tenant, of.task).putArtifact(sha256, text);
  const ended = async (tenant: string, id: string, signal: AbortSignal): Promise<boolean> => {
    const { webSocket } = await door(tenant, id).fetch(END_URL, END_INIT);
    return webSocket !== null && (await toldEnd(webSocket, signal)) !== null;
  };
  return {
    door,
    models: models("consumer"),
    tools: tools({ put }, "consumer"),
    nowMs: () => clock.nowMs(),
    ended,
  };
}
