import type { WaitingDoor } from "../src/guards/allowance-doors.ts";
import { namespaceOf, objectName, parseTaskName } from "../src/task-name.ts";

/** Tells a task that what it waits for may be there. One that is lost is made good by the task's own asking. */
export async function pokeTask(
  { TASKS }: Pick<Cloudflare.Env, "TASKS">,
  tenant: string,
  task: string,
): Promise<void> {
  const name = parseTaskName(task);
  const stub: unknown = name && namespaceOf(TASKS, name)?.getByName(objectName(tenant, name));
  // Generated types know the binding, but not which class answers behind it.
  await (stub as WaitingDoor | null)?.poke().catch(() => undefined);
}
