import { Hono } from "hono";
import { routePath } from "hono/route";
import { approvalRoutes } from "./approval-routes.ts";
import { auditRoutes } from "./audit-routes.ts";
import { Authenticator, missingScope } from "./auth.ts";
import { controlRoutes } from "./control-routes.ts";
import type { ApiDeps } from "./deps.ts";
import { historyRoutes } from "./history-routes.ts";
import { linkRoutes } from "./link-routes.ts";
import { describeApi } from "./openapi.ts";
import { type Arrival, type Operation, type Reply, json, open } from "./operation.ts";
import { Refusal, TOO_MANY, faultOf, problemResponse } from "./problem.ts";
import { taskRoutes } from "./task-routes.ts";
import { treeRoutes } from "./tree.ts";
import { budgetRoutes } from "./budget-routes.ts";
import { usageRoutes } from "./usage-routes.ts";
import { webhookRoutes } from "./webhook-routes.ts";
import { type Trace, traceOf } from "./trace.ts";

const health = open(
  {
    method: "get",
    path: "/v1/health",
    summary: "Whether this Worker answers; it asks nothing of anything behind it",
    replies: { 200: { description: "It does" } },
  },
  async () => json({ status: "ok" }),
);

/** Everything that is served, in one table: routes, checks and description are all made from it. */
export const OPERATIONS: readonly Operation[] = [
  ...taskRoutes,
  ...treeRoutes,
  ...controlRoutes,
  ...historyRoutes,
  ...approvalRoutes,
  ...linkRoutes,
  ...auditRoutes,
  ...usageRoutes,
  ...budgetRoutes,
  ...webhookRoutes,
  health,
];

export interface Api {
  fetch(request: Request): Promise<Response>;
}

/** The HTTP API. Whatever comes in, what goes out has a code and the trace's id, and no failure is more than its own request's. */
export function createApi(deps: ApiDeps): Api {
  const authenticator = new Authenticator(deps.keys, deps.clock);
  const app = new Hono<{ Variables: { trace: Trace } }>();
  app.use(async (c, next) => {
    c.set("trace", traceOf(c.req.raw.headers));
    await next();
    // Not by `c.header`, which makes a response that is there already anew.
    const { headers } = c.res;
    headers.set("traceparent", c.var.trace.traceparent);
    headers.set("cache-control", "no-store");
    headers.set("x-content-type-options", "nosniff");
  });
  for (const operation of OPERATIONS) {
    app.on(operation.method.toUpperCase(), honoPath(operation.path), async (c) => {
      const url = new URL(c.req.url);
      const arrival = { deps, request: c.req.raw, url, params: c.req.param(), trace: c.var.trace };
      return responseTo(await served(operation, arrival, authenticator), c.var.trace);
    });
  }
  app.get("/openapi.json", (c) => json(describeApi(OPERATIONS, new URL(c.req.url).origin)));
  for (const [path, allow] of allowedMethods())
    app.all(honoPath(path), (c) => responseTo(notAllowed(allow), c.var.trace));
  app.notFound((c) => responseTo(new Refusal("not_found", "There is no such route."), c.var.trace));
  app.onError((error, c) => {
    deps.report({ error, traceId: c.var.trace.traceId, route: `${c.req.method} ${routePath(c)}` });
    return responseTo(faultOf(error), c.var.trace);
  });
  return { fetch: async (request) => await app.fetch(request) };
}

/** Who is calling, may they, and not too often: in this order, before the request itself is looked at. */
async function served(operation: Operation, arrival: Arrival, authenticator: Authenticator): Promise<Reply> {
  if (operation.scopes === null) return await operation.answer(arrival);
  const askWho = authenticator.caller(arrival.request.headers);
  const caller = await askWho();
  if (caller instanceof Refusal) return caller;
  if (!(await arrival.deps.admitRequest(caller.tenant))) return TOO_MANY;
  const missing = missingScope(caller, operation.scopes);
  if (missing !== null) return missing;
  const callerNow = async () => {
    const now = await askWho();
    return now instanceof Refusal ? null : now;
  };
  return await operation.answer({ ...arrival, caller, callerNow });
}

function responseTo(reply: Reply, { traceId }: Trace): Response {
  return reply instanceof Refusal ? problemResponse(reply, traceId) : reply;
}

function allowedMethods(): ReadonlyMap<string, string> {
  const byPath = Map.groupBy(OPERATIONS, ({ path }) => path);
  const allowed = [...byPath].map(
    ([path, there]) =>
      [path, there.map(({ method }) => (method === "get" ? "GET, HEAD" : "POST")).join(", ")] as const,
  );
  return new Map([...allowed, ["/openapi.json", "GET, HEAD"]]);
}

function notAllowed(allow: string): Refusal {
  return new Refusal("method_not_allowed", `This takes ${allow}.`, { headers: { allow } });
}

function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}
