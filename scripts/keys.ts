/** Creates, lists and revokes API keys, in the local database or in the deployed one. */
import { type RunStatement, carryOut } from "./keys/carry-out.ts";
import { orderIn } from "./keys/order.ts";
import { openLocalDatabase } from "./local/database.ts";
import { stateDirOf } from "./local/project.ts";
import { type Course, runScript } from "./local/script.ts";
import { runRemotely } from "./remote/database.ts";

await runScript(
  async (course) => {
    const order = orderIn(process.argv.slice(2), Date.now());
    const run = order.remote ? remotely(course) : await locally(course);
    console.log(await carryOut(order, run, Date.now()));
    return 0;
  },
  { endedEarly: 130 },
);

async function locally({ undo }: Course): Promise<RunStatement> {
  const { db, close } = await openLocalDatabase(stateDirOf(process.env));
  undo(close);
  return async ({ sql, params }) =>
    (
      await db
        .prepare(sql)
        .bind(...params)
        .all()
    ).results;
}

/** Only the key's hash is on the command line. */
function remotely({ signal }: Course): RunStatement {
  return async (statement) => await runRemotely(statement, signal);
}
