import { describe, expect, test } from "vitest";
import { allEnded, cancelCall, openSampleServer, RUN } from "./sample-server.ts";

const keyed = { "idempotency-key": "call-1" };

describe("what is no call", () => {
  interface Post {
    readonly path: string;
    readonly body: string;
    readonly headers?: Readonly<Record<string, string>>;
  }

  async function refusalOf(origin: string, { path, body, headers = keyed }: Post): Promise<number> {
    const response = await fetch(`${origin}/${path}`, { method: "POST", headers, body });
    expect(await response.text()).toMatch(/^\{"error":".+"\}$/);
    return response.status;
  }

  test.each([
    { why: "has no key", tool: "think", body: '{"thought":"Hm."}', headers: {}, status: 400 },
    { why: "is not JSON", tool: "think", body: '{"thought":', status: 400 },
    { why: "is not an object", tool: "think", body: '["Hm."]', status: 400 },
    {
      why: "is too large",
      tool: "think",
      body: JSON.stringify({ thought: "x".repeat(70_000) }),
      status: 413,
    },
    { why: "names no tool", tool: "refund_everything", body: "{}", status: 404 },
    { why: "lacks an argument", tool: "think", body: "{}", status: 422 },
    { why: "has an argument of another type", tool: "think", body: '{"thought":7}', status: 422 },
  ])("because it $why is answered so, and noted", async ({ tool, status, ...post }) => {
    await using shop = await openSampleServer();
    expect(await refusalOf(shop.origin, { path: `${RUN}/${tool}`, ...post })).toBe(status);
    const arrivals = await shop.arrivalsWhen(allEnded);
    expect(arrivals).toMatchObject([{ tool, status, fate: "answered" }]);
    expect((await shop.arrivals(RUN)).calls.every((call) => call.applied === 0)).toBe(true);
  });

  test.each(["%E0%A4%A/think", "a/b/c", "", "_/arrivals", "_/runs//changed"])(
    "because it is for /%s is nowhere",
    async (path) => {
      await using shop = await openSampleServer();
      expect([400, 404]).toContain(await refusalOf(shop.origin, { path, body: "{}" }));
    },
  );

  test("leaves its key free for the call", async () => {
    await using shop = await openSampleServer();
    await refusalOf(shop.origin, { path: `${RUN}/cancel_pending_order`, body: "{" });
    expect(await shop.call(cancelCall)).toMatchObject({ status: 200 });
    const { arrivals } = await shop.arrivals(RUN);
    expect(arrivals[1]).toMatchObject({ duplicate: true, afterSettlement: false });
  });
});

describe("in bad weather", () => {
  test("a refused call is not applied, and its key stays free", async () => {
    await using shop = await openSampleServer();
    await shop.setWeather({ refuseRate: 1 });
    expect(await shop.call(cancelCall)).toMatchObject({ status: 503 });
    expect(await shop.changed(RUN)).toEqual({});
    await shop.setWeather({});
    expect(await shop.call(cancelCall)).toMatchObject({ status: 200 });
    const { arrivals, calls } = await shop.arrivals(RUN);
    expect(arrivals[0]).toMatchObject({ fate: "refused", status: 503, respondedAt: null });
    expect(arrivals[1]).toMatchObject({ duplicate: true, afterSettlement: false });
    expect(calls).toMatchObject([{ applied: 1 }]);
  });

  test("a dropped call is applied, and its sender cannot know", async () => {
    await using shop = await openSampleServer();
    await shop.setWeather({ dropRate: 1 });
    await expect(shop.call(cancelCall)).rejects.toThrow("fetch failed");
    expect(Object.keys(await shop.changed(RUN))).toEqual(["orders", "users"]);
    await shop.setWeather({});
    expect(await shop.call(cancelCall)).toMatchObject({ status: 200 });
    const arrivals = await shop.arrivalsWhen(allEnded);
    expect(arrivals.map((arrival) => [arrival.fate, arrival.afterSettlement])).toEqual([
      ["dropped", false],
      ["answered", false],
    ]);
    expect((await shop.arrivals(RUN)).calls).toMatchObject([{ applied: 1 }]);
  });

  test("a call is carried out only after its delay", async () => {
    await using shop = await openSampleServer();
    await shop.setWeather({ delayMs: 300 });
    const startedAt = performance.now();
    const delayed = shop.call(cancelCall);
    await shop.arrivalsWhen((seen) => seen[0]?.argsDigest !== null && seen.length === 1);
    expect(await shop.changed(RUN)).toEqual({});
    expect(await delayed).toMatchObject({ status: 200 });
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(299);
  });

  test("one seed does the same to the same arrivals, and another something else", async () => {
    const keys = Array.from({ length: 40 }, (_, index) => `call-${index}`);
    const fatesUnder = async (seed: number, order: readonly string[]): Promise<readonly unknown[]> => {
      await using shop = await openSampleServer();
      await shop.setWeather({ seed, refuseRate: 0.3, dropRate: 0.3 });
      const think = { run: RUN, tool: "think", args: { thought: "Hm." } };
      await Promise.allSettled(order.map((key) => shop.call({ ...think, key })));
      const arrivals = await shop.arrivalsWhen((seen) => seen.length === keys.length && allEnded(seen));
      return keys.map((key) => arrivals.find((arrival) => arrival.key === key)?.fate);
    };
    const fates = await fatesUnder(1, keys);
    expect(new Set(fates)).toEqual(new Set(["answered", "refused", "dropped"]));
    expect(await fatesUnder(1, keys.toReversed())).toEqual(fates);
    expect(await fatesUnder(2, keys)).not.toEqual(fates);
  });

  test("a patient sender gets through, and its call is applied once", async () => {
    await using shop = await openSampleServer();
    await shop.setWeather({ seed: 3, refuseRate: 0.5, dropRate: 0.4 });
    const attempt = (): Promise<number> =>
      shop.call(cancelCall).then(
        (done) => done.status,
        () => 0,
      );
    let status = 0;
    for (let attempts = 0; attempts < 200 && status !== 200; attempts += 1) status = await attempt();
    expect(status).toBe(200);
    const { calls } = await shop.arrivals(RUN);
    expect(calls).toMatchObject([{ applied: 1 }]);
    expect(calls[0]?.arrivals).toBeGreaterThan(1);
  });

  test.each([{ refuseRate: 2 }, { refuseRate: 0.6, dropRate: 0.6 }, { delayMs: -1 }, { rain: true }])(
    "%j is no weather",
    async (weather) => {
      await using shop = await openSampleServer();
      const response = await fetch(`${shop.origin}/_/weather`, {
        method: "POST",
        body: JSON.stringify(weather),
      });
      expect(response.status).toBe(400);
      expect(await shop.call(cancelCall)).toMatchObject({ status: 200 });
    },
  );
});
