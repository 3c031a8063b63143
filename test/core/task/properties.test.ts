import assert from "node:assert/strict";
import fc from "fast-check";
import { expect, test } from "vitest";
import { commitsOf } from "../fixtures/invariants/commit.ts";
import { placesOf } from "../fixtures/places.ts";
import { STATES } from "../fixtures/states.ts";
import { violations } from "../fixtures/violations.ts";
import { happenings, lived, orders } from "./lives.ts";

const LIVES = Number(process.env["LIVES"] ?? 200);

test("whatever happens to a task, its journal keeps every invariant", () => {
  fc.assert(
    fc.property(orders, happenings, (order, life) => {
      const task = lived(order, life);
      expect(violations(task.rows)).toEqual([]);
      assert.deepStrictEqual(JSON.parse(JSON.stringify(task.state)), task.state, "the state is plain JSON");
    }),
    { numRuns: LIVES },
  );
}, 60_000);

test("such lives lead far, and to no place that has no name", () => {
  const places = new Set<string>();
  const events = new Set<string>();
  for (const [order, life] of fc.sample(fc.tuple(orders, happenings), { numRuns: 100, seed: 1 })) {
    for (const { after, steps } of commitsOf(lived(order, life).rows)) {
      for (const place of placesOf(after)) places.add(place);
      for (const { event } of steps) events.add(event.type);
    }
  }
  const named = new Set(Object.values(STATES).flatMap((made) => placesOf(made().state)));
  expect([...places].filter((place) => !named.has(place))).toEqual([]);
  expect(places.size).toBeGreaterThan(30);
  expect(events.size).toBeGreaterThan(30);
}, 60_000);
