import { countersign, seedKey } from "./desk.ts";

/** Countersign as it is deployed, beside the one route that seeds the bench's key. */
export const {
  TaskObject,
  TenantObject,
  LimiterObject,
  MutexObject,
  HealthObject,
  BudgetObject,
  AdmissionObject,
} = countersign;

export default {
  ...countersign.worker,
  fetch: (request, env, ctx) =>
    new URL(request.url).pathname === "/bench/key" ? seedKey() : countersign.worker.fetch(request, env, ctx),
} satisfies ExportedHandler<Cloudflare.Env>;
