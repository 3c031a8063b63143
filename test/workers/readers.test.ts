import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import { SocketReaders } from "../../durable-objects/readers.ts";
import type { CommitRow } from "../../src/contracts/journal.ts";
import { toldBy } from "../../src/feed.ts";

const row = (seq: number): CommitRow => ({
  seq,
  atMs: 0,
  rules: 1,
  body: '{"command":{},"events":[]}',
  salt: "",
  digest: "",
  hash: "",
});

/** The seqs that a reader is told, in the order in which it hears of them. */
function listen({ webSocket }: Response): number[] {
  const seqs: number[] = [];
  webSocket?.addEventListener("message", ({ data }) => {
    for (const told of toldBy(data) ?? []) if (told.kind === "commit") seqs.push(told.seq);
  });
  webSocket?.accept();
  return seqs;
}

test("a reader who comes while commits wait to travel together is told each of them once", async () => {
  const stub: unknown = env.TASKS.getByName(`acme/${crypto.randomUUID()}`);
  await runInDurableObject(stub as DurableObjectStub, async (_task, state) => {
    const readers = new SocketReaders(state);
    const first = listen(readers.follow([]));
    const rows = [row(1), row(2), row(3)];
    for (const one of rows) readers.committed(one);
    const second = listen(readers.follow([rows]));
    readers.committed(row(4));
    await vi.waitFor(() =>
      expect([first, second]).toEqual([
        [1, 2, 3, 4],
        [1, 2, 3, 4],
      ]),
    );
  });
});
