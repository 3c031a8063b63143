import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeAll, expect, test, vi } from "vitest";
import type { CommitRow } from "../../src/contracts/journal.ts";
import { verifyChain } from "../../src/core/chain.ts";
import { sha256 } from "../../src/hash.ts";
import { revokeKey } from "../../src/storage/api-keys.ts";
import { Client, type StreamEvent } from "./client.ts";
import { arrivals } from "./desk.ts";

let ana: Client;
let boss: Client;
let stranger: Client;

beforeAll(async () => {
  ana = await Client.of("acme", "ana");
  boss = await Client.of("acme", "boss", ["approvals:decide"]);
  stranger = await Client.of("other", "stranger");
});

const paid = (task: string): number =>
  arrivals.filter(({ tool, key }) => tool === "pay" && key.startsWith(`${task}.`)).length;
const opensApproval = ({ data }: StreamEvent): boolean => JSON.stringify(data).includes('"approvalOpened"');

async function linkFor(approval: string): Promise<string> {
  const { link } = await (await ana.get(`/v1/approvals/${approval}`)).json<{ link: string }>();
  return new URL(link).pathname;
}

const FORM = { accept: "text/html", "content-type": "application/x-www-form-urlencoded" };

test("a task is followed from its start, waits for its link to be answered, goes on and ends", async () => {
  const { id } = await ana.create("inline-desk");
  const reader = await ana.stream(id);
  const before = await reader.until(opensApproval);
  expect(paid(id)).toBe(0);

  const { items } = await ana.eventually<{ items: { id: string; approver: string; subject: string }[] }>(
    `/v1/approvals?task=${id}`,
    (inbox) => inbox.items.length === 1,
  );
  expect(items).toMatchObject([{ approver: "boss", subject: "pay" }]);
  const path = await linkFor(items[0]?.id ?? "");
  const page = await ana.get(path, { accept: "text/html" });
  expect(await page.text()).toContain("May pay be carried out?");
  expect(paid(id)).toBe(0);
  expect((await ana.post(path, {})).status).toBe(400);
  expect((await ana.post(path, { decision: "approve" })).status).toBe(200);
  expect(await (await ana.post(path, { decision: "deny" })).json()).toMatchObject({
    status: 409,
    code: "approval_closed",
  });

  const after = await reader.until(() => false);
  const events = [...before, ...after];
  const commits = events.filter(({ event }) => event === "commit");
  expect(commits.map((commit) => commit.id)).toEqual(commits.map((_commit, n) => n + 1));
  expect(events.at(-1)).toEqual({ id: null, event: "end", data: {} });
  expect(paid(id)).toBe(1);

  const view = await ana.until(id, "completed");
  expect(view).toMatchObject({ answer: "All done.", seq: commits.length });
  const pages = await (await ana.get(`/v1/tasks/${id}/events?limit=200`)).json();
  expect(pages).toEqual({ items: commits.map(({ data }) => data), after: commits.length });
  expect(await (await ana.get(`/v1/tasks/${id}/replay`)).json()).toEqual({
    commits: commits.length,
    equal: true,
  });
});

test("what was committed is in the audit log, which verifies here and wherever it was exported to", async () => {
  const { id } = await ana.create("fan-desk");
  const view = await ana.until(id, "completed");
  const verify = `/v1/audit/verify?task=${id}`;
  const report = await ana.eventually<{ state: string }>(verify, ({ state }) => state === "intact");
  expect(report).toMatchObject({ verified: { seq: view.seq, hash: view.hash } });

  const response = await ana.get(`/v1/audit?task=${id}`, { accept: "application/x-ndjson" });
  const exported = new TextDecoder().decode(await response.arrayBuffer());
  const lines = exported
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as CommitRow & { end?: boolean });
  expect(lines.at(-1)).toEqual({ end: true, rows: view.seq });
  const chain = verifyChain(sha256, { tenant: "acme", task: id }, lines.slice(0, -1), view);
  expect(chain).toMatchObject({ state: "intact" });

  const looked = await (
    await ana.get(`/v1/audit?task=${id}&tool=look&limit=500`)
  ).json<{ items: { seq: number }[] }>();
  const settled = await (
    await ana.get(`/v1/audit?task=${id}&tool=look&event=callSettled&limit=500`)
  ).json<{ items: { seq: number }[] }>();
  expect(looked.items.length).toBeGreaterThan(settled.items.length);
  expect(settled.items.length).toBeGreaterThan(0);
  const { items } = await ana.eventually<{ items: { id: string; status: string }[] }>(
    "/v1/tasks?agent=fan-desk&status=completed",
    (list) => list.items.length > 0,
  );
  expect(items.map((item) => item.id)).toContain(id);
});

