import { z } from "zod";
import { UsageBy, UsageLine } from "../contracts/usage.ts";
import { type Operation, type Reply, json, reading } from "./operation.ts";
import { Refusal } from "./problem.ts";
import { Time, pageSize } from "./queries.ts";
import { rfc3339 } from "./views.ts";

const DAY_MS = 86_400_000;
const DAYS_STANDARD = 30;
const DAYS_MAX = 366;

const UsageItem = UsageLine.extend({
  costPerCompletedMicroUsd: z
    .int()
    .optional()
    .describe("All that was spent, by failed and canceled tasks too, for each completed one; rounded up"),
});

const UsageReport = z.strictObject({
  by: UsageBy,
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  total: UsageItem.describe("All models together; its key is the tenant"),
  items: z.array(UsageItem).describe("The most expensive first"),
});

const readUsage = reading(
  {
    path: "/v1/usage",
    summary:
      "What the tenant's tasks used on whole days (UTC), by agent, principal, model, tool or day, from an index that lags up to two minutes",
    scopes: ["tasks:read"],
    replies: { 200: { description: "The use", content: { "application/json": UsageReport } } },
  },
  z.strictObject({
    by: UsageBy.default("agent"),
    from: Time.optional().describe(`From the day of this time on; ${DAYS_STANDARD} days back if not given`),
    to: Time.optional().describe("Up to this time's day, which counts unless the time is its beginning"),
    limit: pageSize(100, 1_000),
  }),
  async ({ deps, caller, query }): Promise<Reply> => {
    const { by, limit } = query;
    const toMs = query.to ?? deps.clock.nowMs() + 1;
    const fromMs = query.from ?? toMs - DAYS_STANDARD * DAY_MS;
    if (fromMs >= toMs || toMs - fromMs > DAYS_MAX * DAY_MS)
      return wrong("/from", `it lies before \`to\`, by ${DAYS_MAX} days at most`);
    const window = { fromMs, toMs };
    const [[total], lines] = await Promise.all([
      deps.usage.lines(caller.tenant, { by: "tenant", ...window, limit: 1 }),
      deps.usage.lines(caller.tenant, { by, ...window, limit }),
    ]);
    return json({
      by,
      from: rfc3339(fromMs),
      to: rfc3339(toMs),
      total: withRatio(total ?? NOTHING),
      items: lines.map(withRatio),
    });
  },
);

const NOTHING: UsageLine = {
  key: "",
  tasks: 0,
  completed: 0,
  calls: 0,
  failed: 0,
  tokens: 0,
  costMicroUsd: 0,
};

/** What did not come to an end was paid for as well. */
function withRatio(line: UsageLine): z.infer<typeof UsageItem> {
  const { completed, costMicroUsd } = line;
  return completed === 0 ? line : { ...line, costPerCompletedMicroUsd: Math.ceil(costMicroUsd / completed) };
}

function wrong(path: string, message: string): Refusal {
  return new Refusal("invalid_input", "There is no such window.", { issues: [{ path, message }] });
}

export const usageRoutes: readonly Operation[] = [readUsage];
