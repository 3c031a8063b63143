import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ModelReply } from "../../src/contracts/model.ts";
import type { ModelProvider } from "../../src/model-ports.ts";
import { requestOf } from "../models/ask.ts";
import { OK, guarded } from "./guarded.ts";
import { modelSaying } from "./guarded-calls.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = new AbortController().signal;

test("calls of a model ask for what they may use at most, and give back what they did not", async () => {
  const { doors, guards } = guarded({ rates: { openai: { tokensPerMinute: 50_000 } } });
  const usage = { inputTokens: 90, outputTokens: 10, cachedInputTokens: 0, cacheWriteTokens: 0 };
  const model = guards.models(
    modelSaying(() => ({ ...OK, usage })),
    "object",
  );
  await model.complete(requestOf("openai"), never);
  expect(doors.asked[0]).toBe("leave rate/openai");
  expect(doors.asked[1]).toMatch(/^back 0 9\d\d rate\/openai$/);
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

test("a call that found no place leaves its rate to others", async () => {
  const { guards } = guarded({
    concurrency: { providers: { openai: 1 } },
    rates: { openai: { requestsPerMinute: 3 } },
  });
  const first = Promise.withResolvers<ModelReply>();
  const slow: ModelProvider = { complete: () => first.promise };
  const model = modelSaying(() => OK);
  const ask = (of = model as ModelProvider) =>
    guards.models(of, "consumer").complete(requestOf("openai"), never);
  const out = ask(slow);
  for (let i = 0; i < 5; i++) expect(await ask()).toMatchObject({ failure: { code: "turned_away" } });
  first.resolve(OK);
  await out;
  await ask();
  await ask();
  expect(model.asked).toBe(2);
});

test("what a provider refused too late for its caller is not given back to it", async () => {
  const { doors, guards } = guarded({ rates: { openai: { tokensPerMinute: 1 } } });
  const model = modelSaying(() => OK);
  await guards.models(model, "object").complete(requestOf("openai"), never);
  doors.lateMs = 4_000;
  const late = guards.models(model, "object").complete(requestOf("openai"), never);
  await vi.advanceTimersByTimeAsync(5_000);
  await late;
  expect(doors.asked.filter((what) => what.startsWith("back"))).toEqual([]);
});

test("what a provider granted too late counts for the call that left meanwhile, and for no call that never did", async () => {
  const terms = {
    rates: { openai: { requestsPerMinute: 2, tokensPerMinute: 50_000 } },
    concurrency: { tenant: 1 },
  };
  const { doors, guards } = guarded(terms);
  const usage = { inputTokens: 90, outputTokens: 10, cachedInputTokens: 0, cacheWriteTokens: 0 };
  const first = Promise.withResolvers<ModelReply>();
  const slow: ModelProvider = { complete: () => first.promise };
  doors.lateMs = 1_000;
  doors.rateLateMs = 4_000;
  const out = guards.models(slow, "consumer").complete(requestOf("openai"), never);
  await vi.advanceTimersByTimeAsync(2_500);
  const away = guards.models(slow, "consumer").complete(requestOf("openai"), never);
  await vi.advanceTimersByTimeAsync(2_000);
  first.resolve({ ...OK, usage });
  await out;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(await away).toMatchObject({ failure: { code: "turned_away" } });
  expect(doors.asked.filter((what) => what.startsWith("back"))).toEqual([
    expect.stringMatching(/^back 0 9\d\d rate\/openai$/),
    expect.stringMatching(/^back 1 10\d\d rate\/openai$/),
  ]);
});

test("what an isolate hears itself does not hide what others were told for longer", async () => {
  const { doors, guards } = guarded();
  const model = modelSaying(() => OK);
  await doors.limiter("rate/openai/test-model").learnBlock(60_000);
  guards.told(requestOf("openai").model, 100, null);
  await vi.advanceTimersByTimeAsync(200);
  const reply = await guards.models(model, "object").complete(requestOf("openai"), never);
  expect(reply).toMatchObject({ failure: { code: "turned_away", retryAfterMs: 59_800 } });
});

test("what a provider told with a good reply keeps a queued call away, and lets the object's own wait for it", async () => {
  const { doors, guards } = guarded();
  guards.told(requestOf("openai").model, 800, null);
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
