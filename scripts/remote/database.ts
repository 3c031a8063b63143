import type { Statement } from "../../src/storage/api-keys.ts";
import { type Row, rowsIn } from "./answers.ts";
import { inlined } from "./sql.ts";
import { wranglerSays } from "./wrangler.ts";

/** Runs one statement in the deployed database, and gives its rows. */
export async function runRemotely(statement: Statement, signal: AbortSignal): Promise<readonly Row[]> {
  const args = ["d1", "execute", "DB", "--remote", "--json", "--command", inlined(statement)];
  return rowsIn(await wranglerSays(args, signal));
}
