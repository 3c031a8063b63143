import { applyD1Migrations } from "cloudflare:test";
import { env } from "cloudflare:workers";

// Storage is fresh for every file, so the schema is too.
await applyD1Migrations(env.DB, env.MIGRATIONS);
