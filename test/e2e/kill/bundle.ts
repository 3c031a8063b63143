import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildWorker } from "../../harness/build-worker.ts";
import type { EntryData } from "./entry-data.ts";

const ENTRY = join(import.meta.dirname, "entry.ts");

/** Builds the Worker with its data in it, in a folder outside the project: what the data folder holds is never copied into it. */
export async function bundle(folder: string, data: EntryData): Promise<string> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "data.json"), JSON.stringify(data));
  const entry = join(folder, "entry.ts");
  writeFileSync(
    entry,
    `import { killedWorker } from ${JSON.stringify(ENTRY)};
     import data from "./data.json";
     const { worker, TaskObject, TenantObject, LimiterObject, MutexObject, HealthObject, BudgetObject, AdmissionObject } = killedWorker(data);
      export { TaskObject, TenantObject, LimiterObject, MutexObject, HealthObject, BudgetObject, AdmissionObject };
     export default worker;`,
  );
  return buildWorker({ entry, outDir: join(folder, "out") });
}
