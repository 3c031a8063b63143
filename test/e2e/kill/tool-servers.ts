import { join } from "node:path";
import { z } from "zod";
import { type Child, startChild } from "../../harness/child-process.ts";

export const ToolServers = z.strictObject({ shopPort: z.int(), ledgerPort: z.int() });
export type ToolServers = Readonly<z.infer<typeof ToolServers>>;

/** Starts shop and ledger in a process of their own. */
export function startToolServers(dataDir: string | null): Promise<Child<ToolServers>> {
  return startChild(join(import.meta.dirname, "main.ts"), { input: { dataDir }, ready: ToolServers });
}
