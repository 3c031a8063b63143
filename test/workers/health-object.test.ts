import { evictDurableObject } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Observation } from "../../src/core/health.ts";

function failures(count: number): readonly Observation[] {
  return Array.from({ length: count }, () => ({ beganMs: Date.now(), latencyMs: 5, fault: "overloaded" }));
}

test("what isolates have seen of a model is merged, whoever tells it, and of no other", async () => {
  const stub = exports.HealthObject.getByName("openai/a");
  expect(await stub.report(failures(3), false)).toMatchObject({ at: "closed", calls: 3 });
  const view = await stub.report(failures(2), true);
  expect(view).toMatchObject({ at: "open", calls: 5, probe: false, faults: { overloaded: 5 } });
  expect(await exports.HealthObject.getByName("openai/b").report([], true)).toMatchObject({
    at: "closed",
    calls: 0,
  });
});

test("an object that was evicted knows nothing, and what is not known is well", async () => {
  const stub = exports.HealthObject.getByName("openai/c");
  expect(await stub.report(failures(5), false)).toMatchObject({ at: "open" });
  await evictDurableObject(stub);
  expect(await stub.report([], true)).toMatchObject({ at: "closed", calls: 0 });
});
