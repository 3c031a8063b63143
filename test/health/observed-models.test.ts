import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ModelFailureCode, ModelReply, ModelRequest } from "../../src/contracts/model.ts";
import type { Observation } from "../../src/core/health.ts";
import { type HealthView, UNSEEN, told as askedOf } from "../../src/core/model-health.ts";
import { HealthBoard } from "../../src/health/health-board.ts";
import { observedModels } from "../../src/health/observed-models.ts";
import type { ModelProvider } from "../../src/model-ports.ts";
import { MODEL } from "../core/fixtures/order.ts";
import { breaks, ends } from "../core/fixtures/said.ts";

const CLOCK = { nowMs: () => Date.now() };
const REQUEST: ModelRequest = {
  model: MODEL,
  id: "c1",
  attempt: 1,
  instructions: "",
  messages: [],
  tools: [],
  traceparent: "00-0",
  tenant: "acme",
  task: "t1",
  idempotencyKey: "t1.1.0.0",
  agent: "desk",
};

let told: Observation[];
beforeEach(() => {
  vi.useFakeTimers();
  told = [];
});
afterEach(() => void vi.useRealTimers());

/** What one call tells of the model, when it answers after so long. */
async function observed(
  reply: ModelReply,
  afterMs: number,
  of: { routed?: boolean; streams?: boolean } = {},
): Promise<void> {
  const { routed = true, streams = false } = of;
  const answer = Promise.withResolvers<ModelReply>();
  let says: ((text: string) => void) | undefined;
  const models: ModelProvider = {
    complete: (_request, _signal, onText) => {
      says = onText;
      return answer.promise;
    },
  };
  const report = async (seen: readonly Observation[]): Promise<HealthView> => {
    told.push(...seen);
    return askedOf(UNSEEN, false, Date.now()).view;
  };
  const board = new HealthBoard(() => ({ report }), CLOCK);
  const objectives = new Map(routed ? [["scripted/script", 700]] : []);
  const watched = observedModels(models, { board, clock: CLOCK, objectives });
  const asked = watched.complete(
    REQUEST,
    new AbortController().signal,
    streams ? () => undefined : undefined,
  );
  await vi.advanceTimersByTimeAsync(40);
  for (const text of ["a", "b"]) says?.(text);
  await vi.advanceTimersByTimeAsync(afterMs - 40);
  answer.resolve(reply);
  expect(await asked).toEqual(reply);
  expect(vi.getTimerCount()).toBe(0);
}

test("a reply tells how long it took, and when its first text came", async () => {
  await observed(ends("Done."), 300, { streams: true });
  expect(told).toMatchObject([{ latencyMs: 300, firstMs: 40, objectiveMs: 700 }]);
  expect(told[0]).not.toHaveProperty("fault");
});

test("a call that takes too long tells so while it is out, and its latency at its end", async () => {
  await observed(ends("Done."), 3_500);
  expect(told).toMatchObject([
    { latencyMs: 2_000, about: "late" },
    { latencyMs: 3_500, about: "counted" },
  ]);
});

test.each<[ModelFailureCode, string | undefined]>([
  ["overloaded", "overloaded"],
  ["unavailable", "unavailable"],
  ["timeout", "timeout"],
  ["malformed", "malformed"],
  ["unauthorized", "refused"],
  ["quota_exhausted", "refused"],
])("%s is a fault", async (code, fault) => {
  await observed(breaks(code), 100);
  expect(told).toMatchObject([{ fault }]);
});

test.each<ModelFailureCode>([
  "rate_limited",
  "aborted",
  "cut_off",
  "invalid_request",
  "context_too_long",
  "interrupted",
])("%s says nothing of the provider's health", async (code) => {
  await observed(breaks(code), 100);
  expect(told).toEqual([]);
});

test("a model that no route chooses is not watched", async () => {
  await observed(breaks("overloaded"), 3_000, { routed: false });
  expect(told).toEqual([]);
});

test("a call that is left behind is not watched any more", async () => {
  const board = new HealthBoard(() => ({ report: () => Promise.reject(new Error("out of reach")) }), CLOCK);
  const objectives = new Map([["scripted/script", 700]]);
  const endless: ModelProvider = { complete: () => new Promise(() => undefined) };
  const left = new AbortController();
  void observedModels(endless, { board, clock: CLOCK, objectives }).complete(REQUEST, left.signal);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(vi.getTimerCount()).toBe(1);
  left.abort();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(vi.getTimerCount()).toBe(0);
});
