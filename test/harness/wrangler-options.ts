import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { unstable_getMiniflareWorkerOptions, unstable_readConfig, unstable_splitSqlQuery } from "wrangler";
import { z } from "zod";
import { WRANGLER_CONFIG } from "./build-worker.ts";
import type { Migration } from "./miniflare-input.ts";

/** The part of a wrangler.toml that Miniflare does not want, but migrating does. */
const Databases = z.object({
  d1_databases: z.array(z.object({ binding: z.string(), migrations_dir: z.string().optional() })),
});

/**
 * What a wrangler.toml says, for Miniflare: bindings, queues and objects are read, never repeated. `migrations` are those of its
 * first D1 database.
 */
export interface WranglerOptions {
  readonly worker: Readonly<Record<string, unknown>>;
  readonly d1Binding: string | undefined;
  readonly migrations: readonly Migration[];
}

export function readWranglerOptions(configPath: string = WRANGLER_CONFIG): WranglerOptions {
  const { workerOptions } = unstable_getMiniflareWorkerOptions(configPath);
  const [database] = Databases.parse(unstable_readConfig({ config: configPath })).d1_databases;
  return {
    // How files are bundled was settled when the bundle was built; Miniflare 5 refuses to hear of it again.
    worker: Object.fromEntries(Object.entries(workerOptions).filter(([key]) => key !== "modulesRules")),
    d1Binding: database?.binding,
    migrations: readMigrations(join(dirname(configPath), database?.migrations_dir ?? "migrations")),
  };
}

function readMigrations(folder: string): readonly Migration[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".sql"))
    .toSorted()
    .map((name) => ({ name, statements: unstable_splitSqlQuery(readFileSync(join(folder, name), "utf8")) }));
}
