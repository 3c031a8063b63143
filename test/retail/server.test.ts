import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { startChild } from "../harness/child-process.ts";
import { retailClient } from "./client.ts";
import { findRetailData } from "./data.ts";
import { plainCanonicalJson, sha256 } from "./recorded-json.ts";
import { allEnded, cancelArgs, cancelCall, openSampleServer, RUN } from "./sample-server.ts";
import { sampleShop } from "./sample-shop.ts";
import { retailToolUrl } from "./tools.ts";

describe("a key", () => {
  test("applies once, however often it comes, and always has the same answer", async () => {
    await using shop = await openSampleServer();
    const first = await shop.call(cancelCall);
    expect(first).toMatchObject({ status: 200 });
    const changed = await shop.changed(RUN);
    expect(await shop.call(cancelCall)).toEqual(first);
    expect(await shop.changed(RUN)).toEqual(changed);
    const { calls } = await shop.arrivals(RUN);
    expect(calls).toMatchObject([{ key: "call-1", tool: "cancel_pending_order", arrivals: 2, applied: 1 }]);
  });

  test("keeps a refusal too, though the call would now be taken", async () => {
    await using shop = await openSampleServer();
    const payTwins = {
      run: RUN,
      tool: "modify_pending_order_items",
      args: {
        order_id: "#PENDING_TWINS",
        item_ids: Array(2).fill("mug-white"),
        new_item_ids: ["mug-blue", "mug-gold"],
        payment_method_id: "gift_card_1",
      },
      key: "call-2",
    };
    expect(await shop.call(payTwins)).toMatchObject({ status: 422 });
    const cheaper = { ...payTwins.args, new_item_ids: ["mug-blue", "mug-blue"] };
    expect(await shop.call({ ...payTwins, args: cheaper })).toMatchObject({ status: 409 });
    expect(await shop.call(payTwins)).toMatchObject({ status: 422 });
    const { calls } = await shop.arrivals(RUN);
    expect(calls).toMatchObject([{ key: "call-2", arrivals: 3, applied: 0 }]);
    expect(await shop.changed(RUN)).toEqual({});
  });

  test("with another body is a conflict, and with another tool", async () => {
    await using shop = await openSampleServer();
    await shop.call(cancelCall);
    const other = { ...cancelCall, args: { ...cancelArgs, reason: "ordered by mistake" } };
    expect(await shop.call(other)).toMatchObject({ status: 409 });
    expect(await shop.call({ ...cancelCall, tool: "get_order_details" })).toMatchObject({ status: 409 });
    const order = (await shop.changed(RUN))["orders"]?.["#PENDING_BY_GIFT_CARD"];
    expect(order).toMatchObject({ cancel_reason: "no longer needed" });
  });

  test("with the same arguments in another order is the same call", async () => {
    await using shop = await openSampleServer();
    const first = await shop.call(cancelCall);
    const { order_id, reason } = cancelArgs;
    expect(await shop.call({ ...cancelCall, args: { reason, order_id } })).toEqual(first);
  });
});

test("two runs do not see each other, even under one key", async () => {
  await using shop = await openSampleServer();
  await shop.call(cancelCall);
  expect(await shop.changed("run-2")).toEqual({});
  expect(await shop.call({ ...cancelCall, run: "run-2" })).toMatchObject({ status: 200 });
  expect(await shop.changed("run-2")).toEqual(await shop.changed(RUN));
  const args = { order_id: cancelArgs.order_id };
  const { answer } = await shop.call({ ...cancelCall, run: "run-3", tool: "get_order_details", args });
  const seen: unknown = JSON.parse("result" in answer ? answer.result : "");
  expect(seen).toEqual(sampleShop.orders[args.order_id]);
});

test("a record that was changed and changed back is not a changed one", async () => {
  await using shop = await openSampleServer();
  const before = await shop.sha256(RUN);
  const { address } = sampleShop.users["ben_cole_2"] ?? {};
  const move = (address1: string, key: string) =>
    shop.call({
      run: RUN,
      tool: "modify_user_address",
      args: { user_id: "ben_cole_2", ...address, address1 },
      key,
    });
  await move("9 Hill Street", "call-1");
  expect(Object.keys(await shop.changed(RUN))).toEqual(["users"]);
  expect(await shop.sha256(RUN)).not.toBe(before);
  await move("1 Harbour Road", "call-2");
  expect(await shop.changed(RUN)).toEqual({});
  expect(await shop.sha256(RUN)).toBe(before);
});

