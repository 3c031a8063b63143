import { z } from "zod";

const Databases = z.array(z.object({ name: z.string(), uuid: z.string() }));
const Secrets = z.array(z.object({ name: z.string() }));
const Results = z.tuple([z.object({ results: z.array(z.record(z.string(), z.json())) })]);

export type Row = Readonly<Record<string, unknown>>;

/** The id of a database in what `wrangler d1 list --json` prints. */
export function databaseIdIn(json: string, database: string): string | null {
  return Databases.parse(JSON.parse(json)).find(({ name }) => name === database)?.uuid ?? null;
}

/** The names of queues in a page of `wrangler queues list`, which has no form but a table; empty behind the last page. */
export function queuesIn(table: string): readonly string[] {
  const rows = table.split("\n").map((line) => line.split("│").map((cell) => cell.trim()));
  return rows.flatMap(([, id, name]) => (name === undefined || name === "" || id === "id" ? [] : [name]));
}

/** The names of secrets in what `wrangler secret list` prints. */
export function secretsIn(json: string): readonly string[] {
  return Secrets.parse(JSON.parse(json)).map(({ name }) => name);
}

/** The rows in what `wrangler d1 execute --json` prints for one statement. */
export function rowsIn(json: string): readonly Row[] {
  return Results.parse(JSON.parse(json))[0].results;
}

/** Whether wrangler failed because the Worker was never deployed, so that it has no secrets yet. */
export function saysNoWorker(output: string, worker: string): boolean {
  return output.includes(`Worker "${worker}" not found`);
}
