import { z } from "zod";
import { CancelTask, ResumeTask, TaskView } from "../contracts/task.ts";
import type { Answer } from "../ports.ts";
import { addressedTask } from "./addressed.ts";
import type { TaskHandle } from "./deps.ts";
import { type Asked, type Operation, type Reply, command, json, replyTo } from "./operation.ts";
import { Refusal } from "./problem.ts";
import { taskFor } from "./views.ts";

/** What the operations that steer a task have in common. */
function control<B extends z.ZodType>(
  name: string,
  summary: string,
  body: B,
  steer: (
    handle: TaskHandle,
    asked: Asked & { readonly body: z.output<B> },
  ) => Promise<Answer<TaskView> | Refusal | null>,
): Operation {
  const terms = {
    path: `/v1/tasks/{id}/${name}`,
    summary,
    scopes: ["tasks:write"],
    replies: { 200: { description: "The task after it", content: { "application/json": TaskView } } },
    problems: ["task_ended", "task_not_resumable", "limit_exceeded", "tenant_cap_reached"],
  } as const;
  return command(terms, body, async (asked): Promise<Reply> => {
    const handle = addressedTask(asked);
    if (handle instanceof Refusal) return handle;
    const answer = await steer(handle, asked);
    return answer instanceof Refusal ? answer : replyTo(answer, (view) => json(taskFor(asked.caller, view)));
  });
}

const cancel = control(
  "cancel",
  "Cancels a task in any live status",
  CancelTask,
  async (handle, { caller, body }) => handle.cancel(caller.principal, body.reason),
);

const pause = control("pause", "Holds a task between turns", z.strictObject({}), async (handle, { caller }) =>
  handle.pause(caller.principal),
);

/** A failed task that goes on is live again, so it needs a place among the tenant's live tasks. */
const resume = control(
  "resume",
  "Lifts a pause, or takes a failed task on from a checkpoint",
  ResumeTask,
  async (handle, { deps, caller, body }) => {
    const view = await handle.view();
    if (view === null) return null;
    if (view.status === "failed") {
      const admitted = await deps.admitTask(caller.tenant, view.id);
      if (!admitted.ok) return admitted;
    }
    return await handle.resume(caller.principal, body.checkpoint, body.limits);
  },
);

export const controlRoutes: readonly Operation[] = [cancel, pause, resume];
