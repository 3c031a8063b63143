import { beforeAll, expect, test } from "vitest";
import type { TaskView } from "../../src/contracts/task.ts";
import { Client } from "./client.ts";
import { booked } from "./team.ts";

interface Tree {
  readonly items: readonly {
    readonly agent: string;
    readonly depth: number;
    readonly tool?: string;
    readonly status: string;
    readonly settled?: { readonly ok: boolean };
    readonly budget: TaskView["budget"];
  }[];
}

let client: Client;

beforeAll(async () => {
  client = await Client.of("acme", "mia");
});

test("a task recruits others, who recruit further, and is answered by all of them", async () => {
  const { id } = await client.create("team-lead");
  const ended = await client.until(id, "completed");
  expect(ended.answer).toBe("red and planned green");
  expect(booked).toHaveLength(2);
  expect(new Set(booked).size).toBe(2);
  // B1. What the children used is the parent's: two turns of its own, two of each booker, two of the planner.
  expect(ended.budget.spent).toMatchObject({ turns: 8, children: 3 });
  expect(ended.budget.reserved).toMatchObject({ turns: 0, tokens: 0, children: 0 });
});

test("a tree shows everyone, with what each may spend and has spent", async () => {
  const { id } = await client.create("team-lead");
  await client.until(id, "completed");
  const { items } = await (await client.get(`/v1/tasks/${id}/tree`)).json<Tree>();
  expect(items.map(({ agent, depth, tool }) => [agent, depth, tool])).toEqual([
    ["team-lead", 0, undefined],
    ["booker", 1, "ask_booker"],
    ["planner", 1, "ask_planner"],
    ["booker", 2, "ask_booker"],
  ]);
  expect(items.every(({ status }) => status === "completed")).toBe(true);
  expect(items.slice(1).every(({ settled }) => settled?.ok === true)).toBe(true);
  // B1. Each has what it used itself, and what those below it used.
  const [lead, booker, planner, below] = items.map(({ budget }) => budget.spent.turns);
  expect([lead, booker, planner, below]).toEqual([8, 2, 4, 2]);
  expect(items.map(({ budget }) => budget.limit.turns)).toEqual([20, 4, 10, 2]);
});

test("a child's approval says whose child asks: in the inbox, when it is read, and on its page", async () => {
  const { id } = await client.create("signing-lead");
  const { items } = await client.eventually<{
    items: readonly { id: string; task: string; parent?: string }[];
  }>("/v1/approvals", (page) => page.items.some(({ parent }) => parent === id));
  const [asked] = items;
  const approval = await (
    await client.get(`/v1/approvals/${asked?.id}`)
  ).json<{ childOf: { call: string }; link: string }>();
  expect(approval.childOf).toMatchObject({ task: id, root: id, depth: 1 });
  const page = await client.get(new URL(approval.link).pathname, { accept: "text/html" });
  expect(await page.text()).toContain(`<dt>Child of</dt><dd>${id}</dd>`);
  const child = await (await client.get(`/v1/tasks/${asked?.task}`)).json<TaskView>();
  expect(child).toMatchObject({
    agent: "signer",
    status: "waiting_approval",
    parent: { task: id, depth: 1 },
  });
  // Its parent waits for it, and for nobody's answer.
  expect(await (await client.get(`/v1/tasks/${id}`)).json()).toMatchObject({
    status: "running",
    openApprovals: [],
  });
  await client.post(`/v1/tasks/${id}/cancel`);
  expect(await client.until(asked?.task ?? "", "canceled")).toMatchObject({ openApprovals: [] });
});

test("children are tasks like any other: listed, audited, and decided again in the same way", async () => {
  const { id } = await client.create("team-lead");
  await client.until(id, "completed");
  const { items } = await client.eventually<{ items: readonly { id: string; parent: string }[] }>(
    `/v1/tasks?parent=${id}`,
    (page) => page.items.length === 2,
  );
  expect(items.map(({ parent }) => parent)).toEqual([id, id]);
  const child = items[0]?.id ?? "";
  expect(await (await client.get(`/v1/tasks/${child}/replay`)).json()).toMatchObject({ equal: true });
  const verified = await client.eventually<{ state: string }>(
    `/v1/audit/verify?task=${child}`,
    ({ state }) => state === "intact",
  );
  expect(verified.state).toBe("intact");
});
