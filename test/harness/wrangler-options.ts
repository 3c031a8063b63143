import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { unstable_getMiniflareWorkerOptions, unstable_readConfig, unstable_splitSqlQuery } from "wrangler";
import { z } from "zod";
import { WRANGLER_CONFIG } from "./build-worker.ts";
import type { Migration } from "./miniflare-input.ts";

/** The parts of a wrangler.toml that do not come through `unstable_getMiniflareWorkerOptions`, or not alone. */
const Parts = z.object({
  vars: z.record(z.string(), z.string()),
  d1_databases: z.array(z.object({ binding: z.string(), migrations_dir: z.string().optional() })),
});

/**
 * What a wrangler.toml says, for Miniflare: bindings, queues and objects are read, never repeated. `migrations` are those of its
 * first D1 database.
 */
export interface WranglerOptions {
  readonly worker: Readonly<Record<string, unknown>>;
  readonly vars: Readonly<Record<string, string>>;
  readonly d1Binding: string | undefined;
  readonly migrations: readonly Migration[];
}

export function readWranglerOptions(configPath: string = WRANGLER_CONFIG): WranglerOptions {
  const { workerOptions } = quietly(() => unstable_getMiniflareWorkerOptions(configPath));
  const { vars, d1_databases } = Parts.parse(unstable_readConfig({ config: configPath }));
  const [database] = d1_databases;
  return {
    vars,
    // How files are bundled was settled when the bundle was built; Miniflare 5 refuses to hear of it again.
    worker: Object.fromEntries(Object.entries(workerOptions).filter(([key]) => key !== "modulesRules")),
    d1Binding: database?.binding,
    migrations: readMigrations(resolve(dirname(configPath), database?.migrations_dir ?? "migrations")),
  };
}

/** Wrangler tells on stdout that it has read a `.dev.vars`; the harness gives each Worker its variables itself. */
function quietly<T>(read: () => T): T {
  const level = process.env["WRANGLER_LOG"];
  process.env["WRANGLER_LOG"] = "error";
  try {
    return read();
  } finally {
    if (level === undefined) delete process.env["WRANGLER_LOG"];
    else process.env["WRANGLER_LOG"] = level;
  }
}

function readMigrations(folder: string): readonly Migration[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".sql"))
    .toSorted()
    .map((name) => ({ name, statements: unstable_splitSqlQuery(readFileSync(join(folder, name), "utf8")) }));
}
