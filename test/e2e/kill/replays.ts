import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { z } from "zod";
import type { CommitRow } from "../../../src/contracts/journal.ts";

const PROCESS = join(import.meta.dirname, "replay-process.ts");

const Report = z.object({
  task: z.string(),
  commits: z.int(),
  equal: z.boolean(),
  firstDifference: z.object({ seq: z.int(), reason: z.string() }).optional(),
});

/** J3. Replays stored journals in a fresh process; a sentence for each whose commands do not give its events byte for byte again. */
export async function replays(
  journals: ReadonlyMap<string, readonly CommitRow[]>,
): Promise<readonly string[]> {
  const child = spawn(process.execPath, [PROCESS], { stdio: ["pipe", "pipe", "inherit"] });
  const told = text(child.stdout);
  const ended = once(child, "exit").then(([code]) => z.int().nullable().parse(code));
  for (const [task, rows] of journals)
    for (const row of rows) child.stdin.write(`${JSON.stringify({ task, row })}\n`);
  child.stdin.end();
  const lines = (await told).split("\n").filter((line) => line !== "");
  const code = await ended;
  const reports = new Map(
    lines.map((line) => Report.parse(JSON.parse(line))).map((report) => [report.task, report]),
  );
  const faults = [...journals].flatMap(([task, rows]) => {
    const report = reports.get(task);
    if (report?.commits !== rows.length) return [`${task} was not replayed`];
    const { seq = 0, reason = "" } = report.firstDifference ?? {};
    return report.equal ? [] : [`${task} differs at ${seq}: ${reason}`];
  });
  return code === 0 ? faults : [...faults, `the replay ended with ${code}`];
}
