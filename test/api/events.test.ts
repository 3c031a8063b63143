import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { KEY_CACHE_MS_MAX } from "../../src/api/auth.ts";
import { BEHIND_BYTES_MAX, HEARTBEAT_MS, PARTIALS_BEHIND_BYTES_MAX } from "../../src/api/stream-bridge.ts";
import type { Scope } from "../../src/contracts/access.ts";
import { T0, TASK, commit } from "./fixtures.ts";
import { World } from "./world.ts";

const EVENTS = `/v1/tasks/${TASK}/events`;
const SSE = { accept: "text/event-stream" };

const commits = [1, 2, 3].map((seq) =>
  commit(seq, { command: { type: "start" }, events: [{ type: "taskCompleted", answer: `secret ${seq}` }] }),
);
const shown = (seq: number, answer: object) => ({
  seq,
  at: new Date(T0 + seq).toISOString(),
  rules: 1,
  digest: commits[seq - 1]?.digest,
  hash: commits[seq - 1]?.hash,
  command: { type: "start" },
  events: [{ type: "taskCompleted", ...answer }],
});

test("events come page by page to who does not ask for a stream", async () => {
  const world = new World();
  world.task(TASK).rows = commits;
  const first = await (await world.call("GET", `${EVENTS}?limit=2`)).json();
  expect(first).toEqual({
    items: [shown(1, { answer: "secret 1" }), shown(2, { answer: "secret 2" })],
    after: 2,
  });
  const second = await (await world.call("GET", `${EVENTS}?after=2`)).json();
  expect(second).toEqual({ items: [shown(3, { answer: "secret 3" })], after: 3 });
  expect(await (await world.call("GET", `${EVENTS}?after=3`)).json()).toEqual({ items: [], after: 3 });
});

test("without content:read, what was said is left out", async () => {
  const world = new World();
  world.task(TASK).rows = commits;
  const page = await (
    await world.call("GET", `${EVENTS}?after=2`, { key: world.key(["tasks:read"]) })
  ).json();
  expect(page).toEqual({ items: [shown(3, {})], after: 3 });
});

test("a commit that cannot be read is shown as nothing, with its hash", async () => {
  const world = new World();
  world.task(TASK).rows = [
    commit(1, "not json"),
    commit(2, { other: 1 }),
    commit(3, { command: null, events: [7, {}] }),
  ];
  const page = await (await world.call("GET", EVENTS)).json<{ items: object[] }>();
  expect(page.items).toMatchObject([
    { seq: 1, command: null, events: [] },
    { seq: 2, command: null, events: [] },
    { seq: 3, command: null, events: [7, {}] },
  ]);
  const checkpoints = await (
    await world.call("GET", `/v1/tasks/${TASK}/checkpoints`)
  ).json<{ items: object[] }>();
  expect(checkpoints.items).toMatchObject([
    {},
    {},
    { command: "unreadable", events: ["unreadable", "unreadable"] },
  ]);
});

test("every commit is a checkpoint, told by what happened in it", async () => {
  const world = new World();
  world.task(TASK).rows = commits;
  const page = await (
    await world.call("GET", `/v1/tasks/${TASK}/checkpoints?limit=1`, { key: world.key(["tasks:read"]) })
  ).json();
  const { seq, at, rules, hash } = shown(1, {});
  const checkpoint = { seq, at, rules, hash, command: "start", events: ["taskCompleted"] };
  expect(page).toEqual({ items: [checkpoint], after: 1 });
});

test("a replay is reported; why it differs only to who may see content", async () => {
  const world = new World();
  const report = async (scopes: readonly Scope[]) =>
    await (await world.call("GET", `/v1/tasks/${TASK}/replay`, { key: world.key(scopes) })).json();
  expect(await report(["tasks:read"])).toEqual({ commits: 3, equal: false, firstDifference: { seq: 2 } });
  expect(await report(["tasks:read", "content:read"])).toMatchObject({
    firstDifference: { reason: "said: the customer's secret" },
  });
  world.task(TASK).replay = async () => ({ commits: 3, equal: true });
  expect(await report(["tasks:read"])).toEqual({ commits: 3, equal: true });
});

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
});
afterEach(() => {
  vi.useRealTimers();
});

async function follow(
  world: World,
  of: { path?: string; scopes?: readonly Scope[]; headers?: Record<string, string> } = {},
) {
  const key = world.key(of.scopes);
  const response = await world.call("GET", of.path ?? EVENTS, { key, headers: { ...SSE, ...of.headers } });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  return { response, reader, socket: world.task(TASK).socket, key };
}

type Following = Awaited<ReturnType<typeof follow>>;

/** What has arrived when the stream ends. */
async function rest({ reader }: Following): Promise<string> {
  let text = "";
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done) return text;
    text += value ?? "";
  }
}

async function next({ reader }: Following): Promise<string | undefined> {
  return (await reader?.read())?.value;
}

test("a stream carries each commit with its seq as id, then says that the task has ended", async () => {
  const world = new World();
  const following = await follow(world);
  expect(following.response.headers.get("content-type")).toBe("text/event-stream");
  expect(following.socket.accepted).toBe(true);
  for (const row of commits.slice(0, 2)) following.socket.commit(row);
  following.socket.tell("close", { code: 1000 });
  const expected = [1, 2].map(
    (seq) =>
      `id: ${seq}\nevent: commit\ndata: ${JSON.stringify(shown(seq, { answer: `secret ${seq}` }))}\n\n`,
  );
  expect(await rest(following)).toBe(`retry: 1000\n\n${expected.join("")}event: end\ndata: {}\n\n`);
  expect(vi.getTimerCount()).toBe(0);
});

