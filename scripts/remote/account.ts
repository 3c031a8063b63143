import { unstable_readConfig } from "wrangler";
import { z } from "zod";
import { WRANGLER_TOML } from "../local/project.ts";
import { databaseIdIn, queuesIn, saysNoWorker, secretsIn } from "./answers.ts";
import type { Found, Needed } from "./plan.ts";
import { failed, runWrangler, wranglerSays } from "./wrangler.ts";

const SECRETS = ["LINK_KEYS", "LINK_KID", "CURSOR_KEY"] as const;
const QUEUE_PAGES_MAX = 100;

/** What of wrangler.toml a deployment is planned by, as wrangler reads it. */
const Config = z.object({
  name: z.string(),
  d1_databases: z.tuple([z.object({ database_name: z.string(), database_id: z.string().optional() })]),
  queues: z.object({
    producers: z.array(z.object({ queue: z.string() })).default([]),
    consumers: z.array(z.object({ queue: z.string(), dead_letter_queue: z.string().optional() })).default([]),
  }),
});

export interface NeededByConfig extends Needed {
  readonly databaseIdInConfig: string | null;
}

export function neededByConfig(): NeededByConfig {
  const read: unknown = unstable_readConfig({ config: WRANGLER_TOML });
  const { name, d1_databases: databases, queues } = Config.parse(read);
  const [{ database_name: database, database_id: databaseIdInConfig = null }] = databases;
  const names = [
    ...queues.producers.map(({ queue }) => queue),
    ...queues.consumers.map(({ queue }) => queue),
    ...queues.consumers.flatMap(({ dead_letter_queue: dead }) => dead ?? []),
  ];
  return { worker: name, database, databaseIdInConfig, queues: [...new Set(names)], secrets: SECRETS };
}

/** What the account has of it. */
export async function foundInAccount(needed: NeededByConfig, signal: AbortSignal): Promise<Found> {
  return {
    databaseId: await databaseIdOf(needed.database, signal),
    databaseIdInConfig: needed.databaseIdInConfig,
    queues: new Set(await allQueues(signal)),
    secrets: new Set(await secretsOf(needed.worker, signal)),
  };
}

export async function databaseIdOf(database: string, signal: AbortSignal): Promise<string | null> {
  return databaseIdIn(await wranglerSays(["d1", "list", "--json"], signal), database);
}

async function allQueues(signal: AbortSignal): Promise<readonly string[]> {
  const all: string[] = [];
  for (let page = 1; page <= QUEUE_PAGES_MAX; page++) {
    const names = queuesIn(await wranglerSays(["queues", "list", "--page", String(page)], signal));
    // An account that ignores the page tells the first one for ever.
    if (names.every((name) => all.includes(name))) break;
    all.push(...names);
  }
  return all;
}

async function secretsOf(worker: string, signal: AbortSignal): Promise<readonly string[]> {
  const args = ["secret", "list", "--name", worker];
  const ran = await runWrangler(args, { show: false, signal });
  if (ran.ok) return secretsIn(ran.stdout);
  if (saysNoWorker(ran.output, worker)) return [];
  throw failed(args, ran);
}
