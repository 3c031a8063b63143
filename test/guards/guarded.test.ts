import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { shardOf } from "../../src/guards/shard.ts";
import { timeIsOver } from "../../src/until-aborted.ts";
import { requestOf } from "../models/ask.ts";
import { OK, guarded } from "./guarded.ts";
import { callOf, guardedTool, modelSaying } from "./guarded-calls.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = new AbortController().signal;

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

test("a call whose time ends before its guards let it in never left, and leaves what it got after all", async () => {
  const { doors, tools, bench } = guarded({ concurrency: { tools: { ship: 1 }, tenant: 1 } });
  doors.lateMs = 1_000;
  const call = tools.execute(callOf(guardedTool(), "c1"), AbortSignal.abort(timeIsOver()));
  expect(await call).toMatchObject({ kind: "turnedAway", error: { code: "unavailable", retryable: true } });
  await vi.advanceTimersByTimeAsync(2_000);
  expect(bench.done).toEqual([]);
  expect(doors.asked.filter((what) => what.startsWith("give back"))).toHaveLength(2);
});

test("a call asks the same shard of a guard each time that it comes, and calls spread over all of them", async () => {
  const shardsOf = async (...ids: readonly string[]) => {
    const asked = ids.map(async (id) => {
      const { doors, tools, through } = guarded({ concurrency: { tools: { ship: 800 } } });
      await through(tools.execute(callOf(guardedTool(), id), never));
      return doors.asked[0];
    });
    return new Set(await Promise.all(asked)).size;
  };
  expect(await shardsOf(...Array.from({ length: 10 }, () => "c1"))).toBe(1);
  expect(await shardsOf(...Array.from({ length: 60 }, (_, i) => `t${i}.5.0`))).toBe(4);
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
