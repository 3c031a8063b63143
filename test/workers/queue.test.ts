import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import worker from "./entry.ts";

const foreign = { id: "m1", timestamp: new Date(), attempts: 1, body: { invoice: 7 } };

async function deliver(queue: string) {
  const batch = createMessageBatch(queue, [foreign]);
  const ctx = createExecutionContext();
  await worker.queue(batch, env, ctx);
  return await getQueueResult(batch, ctx);
}

test("a message of another queue is not taken for one of ours, and not lost", async () => {
  await expect(deliver("invoices")).rejects.toThrow("invoices is not one of Countersign's queues.");
});

test.each(["acme-fast-calls", "acme-slow-calls", "acme-child-calls", "acme-dead-calls"])(
  "what is no message of ours in %s is dropped",
  async (queue) => {
    expect(await deliver(queue)).toMatchObject({ explicitAcks: ["m1"], retryMessages: [] });
  },
);
