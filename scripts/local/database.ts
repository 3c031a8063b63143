import { readFileSync } from "node:fs";
import { join } from "node:path";
import { WRANGLER_TOML, databaseIdOf } from "./project.ts";
import { withoutSignals } from "./script.ts";

export interface LocalDatabase {
  readonly db: D1Database;
  readonly close: () => Promise<void>;
}

/** Opens the database of the local runtime, which may run at the same time. */
export async function openLocalDatabase(stateDir: string): Promise<LocalDatabase> {
  // Half a second to load: while wrangler starts, and not for whoever only finds the port taken.
  const { Miniflare, convertV4MiniflareOptions } = await import("miniflare");
  const options = convertV4MiniflareOptions({
    modules: true,
    script: "export default {}",
    compatibilityDate: "2026-10-01",
    d1Databases: { DB: databaseIdOf(readFileSync(WRANGLER_TOML, "utf8")) },
    resourcePersistencePath: join(stateDir, "v3"),
  });
  // Miniflare would end the process on a signal, before the script has undone what it did.
  const miniflare = withoutSignals(() => new Miniflare(options));
  const db = await miniflare.getD1Database("DB");
  let closed: Promise<void> | undefined;
  return { db, close: () => (closed ??= miniflare.dispose()) };
}
