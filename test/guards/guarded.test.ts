import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ModelReply } from "../../src/contracts/model.ts";
import { Limiter, type LimiterTerms } from "../../src/core/limiter.ts";
import { ProviderRate } from "../../src/core/provider-rate.ts";
import type { MutexDoor, PlacesDoor, RateDoor } from "../../src/guards/doors.ts";
import { type GuardTerms, Guards } from "../../src/guards/guarded.ts";
import { groundOf } from "../../src/guards/bindings.ts";
import { shardOf } from "../../src/guards/shard.ts";
import { requestOf } from "../models/ask.ts";
import { Workbench, callOf, guardedTool, modelSaying, sleep } from "./guarded-calls.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = new AbortController().signal;
const OK: ModelReply = { stop: "failed", failure: { code: "malformed", message: "", retryable: true } };

/** Guards that never let anybody wait, and count who asks. `down`: nobody can reach them. */
class Doors {
  readonly asked: string[] = [];
  readonly terms: LimiterTerms[] = [];
  down: "answers" | "rejects" | "silent" = "answers";
  readonly #limiters = new Map<string, Limiter>();
  readonly #rates = new Map<string, ProviderRate>();
  #fence = 0;

  limiter = (name: string): PlacesDoor & RateDoor => {
    const limiter = this.#limiters.get(name) ?? new Limiter();
    const rate = this.#rates.get(name) ?? new ProviderRate();
    this.#limiters.set(name, limiter);
    this.#rates.set(name, rate);
    const say = <T>(what: string, answer: () => T) => this.#say(`${what} ${name}`, answer);
    return {
      takePlace: (asked, terms) =>
        say("take", () => {
          this.terms.push(terms);
          const seating = limiter.ask(asked, { ...terms, waitMsMax: 0 }, Date.now());
          if (seating === null) throw new Error("nobody waits here");
          return seating;
        }),
      renewPlace: (seat, tenant) => say("renew", () => limiter.renew(seat, tenant, Date.now())),
      givePlaceBack: (seat) => say("give back", () => limiter.giveBack(seat, Date.now())),
      askLeave: (asked, terms) => say("leave", () => rate.ask(asked, terms, Date.now())),
      giveLeaveBack: (tokens) => say(`back ${tokens}`, () => rate.giveBack(tokens)),
      learnBlock: (waitMs) => say("learn", () => rate.learn(waitMs, Date.now())),
      blockedForMs: () => say("look", () => rate.blockedForMs(Date.now())),
    };
  };

  mutex = (): MutexDoor => ({
    take: () => this.#say("mutex", () => ({ taken: true, fence: ++this.#fence })),
    release: () => this.#say("release", () => undefined),
  });

  #say<T>(what: string, answer: () => T): Promise<T> {
    this.asked.push(what);
    if (this.down === "silent") return new Promise(() => undefined);
    return this.down === "rejects" ? Promise.reject(new Error("down")) : Promise.resolve(answer());
  }
}

function guarded(terms: GuardTerms = {}, takesMs = 10) {
  const doors = new Doors();
  const guards = new Guards(
    terms,
    doors,
    groundOf((work) => void work),
  );
  const bench = new Workbench(() => sleep(takesMs));
  const tools = guards.tools(bench, "object");
  const through = async <T>(work: Promise<T>): Promise<T> => {
    await vi.advanceTimersByTimeAsync(takesMs);
    return await work;
  };
  return { doors, guards, bench, tools, through };
}

test("where nothing is declared there is no guard, and nobody is asked", async () => {
  const { doors, guards, tools, through } = guarded();
  await through(tools.execute(callOf(guardedTool(), "c1"), never));
  await guards
    .models(
      modelSaying(() => OK),
      "object",
    )
    .complete(requestOf("scripted"), never);
  expect(doors.asked).toEqual([]);
});

test("a call that nobody hinders asks each of its guards once, and those after it for a while none", async () => {
  const terms = { concurrency: { tools: { ship: 8 }, tenant: 8, agents: { desk: 8 } } };
  const { doors, tools, through } = guarded(terms);
  await through(tools.execute(callOf(guardedTool(), "c1"), never));
  const once = [`take agent/["acme","desk"]`, `take tenant/["acme"]`, "take tool/ship"];
  expect(doors.asked).toEqual(once);
  for (let i = 2; i < 100; i++) await through(tools.execute(callOf(guardedTool(), `c${i}`), never));
  expect(doors.asked).toEqual(once);
  await vi.advanceTimersByTimeAsync(5_000);
  await through(tools.execute(callOf(guardedTool(), "later"), never));
  expect(doors.asked).toHaveLength(6);
});

