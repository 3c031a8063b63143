import { expect, test } from "vitest";
import type { PlatformUse } from "./cost.ts";
import { usdPerMillionTasks } from "./cost.ts";

const nothing: PlatformUse = {
  objectRequests: 0,
  objectActiveMs: 0,
  rowsWritten: 0,
  rowsRead: 0,
  d1RowsWritten: 0,
  d1RowsRead: 0,
  queueOperations: 0,
  workerRequests: 0,
  cpuMs: 0,
};

test("what uses nothing costs nothing", () => {
  expect(usdPerMillionTasks(nothing).total).toBe(0);
});

test.each([
  ["objectRequests", 1, 0.15],
  ["rowsWritten", 1, 1],
  ["rowsRead", 1_000, 1],
  ["d1RowsWritten", 1, 1],
  ["d1RowsRead", 1_000, 1],
  ["workerRequests", 1, 0.3],
  ["cpuMs", 50, 1],
  // One message: a write, a read and a delete.
  ["queueOperations", 3, 1.2],
  // The price list's own example: an object active for a whole 30-day month is 331,776 GB-s.
  ["objectActiveMs", 30 * 86_400_000, 331_776 * 12.5],
] as const)("%s: %d a task cost USD %d a million tasks", (what, perTask, usd) => {
  expect(usdPerMillionTasks({ ...nothing, [what]: perTask }).total).toBeCloseTo(usd, 6);
});

test("an object that waits for eleven replies of 15 s each costs about USD 264 in waiting alone", () => {
  expect(usdPerMillionTasks({ ...nothing, objectActiveMs: 11 * 15_000 }).parts.objectGbS).toBeCloseTo(264, 6);
});

test("the total is the sum of its parts", () => {
  const cost = usdPerMillionTasks({
    ...nothing,
    rowsWritten: 30,
    objectRequests: 4,
    cpuMs: 13,
    d1RowsWritten: 31,
  });
  expect(cost.parts).toMatchObject({ rowsWritten: 30, d1RowsWritten: 31 });
  expect(cost.total).toBeCloseTo(30 + 0.6 + 0.26 + 31, 9);
});
