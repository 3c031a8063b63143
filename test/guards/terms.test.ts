import { expect, test } from "vitest";
import { faultIn } from "../../src/guards/terms.ts";

test.each([
  {},
  { concurrency: { tools: { ship: 1 }, providers: { openai: 8 }, agents: {}, tenant: 4, tasks: 100 } },
  { rates: { openai: { requestsPerMinute: 60 }, anthropic: { tokensPerMinute: 1_000 }, "openai/x": {} } },
])("terms that calls can be held to: %j", (terms) => {
  expect(faultIn({ agents: [], ...terms })).toBeNull();
});

test.each([
  [{ concurrency: { tools: { ship: 0 } } }, "concurrency.tools.ship"],
  [{ concurrency: { providers: { openai: 1.5 } } }, "concurrency.providers.openai"],
  [{ concurrency: { tenant: -1 } }, "concurrency.tenant"],
  [{ concurrency: { tasks: Number.NaN } }, "concurrency.tasks"],
  [{ concurrency: { tasks: Infinity } }, "concurrency.tasks"],
  [{ concurrency: { tool: { ship: 1 } } }, "concurrency"],
  [{ rates: { openai: { requestsPerMinute: 0 } } }, "rates.openai.requestsPerMinute"],
  [{ rates: { openai: { perMinute: 5 } } }, "rates.openai"],
])("terms that nobody could get past, or that say nothing: %j", (terms, where) => {
  expect(faultIn(terms)).toContain(where);
});
