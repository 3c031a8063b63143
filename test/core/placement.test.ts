import { describe, expect, test } from "vitest";
import type { Placement } from "../../src/contracts/agent.ts";
import {
  INLINE_CALLS_MAX,
  INLINE_WAIT_MS_MAX,
  laneOf,
  placeCall,
  placeModelCall,
  recordLatency,
} from "../../src/core/placement.ts";
import { orderOf } from "./fixtures/order.ts";

const agentPlacing = (placement: Placement | "auto") => orderOf({ placement }).agent;

describe("where a model call runs", () => {
  test.each([
    ["auto", false, undefined, false, "queued"],
    ["auto", false, INLINE_WAIT_MS_MAX, false, "inline"],
    ["auto", false, INLINE_WAIT_MS_MAX + 1, false, "queued"],
    ["auto", true, 60_000, false, "inline"],
    ["inline", false, 60_000, false, "inline"],
    ["queued", false, 1, false, "queued"],
    ["queued", true, undefined, false, "inline"],
    ["queued", false, undefined, true, "inline"],
  ] as const)("agent %s, someone waiting: %s, latency %s ms, in the background: %s: %s", (...row) => {
    const [placement, interactive, latencyMs, background, where] = row;
    const terms = { interactive, latencyMs, background };
    expect(placeModelCall(agentPlacing(placement), terms)).toBe(where);
  });
});

describe("where the calls of a turn run", () => {
  test.each([
    ["auto", undefined, 1, "inline"],
    ["auto", INLINE_WAIT_MS_MAX, INLINE_CALLS_MAX, "inline"],
    ["auto", INLINE_WAIT_MS_MAX + 1, 1, "queued"],
    ["auto", 1, INLINE_CALLS_MAX + 1, "queued"],
    ["inline", 60_000, 50, "inline"],
    ["queued", 1, 1, "queued"],
  ] as const)("agent %s, latency %s ms, one of %i: %s", (placement, latencyMs, among, where) => {
    expect(placeCall(agentPlacing(placement), latencyMs, among)).toBe(where);
  });
});

test("a slow call has a queue of its own", () => {
  expect([laneOf(undefined), laneOf(INLINE_WAIT_MS_MAX), laneOf(INLINE_WAIT_MS_MAX + 1)]).toEqual([
    "fast",
    "fast",
    "slow",
  ]);
});

test("a latency is smoothed: one outlier moves it by a quarter", () => {
  expect(recordLatency(undefined, 900)).toBe(900);
  expect(recordLatency(100, 900)).toBe(300);
  expect(recordLatency(300, 1)).toBe(225);
});
