import { z } from "zod";
import { Budget } from "../contracts/budget.ts";
import { ErrorCode } from "../contracts/outcome.ts";
import { ChildView, TaskStatus } from "../contracts/task.ts";
import type { FamilyView } from "../ports.ts";
import { parseTaskName } from "../task-name.ts";
import { addressedTask, handleOf } from "./addressed.ts";
import { type Asked, type Operation, type Reply, json, reading } from "./operation.ts";
import { NOT_FOUND, Refusal } from "./problem.ts";

/** Objects that one tree is read from at most, and at once. */
const TASKS_MAX = 500;
const AT_ONCE = 6;

const Branch = z.strictObject({
  id: z.string(),
  /** Generations below the task that was asked for. */
  depth: z.int(),
  /** Of a child: the task that recruited it, and by which call. */
  parent: z.string().optional(),
  ...ChildView.omit({ task: true, turn: true }).partial().shape,
  agent: z.string().optional(),
  agentVersion: z.string().optional(),
  /** Absent: it is not made yet, or was not looked at. */
  status: TaskStatus.optional(),
  paused: z.boolean().optional(),
  turn: z.int().optional(),
  /** Its own ceilings; spent and reserved include what its children use and may use. */
  budget: Budget.optional(),
  openApprovals: z.array(z.string()).optional(),
  error: ErrorCode.optional(),
});
type Branch = z.infer<typeof Branch>;

const Tree = z.strictObject({
  items: z
    .array(Branch)
    .describe("Depth first: a task, then its children in the order in which it recruited them"),
  truncated: z.boolean().describe(`Whether the tree has more than the ${TASKS_MAX} tasks that are looked at`),
});

const readTree = reading(
  {
    path: "/v1/tasks/{id}/tree",
    summary: "A task and all those below it, each read from its own object, with status, budget and spend",
    scopes: ["tasks:read"],
    replies: { 200: { description: "The tree, as of now", content: { "application/json": Tree } } },
  },
  z.strictObject({}),
  async (asked): Promise<Reply> => {
    const handle = addressedTask(asked);
    if (handle instanceof Refusal) return handle;
    const family = await handle.family();
    if (family === null) return NOT_FOUND;
    const families = await familiesBelow(asked, family);
    const items = branchesOf(family.view.id, { depth: 0 }, families);
    return json({ items, truncated: items.some(({ id }) => !families.has(id)) });
  },
);

/** What was found of each task; null of one that is not there. */
type Families = ReadonlyMap<string, FamilyView | null>;

/** Generation after generation, a few objects at a time. */
async function familiesBelow(asked: Asked, root: FamilyView): Promise<Families> {
  const families = new Map<string, FamilyView | null>([[root.view.id, root]]);
  let next = childrenIn([root]);
  while (next.length > 0) {
    const asking = next.slice(0, Math.min(AT_ONCE, TASKS_MAX - families.size));
    if (asking.length === 0) break;
    const found = await Promise.all(asking.map(async (id) => [id, await familyOf(asked, id)] as const));
    for (const [id, family] of found) families.set(id, family);
    next = [...next.slice(asking.length), ...childrenIn(found.flatMap(([, family]) => family ?? []))];
  }
  return families;
}

function childrenIn(families: readonly FamilyView[]): readonly string[] {
  return families.flatMap(({ children }) => children.map(({ task }) => task));
}

async function familyOf(asked: Asked, id: string): Promise<FamilyView | null> {
  const name = parseTaskName(id);
  const handle = name === null ? null : handleOf(asked, name);
  return handle === null || handle instanceof Refusal ? null : await handle.family();
}

function branchesOf(
  id: string,
  place: Pick<Branch, "depth" | "parent" | "call" | "tool" | "settled">,
  families: Families,
): readonly Branch[] {
  const family = families.get(id) ?? null;
  if (family === null) return [{ id, ...place }];
  const { agent, agentVersion, status, paused, turn, budget, openApprovals, error } = family.view;
  const shown = { agent, agentVersion, status, paused, turn, budget, openApprovals };
  const below = family.children.flatMap(({ task, call, tool, settled }) =>
    branchesOf(
      task,
      { depth: place.depth + 1, parent: id, call, tool, ...(settled && { settled }) },
      families,
    ),
  );
  return [{ id, ...place, ...shown, ...(error && { error: error.code }) }, ...below];
}

export const treeRoutes: readonly Operation[] = [readTree];
