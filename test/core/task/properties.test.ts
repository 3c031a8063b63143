import assert from "node:assert/strict";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeBody } from "../../../src/core/task/commit.ts";
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

test("such lives lead to every place that has a name and to no other, and everything that can happen does", () => {
  const places = new Set<string>();
  const events = new Set<string>();
  for (const [order, life] of fc.sample(fc.tuple(orders, happenings), { numRuns: 120, seed: 8 })) {
    const { rows } = lived(order, life);
    for (const { after } of commitsOf(rows)) for (const place of placesOf(after)) places.add(place);
    for (const row of rows) for (const { type } of decodeBody(row).events) events.add(type);
  }
  const named = Object.values(STATES).flatMap((made) => placesOf(made().state));
  expect([...places].sort()).toEqual([...new Set(named)].sort());
  expect(events.size).toBe(EVENTS_THAT_HAPPEN);
}, 60_000);

/** All events but `planRevised`, whose command is to come. */
const EVENTS_THAT_HAPPEN = 33;
