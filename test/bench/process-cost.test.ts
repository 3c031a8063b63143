import { expect, test } from "vitest";
import { cpuMsFromPs, cpuMsOf, peakRssMbOf } from "./process-cost.ts";

test("CPU time grows by what a process works, and not by what it waits", () => {
  const beforeMs = cpuMsOf(process.pid);
  const startedMs = performance.now();
  let spins = 0;
  while (performance.now() - startedMs < 200) spins += 1;
  const usedMs = cpuMsOf(process.pid) - beforeMs;
  expect(spins).toBeGreaterThan(0);
  expect(usedMs).toBeGreaterThan(50);
  expect(usedMs).toBeLessThan(2_000);
});

test.each([
  ["00:01:02", 62_000],
  ["1-00:00:01", 86_401_000],
  ["0:01.25", 1_250],
])("ps's time %s is %d ms", (time, ms) => {
  expect(cpuMsFromPs(time)).toBe(ms);
});

test("peak memory is in megabytes", () => {
  expect(peakRssMbOf(process.pid)).toBeGreaterThan(20);
  expect(peakRssMbOf(process.pid)).toBeLessThan(4_000);
});
