import { dirname } from "node:path";
import { Miniflare, convertV4MiniflareOptions } from "miniflare";
import { serveParent } from "./child-process.ts";
import { MiniflareInput } from "./miniflare-input.ts";
import type { MiniflareReady, Migration } from "./miniflare-input.ts";
import { livingChildrenOf } from "../../scripts/local/processes.ts";

/** Plain Miniflare in a process of its own, so that it and workerd can be killed. Input and answer: miniflare-input.ts. */
await serveParent(MiniflareInput, start);

async function start(input: MiniflareInput): Promise<MiniflareReady> {
  const miniflare = new Miniflare(optionsOf(input));
  await miniflare.ready;
  for (const worker of input.workers) {
    if (worker.d1Binding === undefined) continue;
    await migrate(await miniflare.getD1Database(worker.d1Binding, worker.name), worker.migrations);
  }
  const urls = await Promise.all(
    input.workers.map(async ({ name }) => [name, String(await miniflare.unsafeGetDirectURL(name))] as const),
  );
  const [workerd, ...others] = livingChildrenOf(process.pid);
  if (workerd === undefined || others.length > 0) throw new Error("Expected workerd as the only child.");
  return { workerdPid: workerd, urls: Object.fromEntries(urls) };
}

/** Each Worker has a socket of its own: requests do not pass Miniflare's entry Worker, which costs more than a small Worker does. */
function optionsOf(input: MiniflareInput): ConstructorParameters<typeof Miniflare>[0] {
  return convertV4MiniflareOptions({
    host: "127.0.0.1",
    port: 0,
    cf: false,
    logRequests: false,
    resourcePersistencePath: input.stateDir,
    workers: input.workers.map((worker) => ({
      ...worker.options,
      name: worker.name,
      modules: true,
      rootPath: dirname(worker.script),
      modulesRoot: dirname(worker.script),
      scriptPath: worker.script,
      bindings: worker.vars,
      serviceBindings: Object.fromEntries(
        Object.entries(worker.external).map(([name, address]) => [name, { external: { address, http: {} } }]),
      ),
      unsafeDirectSockets: [{ host: "127.0.0.1", port: worker.port }],
    })),
  });
}

type Database = Awaited<ReturnType<Miniflare["getD1Database"]>>;

/** Applies what is missing, each migration in one batch with the note that it was applied, in the table that Wrangler uses. */
async function migrate(database: Database, migrations: readonly Migration[]): Promise<void> {
  const table =
    "CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)";
  await database.prepare(table).run();
  const applied = await database.prepare("SELECT name FROM d1_migrations").all<{ name: string }>();
  const names = new Set(applied.results.map((row) => row.name));
  for (const migration of migrations) {
    if (names.has(migration.name)) continue;
    await database.batch([
      ...migration.statements.map((statement) => database.prepare(statement)),
      database.prepare("INSERT INTO d1_migrations (name) VALUES (?)").bind(migration.name),
    ]);
  }
}
