import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeAll, expect, test, vi } from "vitest";
import type { AgentDefinition } from "../../src/tools/definition.ts";
import type { NewTask, TaskStatus, TaskView } from "../../src/contracts/task.ts";
import type { TaskStub } from "../../src/wiring.ts";
import { toldBy } from "../../src/feed.ts";
import { mintKey, putKey } from "../../src/storage/api-keys.ts";
import { arrivals, fanDesk, inlineDesk, queuedDesk } from "./desk.ts";

const TENANT = "acme";
let keyId = "";

beforeAll(async () => {
  keyId = await addKey("ana", ["tasks:write"]);
  await addKey("boss", ["approvals:decide"]);
});

test.each([
  ["inline", inlineDesk],
  ["queued", queuedDesk],
])("a task with %s calls runs to its end, waits for its approval, and pays once", async (_, agent) => {
  const { stub, order } = create(agent);
  await stub.create(order);
  const waiting = await until(stub, "waiting_approval");
  expect(arrivals.filter(isPayOf(order.task))).toEqual([]);

  const [approval = ""] = waiting.openApprovals;
  const answered = await stub.answer({ approval, decision: "approve", by: "boss", assurance: "link" });
  expect(answered).toMatchObject({ ok: true, value: { state: "approved" } });

  const done = await until(stub, "completed");
  expect(done.answer).toBe("All done.");
  expect(done.budget.spent.toolCalls).toBe(4);
  expect(arrivals.filter(isPayOf(order.task))).toHaveLength(1);
  expect(await stub.replay()).toMatchObject({ equal: true });
  await vi.waitFor(async () => expect(await auditedSeqs(order.task)).toHaveLength(done.seq));
});

test("a fan-out of twenty calls goes through the queue and comes back in order", async () => {
  const { stub, order } = create(fanDesk);
  await stub.create({ ...order, interactive: true });
  const done = await until(stub, "completed");
  expect(done.budget.spent.toolCalls).toBe(20);
  const rows = (await stub.commits(1, 500)) ?? [];
  const claims = rows.filter(({ body }) => body.startsWith('{"command":{"type":"claim"'));
  expect(claims.length).toBeGreaterThan(0);
  expect(claims.length).toBeLessThan(10);
});

test("a reader of an evicted object gets the next event", async () => {
  const { stub, order } = create(inlineDesk);
  await stub.create(order);
  const waiting = await until(stub, "waiting_approval");
  const response = await stub.fetch(
    new Request("http://task/events?from=0", { headers: { upgrade: "websocket" } }),
  );
  const socket = response.webSocket;
  if (!socket) throw new Error("no socket");
  const seqs: number[] = [];
  socket.addEventListener("message", ({ data }) => {
    for (const told of toldBy(data) ?? []) if (told.kind === "commit") seqs.push(told.seq);
  });
  socket.accept();
  await vi.waitFor(() => expect(seqs.at(-1)).toBe(waiting.seq));

  await evictDurableObject(stub as unknown as DurableObjectStub);
  await stub.cancel("ana", undefined);
  await vi.waitFor(() => expect(seqs.at(-1)).toBe(waiting.seq + 1));
  expect(seqs).toEqual(Array.from({ length: waiting.seq + 1 }, (_, i) => i + 1));
});

test("a probe for an unknown task leaves nothing behind", async () => {
  const { stub } = create(inlineDesk);
  expect(await stub.view()).toBeNull();
  expect(await stub.cancel("ana", undefined)).toBeNull();
  expect(await stub.head()).toBeNull();
});

function create(agent: AgentDefinition): { stub: TaskStub; order: NewTask } {
  const task = `tsk_${crypto.randomUUID().replaceAll("-", "")}`;
  const { turns, toolCalls, tokens, wallMs, costMicroUsd } = agent.manifest.limits;
  const order: NewTask = {
    task,
    tenant: TENANT,
    principal: "ana",
    keyId,
    agent: agent.manifest,
    model: {
      route: "default",
      provider: "scripted",
      model: agent.manifest.name,
      price: { table: "scripted", input: 0, cachedInput: 0, cacheWrite: 0, output: 0 },
      maxOutputTokens: 1_000,
      timeoutMs: 10_000,
    },
    input: { text: "Go." },
    limit: { turns, toolCalls, tokens, wallMs, costMicroUsd, children: 0 },
    metadata: {},
    interactive: false,
    bodyHash: "0".repeat(64),
    traceparent: "",
  };
  const stub: unknown = env.TASKS.getByName(`${TENANT}/${task}`);
  return { stub: stub as TaskStub, order };
}

async function until(stub: TaskStub, status: TaskStatus): Promise<TaskView> {
  return vi.waitFor(
    async () => {
      const view = await stub.view();
      if (view?.status !== status) throw new Error(`it is ${JSON.stringify(view)}`);
      return view;
    },
    { timeout: 10_000, interval: 20 },
  );
}

async function auditedSeqs(task: string): Promise<unknown[]> {
  return (await env.DB.prepare("SELECT seq FROM audit WHERE task = ? ORDER BY seq").bind(task).all()).results;
}

async function addKey(principal: string, scopes: ("tasks:write" | "approvals:decide")[]): Promise<string> {
  const minted = mintKey();
  const { sql, params } = putKey(
    minted,
    { tenant: TENANT, principal, scopes, expiresAtMs: null },
    Date.now(),
  );
  await env.DB.prepare(sql)
    .bind(...params)
    .run();
  return minted.id;
}

function isPayOf(task: string) {
  return ({ tool, key }: { tool: string; key: string }) => tool === "pay" && key.startsWith(task);
}
