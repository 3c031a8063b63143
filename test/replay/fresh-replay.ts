import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { z } from "zod";
import type { CommitRow } from "../../src/contracts/journal.ts";

const PROCESS = join(import.meta.dirname, "process.ts");

const Report = z.object({
  task: z.string(),
  commits: z.int(),
  equal: z.boolean(),
  firstDifference: z.object({ seq: z.int(), reason: z.string() }).optional(),
});

/** J3. A fresh process that replays every journal which it is handed. */
export class FreshReplay {
  readonly #child = spawn(process.execPath, [PROCESS], { stdio: ["pipe", "pipe", "inherit"] });
  readonly #told = text(this.#child.stdout);
  readonly #ended = once(this.#child, "exit").then(([code]) => z.int().nullable().parse(code));
  readonly #commits = new Map<string, number>();

  /** `task` names the journal among all that are handed over. */
  take(task: string, rows: readonly CommitRow[]): void {
    if (this.#commits.has(task)) throw new Error(`${task} was handed over before`);
    this.#commits.set(task, rows.length);
    this.#child.stdin.write(`${JSON.stringify({ task, rows })}\n`);
  }

  get tasks(): number {
    return this.#commits.size;
  }

  /**
   * Ends it. A sentence for each journal whose commands do not give its events byte for byte again, or of which nothing was heard; and
   * one when there was no journal at all, since then nothing was shown.
   */
  async faults(): Promise<readonly string[]> {
    this.#child.stdin.end();
    const lines = (await this.#told).split("\n").filter((line) => line !== "");
    const code = await this.#ended;
    const reports = new Map(
      lines.map((line) => Report.parse(JSON.parse(line))).map((report) => [report.task, report]),
    );
    const faults = [...this.#commits].flatMap(([task, commits]) => {
      const report = reports.get(task);
      if (report?.commits !== commits) return [`${task} was not replayed`];
      const { seq = 0, reason = "" } = report.firstDifference ?? {};
      return report.equal ? [] : [`${task} differs at ${seq}: ${reason}`];
    });
    if (this.#commits.size === 0) faults.push("no journal was handed over");
    return code === 0 ? faults : [...faults, `the replay ended with ${code}`];
  }
}

/** All of these journals, in one fresh process. */
export async function replays(
  journals: ReadonlyMap<string, readonly CommitRow[]>,
): Promise<readonly string[]> {
  const replay = new FreshReplay();
  for (const [task, rows] of journals) replay.take(task, rows);
  return await replay.faults();
}
