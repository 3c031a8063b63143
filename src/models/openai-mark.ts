import { z } from "zod";

/** Kept by OpenAI with a response: whoever is told of it by its id alone finds out whose it is. */
export const Mark = z.object({ countersign_tenant: z.string(), countersign_task: z.string() });

export function markOf({
  tenant,
  task,
}: {
  readonly tenant: string;
  readonly task: string;
}): z.infer<typeof Mark> {
  return { countersign_tenant: tenant, countersign_task: task };
}