test("nothing is kept while another call of the isolate is asking", async () => {
  const { doors, tools } = guarded({ concurrency: { tools: { ship: 8 } } });
  const first = tools.execute(callOf(guardedTool(), "c1"), never);
  await vi.advanceTimersByTimeAsync(5);
  doors.down = "silent";
  const second = tools.execute(callOf(guardedTool(), "c2"), never);
  await vi.advanceTimersByTimeAsync(3_600);
  await Promise.all([first, second]);
  expect(doors.asked).toEqual(["take tool/ship", "take tool/ship", "give back tool/ship"]);
});

test("what one tenant keeps serves no other", async () => {
  const { doors, tools, through } = guarded({ concurrency: { tools: { ship: 8 } } });
  await through(tools.execute(callOf(guardedTool(), "c1"), never));
  await through(tools.execute(callOf(guardedTool(), "c2", { tenant: "globex" }), never));
  expect(doors.asked).toEqual(["take tool/ship", "take tool/ship"]);
});

test("a place that is scarce is given back at once, and one that is used for long is renewed", async () => {
  const { doors, tools, through } = guarded({ concurrency: { tools: { ship: 1 } } }, 9_000);
  await through(tools.execute(callOf(guardedTool(), "c1"), never));
  expect(doors.asked).toEqual([
    "take tool/ship",
    "renew tool/ship",
    "renew tool/ship",
    "give back tool/ship",
  ]);
});

test.each(["rejects", "silent"] as const)("a bulkhead that %s lets everybody through", async (down) => {
  const { doors, tools, bench } = guarded({ concurrency: { tools: { ship: 1 } } });
  doors.down = down;
  const call = tools.execute(callOf(guardedTool(), "c1"), never);
  await vi.advanceTimersByTimeAsync(4_000);
  expect((await call).kind).toBe("done");
  expect(bench.done).toHaveLength(1);
});

test.each(["rejects", "silent"] as const)("a mutex that %s lets nobody through", async (down) => {
  const { doors, tools, bench } = guarded();
  doors.down = down;
  const call = tools.execute(callOf(guardedTool({ exclusive: [{ resource: "till" }] }), "c1"), never);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(await call).toMatchObject({
    kind: "turnedAway",
    error: { code: "unavailable", retryable: true, retryAfterMs: 1_000 },
  });
  expect(bench.done).toEqual([]);
});

test("a tool is given the fence of what it has to itself, under its name, and others are told when it is over", async () => {
  const { doors, tools, bench, through } = guarded();
  const exclusive = [
    { resource: "account", key: "/from", as: "from" },
    { resource: "account", key: "/lines/0/to~1a", as: "to" },
  ];
  const args = { from: "x", lines: [{ "to/a": "x" }] };
  await through(tools.execute(callOf(guardedTool({ exclusive }), "c1", { args }), never));
  expect(bench.done[0]?.context.fences).toEqual({ from: 1, to: 1 });
  await through(tools.execute(callOf(guardedTool({ exclusive }), "c2", { args: {} }), never));
  expect(doors.asked).toEqual(["mutex", "release", "mutex", "release"]);
});

test("reading back goes past the guards", async () => {
  const { doors, tools } = guarded({ concurrency: { tools: { ship: 1 } } });
  expect(await tools.readBack(callOf(guardedTool(), "c1"), never)).toEqual({ kind: "absent" });
  expect(doors.asked).toEqual([]);
});

test("calls of a model ask for what they may use at most, and give back what they did not", async () => {
  const { doors, guards } = guarded({ rates: { openai: { tokensPerMinute: 50_000 } } });
  const usage = { inputTokens: 90, outputTokens: 10, cachedInputTokens: 0, cacheWriteTokens: 0 };
  const model = guards.models(
    modelSaying(() => ({ ...OK, usage })),
    "object",
  );
  await model.complete(requestOf("openai"), never);
  expect(doors.asked[0]).toBe("leave rate/openai");
  expect(doors.asked[1]).toMatch(/^back 9\d\d rate\/openai$/);
});

