import { expect, test } from "vitest";
import { LIMITED, PLENTY } from "../fixtures/allowance.ts";
import { ABLER, LEAD, STAIRS } from "../fixtures/ladder.ts";
import type { OrderWishes } from "../fixtures/order.ts";
import { breaks } from "../fixtures/said.ts";
import { allowed, thinking } from "../fixtures/states.ts";
import type { TaskUnderTest } from "../fixtures/task-under-test.ts";

const GIVES_UP = breaks("unauthorized", { retryable: false });
const UP_TO_LEAD = "stepFailed stepEscalated approvalOpened modelCallHeld";
const MINUTE_MS = 60_000;

/** A step that went to an abler model for a minute, which is to be tried again in a moment. */
function retrying(wishes: OrderWishes = {}): TaskUnderTest {
  const task = thinking({ route: STAIRS, ladder: [ABLER, LEAD], ...wishes });
  task.replies(GIVES_UP);
  expect(task.replies(breaks("overloaded"))).toBe("modelCallFailed");
  return task;
}

test("an abler model is tried again within its time", () => {
  expect(retrying().timer()).toBe("modelCallIntended");
});

test("an abler model is not tried again by a timer that comes after its time", () => {
  const task = retrying().passes(MINUTE_MS);
  expect(task.timer()).toBe(UP_TO_LEAD);
  expect(task.openApprovals).toMatchObject([{ question: { handOff: { because: "model" } } }]);
});

test("an abler model is not tried again when a pause has outlasted its time", () => {
  const task = retrying().also((one) => one.pause());
  expect(task.passes(MINUTE_MS).resume()).toBe("taskUnpaused");
  expect(task.timer()).toBe(UP_TO_LEAD);
});

test("a step whose last rung is out of time fails as one that had too little", () => {
  const task = retrying({ ladder: [ABLER] }).passes(MINUTE_MS);
  expect(task.timer()).toBe("stepFailed taskFailed");
  expect(task.state.phase).toMatchObject({ end: { error: { code: "timeout" } } });
});

test("an abler model has its first try, however long that waits for funds", () => {
  const task = thinking({ route: STAIRS, ladder: [ABLER, LEAD], allowance: LIMITED });
  task.pause();
  task.replies(GIVES_UP);
  expect(task.resume()).toBe("taskUnpaused stepEscalated modelCallUnfunded");
  allowed(task.passes(2 * MINUTE_MS), {});
  expect(allowed(task, PLENTY)).toBe("allowanceAnswered modelCallIntended");
});
