import { beforeAll, expect, test } from "vitest";
import type { TaskView } from "../../src/contracts/task.ts";
import { Client } from "./client.ts";
import { booked } from "./team.ts";

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

test("children are tasks like any other: listed, audited, and decided again in the same way", async () => {
  const { id } = await client.create("team-lead");
  await client.until(id, "completed");
  const { items } = await client.eventually<{ items: readonly TaskView[] }>(
    "/v1/tasks?status=completed&agent=booker",
    (page) => page.items.length >= 2,
  );
  const child = items[0]?.id ?? "";
  expect(await (await client.get(`/v1/tasks/${child}/replay`)).json()).toMatchObject({ equal: true });
  const verified = await client.eventually<{ state: string }>(
    `/v1/audit/verify?task=${child}`,
    ({ state }) => state === "intact",
  );
  expect(verified.state).toBe("intact");
});