test("a provider with no rate left turns calls away without being asked", async () => {
  const { guards } = guarded({ rates: { "openai/test-model": { requestsPerMinute: 2 } } });
  const model = modelSaying(() => OK);
  const ask = () => guards.models(model, "object").complete(requestOf("openai"), never);
  await ask();
  await ask();
  expect(await ask()).toMatchObject({
    stop: "failed",
    failure: { code: "turned_away", retryable: true, retryAfterMs: 30_000 },
  });
  expect(model.asked).toBe(2);
});

test("a call from a queue waits for no guard, where one of the object's own would", async () => {
  const { doors, guards, bench, tools, through } = guarded({ concurrency: { tools: { ship: 1 } } });
  await through(tools.execute(callOf(guardedTool(), "c1"), never));
  await through(guards.tools(bench, "consumer").execute(callOf(guardedTool(), "c2", { tenant: "b" }), never));
  expect(doors.terms).toEqual([
    { max: 1, waitMsMax: 2_000 },
    { max: 1, waitMsMax: 0 },
  ]);
});

test("what a provider told with a good reply keeps a queued call away, and lets the object's own wait for it", async () => {
  const { doors, guards } = guarded();
  guards.told(requestOf("openai").model, 800);
  expect(doors.asked).toEqual(["learn rate/openai/test-model"]);
  const model = modelSaying(() => OK);
  const reply = await guards.models(model, "consumer").complete(requestOf("openai"), never);
  expect(reply).toMatchObject({ failure: { code: "turned_away", retryAfterMs: 800 } });
  const waits = guards.models(model, "object").complete(requestOf("openai"), never);
  await vi.advanceTimersByTimeAsync(799);
  expect(model.asked).toBe(0);
  await vi.advanceTimersByTimeAsync(1);
  await waits;
  expect(model.asked).toBe(1);
});

test.each([
  [{ openai: 4 }, ["take model/openai/test-model", "take provider/openai"], [2, 4]],
  [{ "openai/test-model": 3 }, ["take model/openai/test-model"], [2]],
  [{ "openai/test-model": 1 }, ["take model/openai/test-model"], [1]],
  [{}, ["take model/openai/test-model"], [2]],
])(
  "a model that says how many calls it bears is given no more, beside what %j says",
  async (providers, asked, max) => {
    const { doors, guards } = guarded({ concurrency: { providers } });
    const request = requestOf("openai");
    const bounded = { ...request, model: { ...request.model, concurrency: 2 } };
    await guards
      .models(
        modelSaying(() => OK),
        "object",
      )
      .complete(bounded, never);
    expect(doors.asked.filter((what) => what.startsWith("take"))).toEqual(asked);
    expect(doors.terms.map((terms) => terms.max)).toEqual(max);
  },
);

test("what a provider said last stands while the guard that shares it cannot be reached", async () => {
  const { doors, guards } = guarded();
  const failure = { code: "rate_limited", message: "", retryable: true, retryAfterMs: 10_000 } as const;
  const model = modelSaying(() => ({ stop: "failed", failure }));
  await guards.models(model, "object").complete(requestOf("openai"), never);
  doors.down = "rejects";
  await vi.advanceTimersByTimeAsync(5_000);
  const reply = await guards.models(model, "object").complete(requestOf("openai"), never);
  expect(reply).toMatchObject({ failure: { code: "turned_away", retryAfterMs: 5_000 } });
  await vi.advanceTimersByTimeAsync(5_000);
  await guards.models(model, "object").complete(requestOf("openai"), never);
  expect(model.asked).toBe(2);
});

test("calls in quick succession wait for no answer about the rate, and ask beside now and then", async () => {
  const { doors, guards } = guarded({ concurrency: { providers: { openai: 4 } } });
  const model = modelSaying(() => OK);
  for (let i = 0; i < 30; i++) {
    await guards.models(model, "object").complete(requestOf("openai"), never);
    await vi.advanceTimersByTimeAsync(100);
  }
  expect(doors.asked.filter((what) => what.startsWith("look")).length).toBeLessThanOrEqual(4);
  expect(doors.asked.filter((what) => what === "take provider/openai")).toHaveLength(1);
  expect(model.asked).toBe(30);
});

test.each([1, 200, 201, 1_000, 1_003])(
  "the shards of a guard with %i places have as many together",
  (max) => {
    const shards = new Map<string, number>();
    for (let i = 0; i < 3_000; i++) {
      const { suffix, max: places } = shardOf(max, `seed ${i}`);
      shards.set(suffix, places);
    }
    expect([...shards.values()].reduce((sum, places) => sum + places, 0)).toBe(max);
    expect(Math.max(...shards.values())).toBeLessThanOrEqual(200);
  },
);
