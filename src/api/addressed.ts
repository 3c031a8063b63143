import { type TaskName, parseTaskName, taskOfApproval } from "../task-name.ts";
import type { TaskHandle } from "./deps.ts";
import type { Asked } from "./operation.ts";
import { NOT_FOUND, Refusal } from "./problem.ts";

const ELSEWHERE = new Refusal("unavailable", "This runtime does not serve the task's jurisdiction.");

/** The object of a task of the caller's tenant, whether or not there is such a task (H1). */
export function handleOf(
  { deps, caller }: Pick<Asked, "deps" | "caller">,
  name: TaskName,
): TaskHandle | Refusal {
  return deps.tasks(caller.tenant, name) ?? ELSEWHERE;
}

/** The object of the task in the path. */
export function addressedTask(asked: Asked): TaskHandle | Refusal {
  const name = parseTaskName(asked.params["id"] ?? "");
  return name === null ? NOT_FOUND : handleOf(asked, name);
}

export interface AddressedApproval {
  readonly id: string;
  readonly task: string;
  readonly handle: TaskHandle;
}

/** The approval in the path, and the object of its task. */
export function addressedApproval(asked: Asked): AddressedApproval | Refusal {
  const id = asked.params["id"] ?? "";
  const name = taskOfApproval(id);
  const handle = name === null ? NOT_FOUND : handleOf(asked, name);
  return name === null || handle instanceof Refusal ? NOT_FOUND : { id, task: name.id, handle };
}
