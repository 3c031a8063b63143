import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Expected } from "./script.ts";

export const ROOT = resolve(import.meta.dirname, "../..");
export const WRANGLER_TOML = join(ROOT, "wrangler.toml");

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where the local runtime keeps objects and databases. The set-up prepares the same folder. */
export function stateDirOf(env: Environment): string {
  return resolve(ROOT, env["STATE_DIR"] ?? ".wrangler/state");
}

/** The development keys that the set-up has written. */
export interface DevKeys {
  readonly apiKey: string;
  readonly approverKey: string;
}

export function devKeys(): DevKeys {
  const lines = readFileSync(join(ROOT, ".dev.vars"), "utf8").split("\n");
  const valueOf = (name: string): string => {
    const line = lines.findLast((text) => text.startsWith(`${name}=`));
    if (line === undefined) throw new Expected(`.dev.vars has no ${name}. Run: npm run setup`);
    return line.slice(name.length + 1).trim();
  };
  return { apiKey: valueOf("DEV_API_KEY"), approverKey: valueOf("DEV_APPROVER_KEY") };
}

/** The id of the D1 database, which also names its local file. */
export function databaseIdOf(toml: string): string {
  const id = DATABASE_ID.exec(toml)?.[2];
  if (id === undefined) throw new Expected("wrangler.toml names no database_id.");
  return id;
}

export function withDatabaseId(toml: string, id: string): string {
  return toml.replace(DATABASE_ID, (_all, before: string) => `${before}"${id}"`);
}

const DATABASE_ID = /^(\s*database_id\s*=\s*)"([^"]*)"/m;