test("text that streams carries no id, and goes only to who may see content", async () => {
  for (const scopes of [["tasks:read", "content:read"], ["tasks:read"]] as const) {
    const world = new World();
    const following = await follow(world, { scopes });
    following.socket.tell("message", { data: JSON.stringify({ partial: "Dear\nMia" }) });
    following.socket.commit(commits[0] ?? commit(1, {}));
    following.socket.tell("close", { code: 1000 });
    const text = await rest(following);
    expect(text.includes('event: partial\ndata: {"text":"Dear\\nMia"}\n\n')).toBe(scopes.length === 2);
    expect(text.includes("secret 1")).toBe(scopes.length === 2);
    expect(text).toContain("id: 1\nevent: commit");
  }
});

test.each<[string, string, Record<string, string>, number]>([
  ["from the start", EVENTS, {}, 0],
  ["behind `after`", `${EVENTS}?after=7`, {}, 7],
  ["behind Last-Event-ID, which is newer than the address", `${EVENTS}?after=7`, { "last-event-id": "9" }, 9],
])("a stream goes on %s", async (_where, path, headers, from) => {
  const world = new World();
  await follow(world, { path, headers });
  expect(world.task(TASK).asked).toEqual([`fetch https://task/events?from=${from}`]);
});

test.each(["-1", "x", "1.5", "1e999"])("the Last-Event-ID %s is refused", async (id) => {
  const world = new World();
  const response = await world.call("GET", EVENTS, { headers: { ...SSE, "last-event-id": id } });
  expect(await response.json()).toMatchObject({ status: 400, code: "invalid_input" });
  expect(world.hops).toEqual([]);
});

test("a socket that breaks ends the stream without saying that the task has ended", async () => {
  for (const [event, detail] of [
    ["close", { code: 1006 }],
    ["error", {}],
    ["message", { data: '{"seq":"?"}' }],
    ["message", { data: "nonsense" }],
  ] as const) {
    const following = await follow(new World());
    following.socket.tell(event, detail);
    expect(await rest(following)).toBe("retry: 1000\n\n");
    expect(vi.getTimerCount()).toBe(0);
  }
});

test("an object that does not take a reader makes the stream unavailable", async () => {
  const world = new World();
  world.task(TASK).fetch = async () => ({ status: 500, webSocket: null });
  const response = await world.call("GET", EVENTS, { headers: SSE });
  expect(await response.json()).toMatchObject({ status: 503, code: "unavailable" });
});

test("a reader that goes hangs up", async () => {
  const following = await follow(new World());
  await following.reader?.cancel();
  expect(following.socket.closedWith).toBe(1000);
  expect(vi.getTimerCount()).toBe(0);
  following.socket.commit(commits[0] ?? commit(1, {}));
});

test("a stream that is quiet shows every fifteen seconds that it is alive", async () => {
  const following = await follow(new World());
  expect(await next(following)).toBe("retry: 1000\n\n");
  await vi.advanceTimersByTimeAsync(HEARTBEAT_MS);
  expect(await next(following)).toBe(": still here\n\n");
});

test("a stream ends when its reader's key is revoked, and shows less when it may see less", async () => {
  const world = new World();
  const following = await follow(world);
  const change = (scopes: readonly Scope[], revokedAtMs: number | null) => {
    for (const [hash, record] of world.keys) world.keys.set(hash, { ...record, scopes, revokedAtMs });
    world.nowMs += KEY_CACHE_MS_MAX;
  };
  change(["tasks:read"], null);
  await vi.advanceTimersByTimeAsync(HEARTBEAT_MS);
  following.socket.commit(commits[0] ?? commit(1, {}));
  change(["tasks:read"], world.nowMs);
  await vi.advanceTimersByTimeAsync(HEARTBEAT_MS);
  const text = await rest(following);
  expect(text).toContain("id: 1\n");
  expect(text).not.toContain("secret");
  expect(following.socket.closedWith).toBe(1000);
});

test("a stream ends when it cannot be told whether its reader may still read", async () => {
  const world = new World();
  const following = await follow(world);
  world.keysFail = true;
  world.nowMs += KEY_CACHE_MS_MAX;
  await vi.advanceTimersByTimeAsync(HEARTBEAT_MS);
  expect(await rest(following)).toBe("retry: 1000\n\n: still here\n\n");
});

test("a reader that falls behind gets no partial text; far behind, its stream ends and it comes back for the rest", async () => {
  const following = await follow(new World());
  const { socket } = following;
  const large = commit(1, {
    command: { type: "start" },
    events: [{ type: "x", text: "x".repeat(PARTIALS_BEHIND_BYTES_MAX) }],
  });
  socket.commit(large);
  socket.tell("message", { data: '{"partial":"too late"}' });
  let sent = 1;
  while (socket.closedWith === null) {
    sent += 1;
    socket.commit({ ...large, seq: sent });
  }
  expect(sent * PARTIALS_BEHIND_BYTES_MAX).toBeLessThan(BEHIND_BYTES_MAX + 2 * PARTIALS_BEHIND_BYTES_MAX);
  const text = await rest(following);
  expect(text).not.toContain("too late");
  expect(text).not.toContain("event: end");
  expect(text.match(/^id: /gm)).toHaveLength(sent);
});
