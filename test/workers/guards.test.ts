import { evictDurableObject } from "cloudflare:test";
import { env, exports, waitUntil } from "cloudflare:workers";
import { expect, test } from "vitest";
import { createCountersign } from "../../src/countersign.ts";
import type { MutexAnswer } from "../../src/guards/doors.ts";
import { groundOf, guardDoors } from "../../src/guards/bindings.ts";
import { Guards } from "../../src/guards/guarded.ts";
import type { GuardTerms } from "../../src/guards/terms.ts";
import { DefinitionError } from "../../src/tools/terms.ts";
import { Workbench, callOf, guardedTool, modelSaying, sleep } from "../guards/guarded-calls.ts";
import { requestOf } from "../models/ask.ts";

const doors = guardDoors(env);
const never = new AbortController().signal;

/** As another isolate would have it: guards with nothing in memory. */
function isolate(terms: GuardTerms = {}): Guards {
  return new Guards(terms, doors, groundOf(waitUntil));
}

function fenceOf(answer: MutexAnswer): number {
  if (!answer.taken) throw new Error("not taken");
  return answer.fence;
}

test("calls of several isolates never pass a bulkhead together, and all get through", async () => {
  const tool = guardedTool({ name: "narrow", concurrency: 3 });
  const bench = new Workbench(() => sleep(10));
  const [one, two] = [isolate().tools(bench, "object"), isolate().tools(bench, "object")];
  const calls = Array.from({ length: 30 }, (_, i) =>
    (i % 2 === 0 ? one : two).execute(callOf(tool, `c${i}`), never),
  );
  const results = await Promise.all(calls);
  expect(results.map(({ kind }) => kind)).toEqual(results.map(() => "done"));
  expect(bench.atWorkMost).toBeLessThanOrEqual(3);
  expect(bench.atWorkMost).toBeGreaterThan(1);
});

test("who waits too long is turned away with a time, and the tool never hears of it", async () => {
  const tool = guardedTool({ name: "stuck", concurrency: 1, timeoutMs: 1_000 });
  const release = Promise.withResolvers<void>();
  const bench = new Workbench(() => release.promise);
  const first = isolate().tools(bench, "object").execute(callOf(tool, "c1"), never);
  await expect.poll(() => bench.atWork).toBe(1);
  const second = await isolate().tools(bench, "object").execute(callOf(tool, "c2"), never);
  expect(second).toMatchObject({ kind: "turnedAway", error: { code: "rate_limited", retryable: true } });
  expect(second.kind === "turnedAway" && second.error.retryAfterMs).toBeGreaterThanOrEqual(100);
  release.resolve();
  expect((await first).kind).toBe("done");
  expect(bench.done.map(({ context }) => context.id)).toEqual(["c1"]);
});

test("the place of a holder who is lost is free again when its lease ends", async () => {
  const door = doors.limiter("tool/lost");
  const terms = { max: 1, waitMsMax: 8_000 };
  const asked = { id: "c1", tenant: "acme", turnedAway: 0 };
  expect(await door.takePlace({ ...asked, seat: "s1" }, terms)).toMatchObject({ given: true });
  const beganMs = Date.now();
  expect(await door.takePlace({ ...asked, seat: "s2" }, terms)).toMatchObject({ given: true });
  expect(Date.now() - beganMs).toBeGreaterThan(4_500);
});

test("a mutex is one call's at a time, its fences only grow, and a restart takes neither back", async () => {
  const stub = exports.MutexObject.getByName("acme/order-7");
  const door = doors.mutex("acme", "order-7");
  const of = { leaseMs: 60_000, waitMs: 0 };
  expect(fenceOf(await door.take("c1", of))).toBe(1);
  expect(await door.take("c2", of)).toMatchObject({ taken: false });
  await evictDurableObject(stub);
  expect(await doors.mutex("acme", "order-7").take("c2", of)).toMatchObject({ taken: false });
  await doors.mutex("acme", "order-7").release(1);
  await evictDurableObject(stub);
  expect(fenceOf(await doors.mutex("acme", "order-7").take("c2", of))).toBe(2);
});

test("a lost holder's lease ends, who waits gets the resource, and the late holder can give nothing back", async () => {
  const door = doors.mutex("acme", "order-8");
  const late = fenceOf(await door.take("c1", { leaseMs: 100, waitMs: 0 }));
  const fence = fenceOf(await door.take("c2", { leaseMs: 60_000, waitMs: 2_000 }));
  expect(fence).toBeGreaterThan(late);
  await door.release(late);
  expect(await door.take("c3", { leaseMs: 1_000, waitMs: 0 })).toMatchObject({ taken: false });
});