test("a reader that comes back with the id of its last event misses nothing and sees nothing twice", async () => {
  const { id } = await ana.create("inline-desk");
  const first = await ana.stream(id);
  const seen = await first.until((event) => event.id === 2);
  await first.close();
  const second = await ana.stream(id, 2);
  const rest = await second.until(opensApproval);
  const ids = [...seen, ...rest].map((event) => event.id);
  expect(ids).toEqual(ids.map((_id, n) => n + 1));
  await second.close();
});

test("an object with a connected reader is evicted, and the reader gets the next event", async () => {
  const { id } = await ana.create("inline-desk");
  const reader = await ana.stream(id);
  const before = await reader.until(opensApproval);
  await evictDurableObject(exports.TaskObject.getByName(`acme/${id}`));
  await ana.post(`/v1/tasks/${id}/cancel`, { reason: "changed my mind" });
  const next = await reader.next();
  expect(next?.id).toBe(before.length + 1);
  expect(JSON.stringify(next?.data)).toContain("taskCanceled");
  expect((await reader.until(() => false)).at(-1)?.event).toBe("end");
});

test("who waits for a task's end gets it, though its object is evicted meanwhile", async () => {
  const { id } = await ana.create("inline-desk");
  await ana.until(id, "waiting_approval");
  const waited = ana.get(`/v1/tasks/${id}`, { prefer: "wait=30" });
  const stub = exports.TaskObject.getByName(`acme/${id}`);
  const waiters = () => runInDurableObject(stub, (_object, state) => state.getWebSockets().length);
  await vi.waitFor(async () => expect(await waiters()).toBe(1));
  await evictDurableObject(stub);
  await ana.post(`/v1/tasks/${id}/cancel`, { reason: "changed my mind" });
  expect(await (await waited).json()).toMatchObject({ id, status: "canceled" });
  const again = await ana.get(`/v1/tasks/${id}`, { prefer: "wait=30" });
  expect(await again.json()).toMatchObject({ id, status: "canceled" });
});

test("ending a task closes its approvals: the link is worth nothing any more", async () => {
  const { id } = await ana.create("inline-desk");
  const waiting = await ana.until(id, "waiting_approval");
  const path = await linkFor(waiting.openApprovals[0] ?? "");
  await ana.post(`/v1/tasks/${id}/cancel`);
  expect(await (await ana.post(path, { decision: "approve" })).json()).toMatchObject({
    status: 409,
    code: "approval_closed",
  });
  expect(await (await ana.get(path, { accept: "text/html" })).text()).toContain("no longer open");
  expect(paid(id)).toBe(0);
});

test("an approver whose right is taken away can answer neither with a key nor by a link that was issued before", async () => {
  const deputy = await Client.of("acme", "deputy", ["tasks:read", "approvals:decide"]);
  const { id } = await ana.create("inline-desk");
  const waiting = await ana.until(id, "waiting_approval");
  const [approval = ""] = waiting.openApprovals;
  const path = await linkFor(approval);
  const notTheirs = await deputy.post(`/v1/approvals/${approval}/decision`, { decision: "approve" });
  expect(await notTheirs.json()).toMatchObject({ status: 403, code: "forbidden" });

  // The key is known to the isolate for up to thirty seconds; rights at the gate are read fresh all the same.
  expect((await boss.get("/v1/approvals")).status).toBe(200);
  const { sql, params } = revokeKey("acme", boss.keyId, Date.now());
  await env.DB.prepare(sql)
    .bind(...params)
    .run();
  expect(
    await (await boss.post(`/v1/approvals/${approval}/decision`, { decision: "approve" })).json(),
  ).toMatchObject({ status: 403 });
  expect(await (await boss.post(path, { decision: "approve" })).json()).toMatchObject({ status: 403 });
  expect(paid(id)).toBe(0);

  boss = await Client.of("acme", "boss", ["approvals:decide"]);
  const answered = await boss.post(`/v1/approvals/${approval}/decision`, { decision: "deny" });
  expect(await answered.json()).toMatchObject({
    state: "denied",
    answer: { by: "boss", assurance: "signedIn" },
  });
});

