import { afterEach, beforeEach, expect, test, vi } from "vitest";
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
const LITTLE = { left: 2_000, whole: 150_000, resetMs: 60_000 };

function requestFor(tokens: number, tenant = "acme") {
  const request = requestOf("openai");
  return { ...request, tenant, model: { ...request.model, maxOutputTokens: tokens } };
}

test("a prompt that the rest of a rate is too little for stays here until there is enough, and keeps away no other", async () => {
  const { guards } = guarded();
  const model = modelSaying(() => OK);
  const ask = (tokens: number, tenant?: string) =>
    guards.models(model, "consumer").complete(requestFor(tokens, tenant), never);
  guards.told(requestFor(1).model, 0, LITTLE);
  const reply = await ask(100_000);
  expect(reply).toMatchObject({ failure: { code: "turned_away", retryable: true } });
  const { retryAfterMs = 0 } = reply.stop === "failed" ? reply.failure : {};
  expect(retryAfterMs).toBeGreaterThan(39_000);
  expect(retryAfterMs).toBeLessThan(40_500);
  expect(model.asked).toBe(0);
  await ask(500, "globex");
  expect(model.asked).toBe(1);
  await vi.advanceTimersByTimeAsync(retryAfterMs);
  await ask(100_000);
  expect(model.asked).toBe(2);
});

test("a prompt larger than the whole of a rate is its provider's to refuse", async () => {
  const { guards } = guarded();
  const model = modelSaying(() => OK);
  guards.told(requestFor(1).model, 0, LITTLE);
  await guards.models(model, "consumer").complete(requestFor(200_000), never);
  expect(model.asked).toBe(1);
});

test("what is left of a rate is each model's own, and the last word on it counts", async () => {
  const { guards } = guarded({ rates: { openai: { requestsPerMinute: 100 } } });
  const model = modelSaying(() => OK);
  const large = requestFor(100_000);
  const other = { ...large, model: { ...large.model, model: "another" } };
  guards.told(large.model, 0, LITTLE);
  await guards.models(model, "consumer").complete(other, never);
  expect(model.asked).toBe(1);
  guards.told(large.model, 0, { ...LITTLE, left: 149_000 });
  await guards.models(model, "consumer").complete(large, never);
  expect(model.asked).toBe(2);
});

test("an object's own call waits for the little that is missing", async () => {
  const { guards } = guarded();
  const model = modelSaying(() => OK);
  guards.told(requestFor(1).model, 0, { left: 70_000, whole: 150_000, resetMs: 20_000 });
  const waits = guards.models(model, "object").complete(requestFor(72_000), never);
  await vi.advanceTimersByTimeAsync(300);
  expect(model.asked).toBe(0);
  await vi.advanceTimersByTimeAsync(500);
  await waits;
  expect(model.asked).toBe(1);
});
