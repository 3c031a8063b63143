import { expect, test } from "vitest";
import { measure } from "./load.ts";
import type { Side } from "./side.ts";

/** A side whose tasks end one turn of the event loop later, and which notes how many live at once. */
function fakeSide(): {
  readonly side: Side;
  readonly seen: { living: number; most: number; started: number };
} {
  const seen = { living: 0, most: 0, started: 0 };
  const side: Side = {
    name: "fake",
    start: async () => {
      seen.started += 1;
      seen.living += 1;
      seen.most = Math.max(seen.most, seen.living);
      return String(seen.started);
    },
    ended: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      seen.living -= 1;
      return 3;
    },
    firstEventMs: async () => 1,
    counters: async () => ({}),
    close: () => {},
  };
  return { side, seen };
}

test("a load starts as many tasks as it says, never more at once than it says, and times each", async () => {
  const { side, seen } = fakeSide();
  const measured = await measure(side, process.pid, { plan: "", tasks: 20, atOnce: 4 });
  expect(seen).toEqual({ living: 0, most: 4, started: 20 });
  expect(measured).toMatchObject({ tasks: 20, commits: 60 });
  expect(measured.latenciesMs).toHaveLength(20);
  expect(Math.min(...measured.latenciesMs)).toBeGreaterThan(0);
  // Four run beside each other, so the rate is at most four over the shortest of them.
  expect(measured.tasksPerS).toBeLessThan(4_000 / Math.min(...measured.latenciesMs));
});

test("a task that did not end well fails the run", async () => {
  const { side } = fakeSide();
  const failing = { ...side, ended: () => Promise.reject(new Error("It ended as failed.")) };
  await expect(measure(failing, process.pid, { plan: "", tasks: 2, atOnce: 1 })).rejects.toThrow(
    "It ended as failed.",
  );
});
