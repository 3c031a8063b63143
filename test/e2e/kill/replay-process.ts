import { createInterface } from "node:readline";
import { z } from "zod";
import { CommitRow } from "../../../src/contracts/journal.ts";
import { replay } from "../../../src/core/task/replay.ts";
import { coreFunctions } from "../../../src/wiring.ts";

/**
 * Replays journals in a process that has seen nothing of their tasks: one stored row a line on stdin, `{task, row}`, a task's rows in
 * their order; one report a task on stdout when the input ends (J3).
 */
const Line = z.strictObject({ task: z.string(), row: CommitRow });

const journals = new Map<string, CommitRow[]>();
for await (const text of createInterface({ input: process.stdin })) {
  const { task, row } = Line.parse(JSON.parse(text));
  const known = journals.get(task);
  if (known === undefined) journals.set(task, [row]);
  else known.push(row);
}
for (const [task, rows] of journals) process.stdout.write(`${JSON.stringify({ task, ...reportOf(rows) })}\n`);

/** A journal that cannot even be folded is a difference too. */
function reportOf(rows: readonly CommitRow[]): object {
  try {
    const { commits, equal, firstDifference } = replay(rows, coreFunctions);
    return { commits, equal, firstDifference };
  } catch (error) {
    return { commits: rows.length, equal: false, firstDifference: { seq: 0, reason: String(error) } };
  }
}
