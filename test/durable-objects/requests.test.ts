import { expect, test } from "vitest";
import { modelRequest } from "../../durable-objects/requests.ts";
import { PAIR } from "../core/fixtures/route.ts";
import { breaks } from "../core/fixtures/said.ts";
import { thinking } from "../core/fixtures/states.ts";
import type { TaskUnderTest } from "../core/fixtures/task-under-test.ts";

const keyOf = (task: TaskUnderTest) => modelRequest(task.state, task.model).idempotencyKey;

test("an attempt that a crash took from sight is asked for under the same key, and one that failed under a new one", () => {
  const task = thinking();
  const first = keyOf(task);
  task.restarts();
  expect(task.model.attempt).toBe(2);
  expect(keyOf(task)).toBe(first);
  task.replies(breaks("overloaded"));
  task.timer();
  expect(keyOf(task)).not.toBe(first);
});

test("another model of the route is asked under another key, and one that had no place under the same", () => {
  const task = thinking({ route: PAIR });
  const first = keyOf(task);
  task.replies(breaks("turned_away"));
  expect(task.model.choice).toMatchObject({ candidate: 1 });
  expect(keyOf(task)).not.toBe(first);

  const full = thinking();
  const never = keyOf(full);
  full.replies(breaks("turned_away"));
  full.timer();
  expect([keyOf(full), modelRequest(full.state, full.model).turnedAway]).toEqual([never, 1]);
});
