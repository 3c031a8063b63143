import { TaskObjectBase } from "../durable-objects/task-object.ts";
import { TenantObject } from "../durable-objects/tenant-object.ts";
import { type ConsumerDeps, consumeCalls, consumeDead } from "./queue/consumer.ts";
import { type Operator, type OperatorEnv, type Wiring, wire } from "./wiring.ts";

/** Queues that end with this hold what no consumer could take. */
const DEAD = "dead-calls";

/** What goes into a Worker: its handlers, and the classes of its Durable Objects. */
export interface Countersign {
  readonly worker: Required<Pick<ExportedHandler<OperatorEnv>, "queue">>;
  readonly TaskObject: new (ctx: DurableObjectState, env: OperatorEnv) => TaskObjectBase<OperatorEnv>;
  readonly TenantObject: typeof TenantObject;
}

/**
 * Makes the runtime for these agents. The Worker that it goes into declares the bindings of wrangler.toml and exports the two
 * classes under their names.
 */
export function createCountersign(operator: Operator): Countersign {
  let made: Wiring | undefined;
  // Bindings are the same for as long as an isolate lives.
  const wiringOf = (env: OperatorEnv) => (made ??= wire(env, operator));
  class TaskObject extends TaskObjectBase<OperatorEnv> {
    constructor(ctx: DurableObjectState, env: OperatorEnv) {
      super(ctx, env, wiringOf(env));
    }
  }
  return {
    TaskObject,
    TenantObject,
    worker: {
      queue: async (batch, env) => {
        const deps = consumerDeps(wiringOf(env));
        await (batch.queue.endsWith(DEAD)
          ? consumeDead(batch.messages, deps)
          : consumeCalls(batch.messages, deps));
      },
    },
  };
}

function consumerDeps(wiring: Wiring): ConsumerDeps {
  const door = (tenant: string, task: string) => {
    const stub = wiring.task(tenant, task);
    if (stub === null) throw new TypeError("A message names a task that cannot be.");
    return stub;
  };
  const put = (of: { tenant: string; task: string }, sha256: string, text: string) =>
    door(of.tenant, of.task).putArtifact(sha256, text);
  return { door, models: wiring.models, tools: wiring.tools({ put }), nowMs: () => Date.now() };
}
