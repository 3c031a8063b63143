import { z } from "zod";
import { TaskPosition } from "../contracts/lists.ts";
import { CreateTask, TaskStatus, TaskView } from "../contracts/task.ts";
import { addressedTask, handleOf } from "./addressed.ts";
import { UNAUTHORIZED, missingScope } from "./auth.ts";
import { openCursor, sealCursor } from "./cursor.ts";
import type { TaskHandle } from "./deps.ts";
import { WAIT_S_MAX, taskAtEnd, waitPreferredS } from "./end-of-task.ts";
import { type Asking, type Named, namedBy, orderOf, underTerms } from "./new-task.ts";
import {
  type Asked,
  type Operation,
  type Reply,
  command,
  json,
  jsonText,
  reading,
  replyTo,
} from "./operation.ts";
import { NOT_FOUND, Refusal } from "./problem.ts";
import { Cursor, Time, pageSize } from "./queries.ts";
import { TaskSummary, summaryOf, taskFor, taskTextFor } from "./views.ts";

const TaskList = z.strictObject({ items: z.array(TaskSummary), next: z.string().optional() });

const createTask = command(
  {
    path: "/v1/tasks",
    summary: "Creates a task",
    scopes: ["tasks:write"],
    headers: {
      "Idempotency-Key":
        "The same key and body make one task. Scoped to tenant, principal, route and jurisdiction; never expires.",
    },
    replies: {
      202: {
        description: "The task, where it is to be found (`Location`)",
        content: { "application/json": TaskView },
      },
    },
    problems: ["idempotency_conflict", "limit_exceeded", "tenant_cap_reached"],
  },
  CreateTask,
  async (asked) => {
    const named = namedBy(asked);
    if (named instanceof Refusal) return named;
    const order = orderOf(asked, named);
    if (order instanceof Refusal) return await madeBefore(asked, named, order);
    const handle = handleOf(asked, named.name);
    if (handle instanceof Refusal) return handle;
    const admitted = await asked.deps.admitTask(asked.caller.tenant, order.task);
    if (!admitted.ok) return await madeBefore(asked, named, new Refusal(admitted.code, admitted.detail));
    const limited = underTerms(order, admitted.value, asked.deps.limitsTasks);
    return replyTo(await handle.create(limited), ({ created, view }) =>
      created ? createdReply(asked, view) : replayedReply(asked, view),
    );
  },
);

/** A request that is repeated gets its task, although it would make none any more: a cap is reached, a deadline over, an agent gone. */
async function madeBefore(asked: Asking, named: Named, otherwise: Refusal): Promise<Reply> {
  if (!named.repeatable) return otherwise;
  const handle = handleOf(asked, named.name);
  const made = handle instanceof Refusal ? null : await handle.made(named.bodyHash);
  return made === null ? otherwise : replyTo(made, (view) => replayedReply(asked, view));
}

function replayedReply(asked: Asked, view: TaskView): Response {
  return createdReply(asked, view, { "idempotent-replayed": "true" });
}

function createdReply({ caller }: Asked, view: TaskView, headers: Record<string, string> = {}): Response {
  return json(taskFor(caller, view), 202, { location: `/v1/tasks/${view.id}`, ...headers });
}

const listTasks = reading(
  {
    path: "/v1/tasks",
    summary:
      "Lists tasks, newest first, from an index that lags up to two minutes behind a task at work, and seconds behind one that waits or has ended",
    scopes: ["tasks:read"],
    replies: {
      200: {
        description: "A page; without `next` it is the last",
        content: { "application/json": TaskList },
      },
    },
  },
  z.strictObject({
    status: TaskStatus.optional(),
    agent: z.string().max(64).optional(),
    principal: z.string().max(200).optional(),
    parent: z.string().max(128).optional().describe("Children of this task"),
    from: Time.optional().describe("Created at this time or later"),
    to: Time.optional().describe("Created before this time"),
    limit: pageSize(50, 200),
    cursor: Cursor.optional(),
  }),
  async ({ deps, caller, query }) => {
    const { status, agent, principal, parent, from: fromMs, to: toMs, limit, cursor } = query;
    const filter = { status, agent, principal, parent, fromMs, toMs };
    const use = { key: deps.cursorKey, list: "tasks", caller, filter } as const;
    const after = openCursor(use, cursor, TaskPosition);
    if (after instanceof Refusal) return after;
    const entries = await deps.index.list(caller.tenant, filter, { after, limit });
    const last = entries.length === limit ? entries.at(-1) : undefined;
    const next = last && sealCursor(use, { createdAtMs: last.createdAtMs, task: last.task });
    return json({ items: entries.map(summaryOf), next });
  },
);

const getTask = reading(
  {
    path: "/v1/tasks/{id}",
    summary: "Reads a task from its object, as of now or, if it is waited for, as of its end",
    scopes: ["tasks:read"],
    headers: {
      Prefer: `\`wait=N\` (RFC 7240): answers when the task has ended, or as it is after N seconds (at most ${WAIT_S_MAX})`,
    },
    replies: { 200: { description: "The task", content: { "application/json": TaskView } } },
  },
  z.strictObject({}),
  async (asked): Promise<Reply> => {
    const handle = addressedTask(asked);
    if (handle instanceof Refusal) return handle;
    const waitS = waitPreferredS(asked.request.headers);
    if (waitS > 0) return await taskWaitedFor(asked, handle, waitS);
    const view = await handle.view();
    return view === null ? NOT_FOUND : json(taskFor(asked.caller, view));
  },
);

/** H1. What is shown after a wait is what the caller may see by then. */
async function taskWaitedFor(asked: Asked, handle: TaskHandle, waitS: number): Promise<Reply> {
  const ended = await taskAtEnd(handle, waitS * 1_000);
  if (ended instanceof Refusal) return ended;
  const viewer = await asked.callerNow();
  if (viewer === null) return UNAUTHORIZED;
  const missing = missingScope(viewer, ["tasks:read"]);
  if (missing !== null) return missing;
  const applied = { "preference-applied": `wait=${waitS}` };
  if (ended !== null) return jsonText(taskTextFor(viewer, ended), 200, applied);
  const view = await handle.view();
  return view === null ? NOT_FOUND : json(taskFor(viewer, view), 200, applied);
}

export const taskRoutes: readonly Operation[] = [createTask, listTasks, getTask];
