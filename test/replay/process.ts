import { createInterface } from "node:readline";
import { z } from "zod";
import { CommitRow } from "../../src/contracts/journal.ts";
import { replay } from "../../src/core/task/replay.ts";
import { coreFunctions } from "../../src/wiring.ts";

/**
 * Replays journals in a process that has seen nothing of their tasks: one journal a line on stdin, `{task, rows}`; for each a report on
 * stdout (J3).
 */
const Journal = z.strictObject({ task: z.string(), rows: z.array(CommitRow).min(1) });

for await (const text of createInterface({ input: process.stdin })) {
  const { task, rows } = Journal.parse(JSON.parse(text));
  process.stdout.write(`${JSON.stringify({ task, ...reportOf(rows) })}\n`);
}

/** A journal that cannot even be folded is a difference too. */
function reportOf(rows: readonly CommitRow[]): object {
  try {
    const { commits, equal, firstDifference } = replay(rows, coreFunctions);
    return { commits, equal, firstDifference };
  } catch (error) {
    return { commits: rows.length, equal: false, firstDifference: { seq: 0, reason: String(error) } };
  }
}
