import { expect, test } from "vitest";
import type { AccountView } from "../../src/contracts/allowance.ts";
import { agent } from "./fixtures.ts";
import { expectProblem } from "./problems.ts";
import { World } from "./world.ts";

const account: AccountView = { onLimit: "fail", limits: [] };
const terms = { onLimit: "ask", approver: "boss", day: { costMicroUsd: 5_000_000 } };

test("the accounts of the caller's tenant are told", async () => {
  const world = new World();
  world.accounts = [account];
  const response = await world.call("GET", "/v1/budgets");
  expect(await response.json()).toEqual({ items: [account] });
  expect(world.hops).toEqual(["accounts acme"]);
});

test("the accounts are told page by page, to whoever asked for the first", async () => {
  const world = new World();
  world.accounts = [account, { ...account, principal: "ana" }, { ...account, principal: "mia" }];
  const first = await (
    await world.call("GET", "/v1/budgets?limit=2")
  ).json<{ items: AccountView[]; next: string }>();
  expect(first.items).toEqual(world.accounts.slice(0, 2));
  const second = await (await world.call("GET", `/v1/budgets?limit=2&cursor=${first.next}`)).json();
  expect(second).toEqual({ items: world.accounts.slice(2) });
  const other = world.key(["budgets:read"], { principal: "otto" });
  const response = await world.call("GET", `/v1/budgets?limit=2&cursor=${first.next}`, { key: other });
  await expectProblem(world, response, 400, "invalid_input");
});

test.each(["limit=0", "limit=201", "page=2"])("a page of %s is refused", async (query) => {
  const world = new World();
  await expectProblem(world, await world.call("GET", `/v1/budgets?${query}`), 400, "invalid_input");
  expect(world.hops).toEqual([]);
});

test.each([
  ["the tenant as a whole", {}, ""],
  ["one principal", { principal: "mia" }, "mia"],
  ["each principal without one", { principal: "*" }, "*"],
])("a budget is set for %s", async (_whose, of, principal) => {
  const world = new World();
  const response = await world.call("POST", "/v1/budgets", { body: { ...of, terms } });
  expect(response.status).toBe(200);
  expect(JSON.parse(world.hops[0]?.slice("budget acme ".length) ?? "")).toEqual({ principal, terms });
  expect(world.hops[1]).toBe("accounts acme");
});

test("a budget is taken away by terms of null", async () => {
  const world = new World();
  await world.call("POST", "/v1/budgets", { body: { terms: null } });
  expect(world.hops[0]).toBe(`budget acme ${JSON.stringify({ principal: "", terms: null })}`);
});

test.each([
  ["without a reaction", { terms: { day: { tokens: 5 } } }],
  ["below nothing", { terms: { onLimit: "fail", day: { tokens: -1 } } }],
  ["of a week", { terms: { onLimit: "fail", week: { tokens: 1 } } }],
  ["of nobody", { principal: "", terms }],
  ["without terms", { principal: "mia" }],
])("a budget %s is refused, and nothing is set", async (_what, body) => {
  const world = new World();
  await expectProblem(world, await world.call("POST", "/v1/budgets", { body }), 400, "invalid_input");
  expect(world.hops).toEqual([]);
});

test("whoever may only read budgets sets none, and whoever may do neither sees none", async () => {
  const world = new World();
  const reader = world.key(["budgets:read"]);
  expect((await world.call("GET", "/v1/budgets", { key: reader })).status).toBe(200);
  await expectProblem(
    world,
    await world.call("POST", "/v1/budgets", { key: reader, body: { terms } }),
    403,
    "forbidden",
  );
  const other = world.key(["tasks:read"]);
  await expectProblem(world, await world.call("GET", "/v1/budgets", { key: other }), 403, "forbidden");
});

test.each([
  [false, false, undefined],
  [true, false, { budgets: true, capacity: false }],
  [false, true, { budgets: false, capacity: true }],
])(
  "a new task pins what limits it beside its own budget (%s, %s)",
  async (budgeted, limitsTasks, allowance) => {
    const world = new World({ limitsTasks });
    world.budgeted = budgeted;
    const body = { agent: agent.name, input: { text: "Go." }, priority: "high" };
    await world.call("POST", "/v1/tasks", { body });
    const made = [...world.objects.values()].map(({ order }) => order).find((order) => order !== null);
    expect(made?.allowance).toEqual(allowance);
    expect(made?.priority).toBe("high");
  },
);