test("a run may be named by the task that calls", async () => {
  await using shop = await openSampleServer();
  const post = (tool: string, args: unknown, headers: Record<string, string>) =>
    fetch(retailToolUrl(shop.origin, tool), {
      method: "POST",
      headers: { "idempotency-key": "call-1", ...headers },
      body: JSON.stringify(args),
    });
  const named = await post("cancel_pending_order", cancelArgs, { "x-countersign-task": "task-7" });
  expect(named.status).toBe(200);
  expect(Object.keys(await shop.changed("task-7"))).toEqual(["orders", "users"]);
  expect((await post("think", { thought: "Whose?" }, {})).status).toBe(400);
});

describe("an arrival", () => {
  test("is numbered and noted with all that is known of it", async () => {
    await using shop = await openSampleServer();
    const startedAt = Date.now();
    await shop.call(cancelCall);
    await shop.arrivalsWhen(allEnded);
    await shop.call(cancelCall);
    const [first, second] = await shop.arrivalsWhen((seen) => seen.length === 2 && allEnded(seen));
    expect(first).toMatchObject({
      n: 1,
      run: RUN,
      tool: "cancel_pending_order",
      key: "call-1",
      task: "task-1",
      argsDigest: sha256(plainCanonicalJson(cancelArgs)),
      duplicate: false,
      afterSettlement: false,
      fate: "answered",
      status: 200,
    });
    expect(first?.at).toBeGreaterThanOrEqual(startedAt);
    expect(first?.respondedAt).toBeGreaterThanOrEqual(first?.at ?? Infinity);
    expect(second).toMatchObject({ n: 2, firstAt: first?.at, duplicate: true, afterSettlement: true });
  });

  test("while the first is still out is a duplicate, but not one after settlement", async () => {
    await using shop = await openSampleServer();
    await shop.setWeather({ lateMs: 200 });
    const [first, second] = await Promise.all([shop.call(cancelCall), shop.call(cancelCall)]);
    expect(second).toEqual(first);
    const { arrivals, calls } = await shop.arrivals(RUN);
    expect(arrivals.map((arrival) => [arrival.duplicate, arrival.afterSettlement])).toEqual([
      [false, false],
      [true, false],
    ]);
    expect(calls).toMatchObject([{ arrivals: 2, applied: 1 }]);
  });

  test("whose sender dies before the answer is applied and never called answered", async () => {
    await using shop = await openSampleServer();
    await shop.setWeather({ lateMs: 300 });
    const gone = new AbortController();
    const lost = shop.call(cancelCall, gone.signal).catch((error: unknown) => error);
    await expect.poll(() => shop.changed(RUN), { timeout: 5_000, interval: 5 }).toHaveProperty("orders");
    gone.abort();
    expect(await lost).toMatchObject({ name: "AbortError" });
    const [first] = await shop.arrivalsWhen((seen) => seen[0]?.fate === "hungUp");
    expect(first).toMatchObject({ respondedAt: null, status: null });
    // As late as the first: when this answer is here, the first one's has been tried too.
    expect(await shop.call(cancelCall)).toMatchObject({ status: 200 });
    const { arrivals, calls } = await shop.arrivals(RUN);
    expect(arrivals[0]).toMatchObject({ fate: "hungUp", respondedAt: null });
    expect(arrivals[1]).toMatchObject({ duplicate: true, afterSettlement: false });
    expect(calls).toMatchObject([{ arrivals: 2, applied: 1 }]);
  });

  test("whose sender dies in the middle of the body is noted and not applied", async () => {
    await using shop = await openSampleServer();
    const half = httpRequest(`${shop.origin}/${RUN}/cancel_pending_order`, {
      method: "POST",
      headers: { "idempotency-key": "call-1", "content-length": "100" },
    });
    const failed = once(half, "error");
    half.write('{"order_id":');
    await shop.arrivalsWhen((seen) => seen.length === 1);
    half.destroy(new Error("killed"));
    await failed;
    const [first] = await shop.arrivalsWhen((seen) => seen[0]?.fate === "hungUp");
    expect(first).toMatchObject({ key: "call-1", argsDigest: null, respondedAt: null });
    expect(await shop.changed(RUN)).toEqual({});
  });
});

test("as a process it says its port when it listens, or why it cannot, and ends with its parent", async () => {
  const start = startChild(join(import.meta.dirname, "server.ts"), {
    input: {},
    ready: z.strictObject({ port: z.int().positive() }),
  });
  if (!findRetailData().found) return expect(start).rejects.toThrow("no recorded retail domain");
  const child = await start;
  const theirs = retailClient(child.ready.port);
  expect(await theirs.arrivals()).toEqual({ arrivals: [], calls: [] });
  await child.stop();
  await expect(theirs.arrivals()).rejects.toThrow("fetch failed");
});
