import { expect, test } from "vitest";
import { z } from "zod";
import { viewOf } from "./fixtures.ts";
import { World } from "./world.ts";

const NAMES = Array.from({ length: 600 }, (_, n) => `tsk_${String(n).padStart(32, "0")}`);
const Tree = z.object({
  items: z.array(z.looseObject({ id: z.string(), depth: z.int() })),
  truncated: z.boolean(),
});

const child = (task: string, n = 0) => ({ task, call: `c${n}`, tool: "ask_member", turn: 1 });

/** A world in which these tasks recruited those, by their numbers; what is not named is not there. */
function worldOf(children: Readonly<Record<number, readonly number[]>>): World {
  const world = new World();
  for (const [n, recruited] of Object.entries(children)) {
    const task = world.task(NAMES[Number(n)] ?? "");
    task.current = viewOf({ task: NAMES[Number(n)] ?? "", principal: "mia" });
    task.children = recruited.map((other) => child(NAMES[other] ?? "", other));
  }
  return world;
}

async function treeOf(world: World, id: string) {
  const response = await world.call("GET", `/v1/tasks/${id}/tree`);
  return { status: response.status, tree: Tree.safeParse(await response.json()).data };
}

test("a tree is read from its tasks' own objects, depth first", async () => {
  const world = worldOf({ 0: [1, 2], 1: [3], 2: [], 3: [] });
  const task = world.task(NAMES[1] ?? "");
  task.children = task.children.map((one) => ({ ...one, settled: { ok: false, code: "timeout" as const } }));
  const { tree } = await treeOf(world, NAMES[0] ?? "");
  expect(tree?.items.map(({ id, depth }) => [NAMES.indexOf(id), depth])).toEqual([
    [0, 0],
    [1, 1],
    [3, 2],
    [2, 1],
  ]);
  const view = viewOf({ task: NAMES[3] ?? "", principal: "mia" });
  expect(tree?.items[2]).toEqual({
    id: NAMES[3],
    depth: 2,
    parent: NAMES[1],
    call: "c3",
    tool: "ask_member",
    settled: { ok: false, code: "timeout" },
    agent: view.agent,
    agentVersion: view.agentVersion,
    status: view.status,
    paused: view.paused,
    turn: view.turn,
    budget: view.budget,
    openApprovals: view.openApprovals,
  });
  expect(tree?.truncated).toBe(false);
});

test("any task of it is the root of its own tree", async () => {
  const { tree } = await treeOf(worldOf({ 0: [1], 1: [2], 2: [] }), NAMES[1] ?? "");
  expect(tree?.items.map(({ id, depth }) => [NAMES.indexOf(id), depth])).toEqual([
    [1, 0],
    [2, 1],
  ]);
});

test("a child that is not made yet is shown as its parent knows it", async () => {
  const { tree } = await treeOf(worldOf({ 0: [1] }), NAMES[0] ?? "");
  expect(tree).toEqual({
    items: [
      expect.objectContaining({ id: NAMES[0], status: "running" }),
      { id: NAMES[1], depth: 1, parent: NAMES[0], call: "c1", tool: "ask_member" },
    ],
    truncated: false,
  });
});

test("an error is told by its code alone", async () => {
  const world = worldOf({ 0: [] });
  const task = world.task(NAMES[0] ?? "");
  const error = { code: "timeout", message: "about a customer", retryable: false } as const;
  task.current = { ...viewOf({ task: NAMES[0] ?? "", principal: "mia" }), status: "failed", error };
  const response = await world.call("GET", `/v1/tasks/${NAMES[0]}/tree`);
  const text = await response.text();
  expect(text).toContain('"error":"timeout"');
  expect(text).not.toContain("customer");
});

test("no more than five hundred objects are asked, and what was left out is said", async () => {
  const many = Array.from({ length: 520 }, (_, n) => n + 1);
  const world = worldOf({ 0: many, ...Object.fromEntries(many.map((n) => [n, []])) });
  const { tree } = await treeOf(world, NAMES[0] ?? "");
  expect(tree?.items).toHaveLength(521);
  expect(tree?.items.filter(({ status }) => status !== undefined)).toHaveLength(500);
  expect(tree?.truncated).toBe(true);
});

test("there is no tree where there is no task", async () => {
  expect((await treeOf(new World(), NAMES[0] ?? "")).status).toBe(404);
  expect((await treeOf(new World(), "nonsense")).status).toBe(404);
});