test("those who wait for a mutex get it in the order in which they came", async () => {
  const door = doors.mutex("acme", "order-9");
  const first = fenceOf(await door.take("c0", { leaseMs: 60_000, waitMs: 0 }));
  const order: string[] = [];
  const waiting = ["c1", "c2", "c3"].map(async (call) => {
    const fence = fenceOf(await door.take(call, { leaseMs: 60_000, waitMs: 5_000 }));
    order.push(call);
    await door.release(fence);
  });
  await sleep(20);
  await door.release(first);
  await Promise.all(waiting);
  expect(order).toEqual(["c1", "c2", "c3"]);
});

test("calls with overlapping resources, asked for in any order, are never at one together, and none is stuck", async () => {
  const pairs = [
    ["a", "b"],
    ["b", "a"],
    ["b", "c"],
    ["c", "a"],
  ] as const;
  const tool = guardedTool({
    name: "transfer",
    exclusive: [
      { resource: "account", key: "/from", as: "from" },
      { resource: "account", key: "/to", as: "to" },
    ],
  });
  const busy = new Set<string>();
  const clashes: string[] = [];
  const bench = new Workbench(async ({ args }) => {
    const accounts = Object.values(args ?? {}).map(String);
    clashes.push(...accounts.filter((account) => busy.has(account)));
    for (const account of accounts) busy.add(account);
    await sleep(5);
    for (const account of accounts) busy.delete(account);
  });
  const calls = Array.from({ length: 24 }, (_, i) => {
    const [from, to] = pairs[i % pairs.length] ?? ["a", "b"];
    return isolate()
      .tools(bench, "object")
      .execute(callOf(tool, `t${i}`, { args: { from, to } }), never);
  });
  const results = await Promise.all(calls);
  expect(results.map(({ kind }) => kind)).toEqual(results.map(() => "done"));
  expect(clashes).toEqual([]);
  const fences = bench.done.map(({ context }) => context.fences);
  expect(fences.every((fence) => fence?.["from"] !== undefined && fence["to"] !== undefined)).toBe(true);
});

test("what a provider told one isolate, all others heed within two seconds", async () => {
  const request = requestOf("openai");
  const busy = modelSaying(() => ({
    stop: "failed",
    failure: { code: "rate_limited", message: "Slow down.", retryable: true, retryAfterMs: 60_000 },
  }));
  const well = modelSaying(() => ({
    stop: "failed",
    failure: { code: "malformed", message: "", retryable: true },
  }));
  const other = isolate().models(well, "object");
  await other.complete(request, never);
  const beganMs = Date.now();
  await isolate().models(busy, "object").complete(request, never);
  const turnedAway = async () => {
    const reply = await other.complete(request, never);
    return reply.stop === "failed" && reply.failure.code === "turned_away" ? reply.failure : null;
  };
  await expect.poll(turnedAway, { timeout: 5_000, interval: 50 }).not.toBeNull();
  expect(Date.now() - beganMs).toBeLessThan(2_000);
  expect((await turnedAway())?.retryAfterMs).toBeGreaterThan(50_000);
  const asked = well.asked;
  await isolate().models(well, "object").complete(request, never);
  expect(well.asked).toBe(asked);
});

test("while one tenant floods a tool, the p95 of another's calls stays within twice what it is alone", async () => {
  const tool = guardedTool({ name: "shared", concurrency: 10 });
  let calls = 0;
  // Those of the flood do not all end at the same time.
  const bench = new Workbench(({ context }) =>
    sleep(context.tenant === "quiet" ? 100 : 40 + ((calls++ * 13) % 100)),
  );
  const p95 = async (): Promise<number> => {
    const took: number[] = [];
    const tools = isolate().tools(bench, "object");
    for (let i = 0; i < 25; i++) {
      const beganMs = Date.now();
      const { kind } = await tools.execute(callOf(tool, `q${i}`, { tenant: "quiet" }), never);
      expect(kind).toBe("done");
      took.push(Date.now() - beganMs);
    }
    return took.toSorted((a, b) => a - b)[23] ?? Infinity;
  };
  const alone = await p95();
  let floods = true;
  const flood = Array.from({ length: 60 }, async (_, n) => {
    const tools = isolate().tools(bench, "object");
    for (let i = 0; floods; i++) await tools.execute(callOf(tool, `f${n}.${i}`, { tenant: "flood" }), never);
  });
  await sleep(100);
  const beside = await p95();
  floods = false;
  await Promise.all(flood);
  expect(bench.atWorkMost).toBeLessThanOrEqual(10);
  expect(beside, `${alone} ms alone`).toBeLessThanOrEqual(2 * alone);
  expect(bench.done.filter(({ context }) => context.tenant === "flood").length).toBeGreaterThan(60);
});

test("a Worker whose guards nobody could get past does not start", () => {
  expect(() => createCountersign({ agents: [], concurrency: { tools: { ship: 0 } } })).toThrow(
    DefinitionError,
  );
  expect(() => createCountersign({ agents: [], concurrency: { tools: { ship: 1 } } })).not.toThrow();
});
