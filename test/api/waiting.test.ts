import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { KEY_CACHE_MS_MAX } from "../../src/api/auth.ts";
import type { Scope } from "../../src/contracts/access.ts";
import { TASK, viewOf } from "./fixtures.ts";
import { World } from "./world.ts";

const PATH = `/v1/tasks/${TASK}`;
const ended = viewOf({ task: TASK, principal: "mia" }, { status: "completed", answer: "the end" });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Begins to wait, and comes back once the task's socket is being listened to. */
async function waiting(world: World, prefer: string, scopes?: readonly Scope[]) {
  const of = { headers: { prefer }, ...(scopes === undefined ? {} : { key: world.key(scopes) }) };
  const response = world.call("GET", PATH, of);
  await vi.waitFor(() => expect(world.task(TASK).socket.accepted).toBe(true));
  return { response, socket: world.task(TASK).socket };
}

test("who waits gets the task as it is at its end", async () => {
  const world = new World();
  const { response, socket } = await waiting(world, "wait=30");
  socket.tell("message", { data: JSON.stringify(ended) });
  const reply = await response;
  expect(reply.headers.get("preference-applied")).toBe("wait=30");
  expect(await reply.json()).toMatchObject({ status: "completed", answer: "the end" });
  expect(world.task(TASK).asked).toEqual(["endAtWork", "fetch https://task/end"]);
  expect([socket.closedWith, vi.getTimerCount()]).toEqual([1000, 0]);
});

test("who waits without content:read does not see what was said", async () => {
  const { response, socket } = await waiting(new World(), "wait=30", ["tasks:read"]);
  socket.tell("message", { data: JSON.stringify(ended) });
  const view: object = await (await response).json();
  expect(view).toMatchObject({ status: "completed" });
  expect(view).not.toHaveProperty("answer");
});

test("when the wait is over, the task is shown as it is", async () => {
  const world = new World();
  const { response, socket } = await waiting(world, "wait=2");
  await vi.advanceTimersByTimeAsync(1_500);
  expect(socket.closedWith).toBeNull();
  await vi.advanceTimersByTimeAsync(500);
  expect(await (await response).json()).toMatchObject({ id: TASK, status: "running" });
  expect(world.task(TASK).asked).toEqual(["endAtWork", "fetch https://task/end", "view"]);
});

test("a task at work is asked itself, and no socket is opened", async () => {
  const world = new World();
  world.task(TASK).atWork = async () => JSON.stringify(ended);
  const reply = await world.call("GET", PATH, { headers: { prefer: "wait=30" } });
  expect(await reply.json()).toMatchObject({ status: "completed", answer: "the end" });
  expect(world.task(TASK).asked).toEqual(["endAtWork"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("a task that works on for longer than the wait is shown as it is", async () => {
  const world = new World();
  world.task(TASK).atWork = () => new Promise(() => undefined);
  const reply = world.call("GET", PATH, { headers: { prefer: "wait=2" } });
  await vi.advanceTimersByTimeAsync(2_000);
  expect(await (await reply).json()).toMatchObject({ id: TASK, status: "running" });
  expect(world.task(TASK).asked).toEqual(["endAtWork", "view"]);
});

test.each(["close", "error"] as const)("when the socket breaks (%s), the task is asked", async (how) => {
  const { response, socket } = await waiting(new World(), "wait=30");
  socket.tell(how, { code: 1006 });
  expect((await response).status).toBe(200);
});

test("no one waits longer than a minute", async () => {
  const { response, socket } = await waiting(new World(), "respond-async, wait=86400");
  socket.tell("message", { data: JSON.stringify(ended) });
  expect((await response).headers.get("preference-applied")).toBe("wait=60");
});

test.each(["", "wait", "wait=soon", "waiting=5", "wait=0", "respond-async"])(
  "a preference that asks for no wait (%j) is none",
  async (prefer) => {
    const world = new World();
    const reply = await world.call("GET", PATH, { headers: { prefer } });
    expect([reply.status, reply.headers.get("preference-applied")]).toEqual([200, null]);
    expect(world.task(TASK).asked).toEqual(["view"]);
  },
);

test("a task that does not exist is not waited for", async () => {
  const world = new World();
  world.task(TASK).current = null;
  expect((await world.call("GET", PATH, { headers: { prefer: "wait=5" } })).status).toBe(404);
});

test("a task that cannot be watched now is said to be unavailable", async () => {
  const world = new World();
  world.task(TASK).fetch = async () => ({ status: 500, webSocket: null });
  expect((await world.call("GET", PATH, { headers: { prefer: "wait=5" } })).status).toBe(503);
});

test.each<[string, object, number]>([
  ["was revoked", { revokedAtMs: 1 }, 401],
  ["may read no tasks any more", { scopes: ["audit:read"] }, 403],
])("who waits with a key that meanwhile %s sees nothing", async (_what, change, status) => {
  const world = new World();
  const { response, socket } = await waiting(world, "wait=30");
  for (const [hash, record] of world.keys) world.keys.set(hash, { ...record, ...change });
  world.nowMs += KEY_CACHE_MS_MAX;
  socket.tell("message", { data: JSON.stringify(ended) });
  expect((await response).status).toBe(status);
});