test("another tenant's task is like a missing one, and looking for it leaves nothing behind", async () => {
  const { id } = await ana.create("inline-desk");
  const missing = `tsk_${"0".repeat(32)}`;
  const trace = { traceparent: `00-${"ab".repeat(16)}-${"cd".repeat(8)}-01` };
  for (const path of ["", "/events", "/checkpoints", "/replay"]) {
    const tell = async (task: string) => {
      const response = await stranger.get(`/v1/tasks/${task}${path}`, trace);
      return [response.status, await response.text()];
    };
    expect(await tell(id)).toEqual(await tell(missing));
  }
  expect((await stranger.post(`/v1/tasks/${id}/cancel`)).status).toBe(404);
  expect((await stranger.get(`/v1/tasks/${id}/events`, { accept: "text/event-stream" })).status).toBe(404);
  expect((await stranger.get(`/v1/audit/verify?task=${id}`)).status).toBe(404);
  expect(await (await stranger.get(`/v1/audit?task=${id}`)).json()).toEqual({ items: [] });
  const tables = await runInDurableObject(exports.TaskObject.getByName(`other/${id}`), (_object, state) =>
    state.storage.sql
      .exec("SELECT name FROM sqlite_schema WHERE name NOT LIKE '\\_cf%' ESCAPE '\\'")
      .toArray(),
  );
  expect(tables).toEqual([]);
  await ana.until(id, "waiting_approval");
});

test("one idempotency key makes one task, however often and however closely it is sent", async () => {
  const body = { agent: "inline-desk", input: { text: "Once." } };
  const headers = { "idempotency-key": "only-once" };
  const responses = await Promise.all(
    Array.from({ length: 5 }, async () => await ana.post("/v1/tasks", body, headers)),
  );
  const ids = await Promise.all(
    responses.map(async (response) => (await response.json<{ id: string }>()).id),
  );
  expect(new Set(ids).size).toBe(1);
  expect(responses.filter((response) => response.headers.has("idempotent-replayed"))).toHaveLength(4);
  const other = await ana.post("/v1/tasks", { ...body, interactive: true }, headers);
  expect(await other.json()).toMatchObject({ status: 422, code: "idempotency_conflict" });
});

test("a task is paused between turns and goes on", async () => {
  const { id } = await ana.create("inline-desk");
  await ana.until(id, "waiting_approval");
  expect(await (await ana.post(`/v1/tasks/${id}/pause`)).json()).toMatchObject({ paused: true });
  expect(await (await ana.post(`/v1/tasks/${id}/resume`)).json()).toMatchObject({ paused: false });
  expect(await (await ana.post(`/v1/tasks/${id}/resume`)).json()).toMatchObject({
    status: 409,
    code: "task_not_resumable",
  });
});

test("a tenant's cap holds, and what it made before is still found under its key", async () => {
  const small = await Client.of("small", "sam");
  await env.DB.prepare("INSERT INTO tenants (tenant, live_tasks_max) VALUES ('small', 1)").run();
  const body = { agent: "inline-desk", input: { text: "One." } };
  const first = await small.post("/v1/tasks", body, { "idempotency-key": "first" });
  const { id } = await first.json<{ id: string }>();
  expect(await (await small.post("/v1/tasks", body)).json()).toMatchObject({
    status: 429,
    code: "tenant_cap_reached",
  });
  expect(await (await small.post("/v1/tasks", body, { "idempotency-key": "first" })).json()).toMatchObject({
    id,
  });
  await small.post(`/v1/tasks/${id}/cancel`);
  await small.until(id, "canceled");
});

test("where jurisdictions cannot be had, a task that asks for one is not made elsewhere", async () => {
  const response = await ana.post("/v1/tasks", {
    agent: "inline-desk",
    input: { text: "In Europe." },
    jurisdiction: "eu",
  });
  expect(await response.json()).toMatchObject({ status: 503, code: "unavailable" });
});

test("a body that is too large is refused while it is read", async () => {
  const response = await ana.post("/v1/tasks", {
    agent: "inline-desk",
    input: { text: "x".repeat(1_100_000) },
  });
  expect(await response.json()).toMatchObject({ status: 413, code: "payload_too_large" });
});

test("the form of the page works as a browser sends it", async () => {
  const { id } = await ana.create("inline-desk");
  const waiting = await ana.until(id, "waiting_approval");
  const path = await linkFor(waiting.openApprovals[0] ?? "");
  const body = new URLSearchParams({ comment: "", decision: "deny" });
  const response = await exports.default.fetch(`http://api.test${path}`, {
    method: "POST",
    headers: FORM,
    body: body.toString(),
  });
  expect([response.status, await response.text()]).toEqual([200, expect.stringContaining("<h1>Denied</h1>")]);
  await ana.until(id, "completed");
  expect(paid(id)).toBe(0);
});
