import type { Statement } from "../../src/storage/api-keys.ts";

/** A statement with its values written into it: wrangler takes no parameters. */
export function inlined({ sql, params }: Statement): string {
  return sql.replaceAll(/\?(\d+)/g, (_all, place: string) => literal(params[Number(place) - 1]));
}

function literal(value: Statement["params"][number] | undefined): string {
  if (value === undefined) throw new Error("A statement has a value for each of its places.");
  if (value === null) return "NULL";
  return typeof value === "number" ? String(value) : `'${value.replaceAll("'", "''")}'`;
}
