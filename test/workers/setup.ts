import { applyD1Migrations, listDurableObjectIds } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterAll, inject } from "vitest";
import type { CommitRow } from "../../src/contracts/journal.ts";
import type { TaskStub } from "../../src/wiring.ts";

// Storage is fresh for every file, so the schema is too.
await applyD1Migrations(env.DB, env.MIGRATIONS);

// What the objects of this file have stored is replayed when all is over.
afterAll(async () => {
  const journals: Record<string, readonly CommitRow[]> = {};
  for (const id of await listDurableObjectIds(env.TASKS)) {
    const stub: unknown = env.TASKS.get(id);
    const rows = await journalOf(stub as TaskStub);
    if (rows.length > 0) journals[id.toString()] = rows;
  }
  if (Object.keys(journals).length === 0) return;
  const { ok } = await fetch(inject("journalCollector"), { method: "POST", body: JSON.stringify(journals) });
  if (!ok) throw new Error("the journals of this file were not taken");
});

async function journalOf(stub: TaskStub): Promise<readonly CommitRow[]> {
  const rows: CommitRow[] = [];
  for (;;) {
    const page = (await stub.commits(rows.length + 1, 500)) ?? [];
    if (page.length === 0) return rows;
    rows.push(...page);
  }
}
