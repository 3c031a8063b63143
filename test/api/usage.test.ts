import { expect, test } from "vitest";
import type { UsageLine } from "../../src/contracts/usage.ts";
import { T0 } from "./fixtures.ts";
import { expectProblem } from "./problems.ts";
import { World } from "./world.ts";

const DAY_MS = 86_400_000;
const line = (key: string, of: Partial<UsageLine>): UsageLine => ({
  key,
  tasks: 3,
  completed: 2,
  calls: 9,
  failed: 0,
  tokens: 900,
  costMicroUsd: 101,
  ...of,
});
const iso = (ms: number) => new Date(ms).toISOString();

test("use is told by agent for the last thirty days, with what each completed task cost in all", async () => {
  const world = new World();
  world.usage = { tenant: [line("acme", {})], agent: [line("desk", { completed: 0 }), line("scout", {})] };
  const response = await world.call("GET", "/v1/usage");
  expect(await response.json()).toEqual({
    by: "agent",
    from: iso(T0 + 1 - 30 * DAY_MS),
    to: iso(T0 + 1),
    total: { ...line("acme", {}), costPerCompletedMicroUsd: 51 },
    items: [line("desk", { completed: 0 }), { ...line("scout", {}), costPerCompletedMicroUsd: 51 }],
  });
});

test("nothing used is a total of nothing", async () => {
  const response = await new World().call("GET", "/v1/usage?by=tool&limit=7");
  expect(await response.json()).toMatchObject({ total: { tasks: 0, costMicroUsd: 0 }, items: [] });
});

test("a window is asked for as it is given, in the caller's own tenant", async () => {
  const world = new World();
  await world.call("GET", `/v1/usage?by=day&from=${iso(T0 - DAY_MS)}&to=${iso(T0)}&limit=5`);
  const window = { fromMs: T0 - DAY_MS, toMs: T0 };
  expect(world.hops).toEqual([
    `usage acme ${JSON.stringify({ by: "tenant", ...window, limit: 1 })}`,
    `usage acme ${JSON.stringify({ by: "day", ...window, limit: 5 })}`,
  ]);
});

test.each([
  ["that ends before it begins", `from=${iso(T0)}&to=${iso(T0)}`],
  ["of more than 366 days", `from=${iso(T0 - 366 * DAY_MS - 1)}&to=${iso(T0)}`],
  ["by something unknown", "by=colour"],
])("a window %s is refused", async (_what, query) => {
  const world = new World();
  await expectProblem(world, await world.call("GET", `/v1/usage?${query}`), 400, "invalid_input");
});
