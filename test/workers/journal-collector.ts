import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { TestProject } from "vitest/node";
import { z } from "zod";
import { CommitRow } from "../../src/contracts/journal.ts";
import { replays } from "../replay/fresh-replay.ts";

declare module "vitest" {
  export interface ProvidedContext {
    journalCollector: string;
  }
}

const Journals = z.record(z.string(), z.array(CommitRow).min(1));

/**
 * Takes the stored rows of every task that a test in workerd has run, and at the end replays them all in a fresh process (J3). The run
 * fails when one differs, and when there was none.
 */
export default function collectJournals(project: TestProject): Promise<() => Promise<void>> {
  const journals = new Map<string, readonly CommitRow[]>();
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const taken = Journals.safeParse(JSON.parse(body));
      for (const [task, rows] of Object.entries(taken.data ?? {})) journals.set(task, rows);
      response.writeHead(taken.success ? 204 : 400).end();
    });
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      project.provide("journalCollector", `http://127.0.0.1:${port}`);
      resolve(async () => {
        server.close();
        await judge(journals);
      });
    });
  });
}

async function judge(journals: ReadonlyMap<string, readonly CommitRow[]>): Promise<void> {
  const faults = await replays(journals);
  if (faults.length > 0) throw new Error(`Replays differ:\n${faults.join("\n")}`);
  console.log(`replayed ${journals.size} tasks of tests in workerd, in a fresh process: all equal`);
}
