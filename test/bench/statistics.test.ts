import { expect, test } from "vitest";
import { line, median, quantile, ratioOf, sum } from "./statistics.ts";

test("a quantile is a sample, found by nearest rank, in whatever order samples came", () => {
  const samples = [9, 1, 5, 3, 7];
  expect([quantile(samples, 0.5), quantile(samples, 0.99), quantile(samples, 0)]).toEqual([5, 9, 1]);
  expect(median([4, 2])).toBe(2);
  expect(quantile([], 0.5)).toBeNaN();
});

test("a ratio is taken within each round, not between averages", () => {
  // Round two was slow for both: the ratio there is the same.
  expect(ratioOf([20, 200, 30], [10, 100, 10])).toEqual({ median: 2, min: 2, max: 3 });
});

test("two points tell what a unit costs and what is fixed", () => {
  expect(line({ x: 11, y: 32 }, { x: 31, y: 72 })).toEqual({ perUnit: 2, fixed: 10 });
});

test("a sum of nothing is nothing", () => {
  expect([sum([]), sum([1, 2])]).toEqual([0, 3]);
});
