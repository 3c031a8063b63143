import { expect, test } from "vitest";
import { placeAgainAtMs } from "../../../src/core/retry.ts";
import { ABSENT, BUSY, DONE, FULL, LOST, breaks, ends } from "../fixtures/said.ts";
import { acting, thinking } from "../fixtures/states.ts";
import type { TaskUnderTest } from "../fixtures/task-under-test.ts";
import { RETRY } from "../fixtures/tools.ts";

const GOES_AGAIN = "callReadied callJudged callIntended";

function triesAgain(task: TaskUnderTest): string {
  return `${task.timer()} ${task.readsRights()}`;
}

/** How often in a row a guard may have no place, until the call is told so. */
function turnsAway(task: TaskUnderTest, tool: string): number {
  for (let times = 0; ; times++) {
    if (task.settles(tool, FULL) !== "callRetryScheduled") return times;
    triesAgain(task);
  }
}

test("a call that found no place asks for one again, no sooner than it was told to", () => {
  const task = acting(["findCustomer"]);
  const { id } = task.call("find_customer");
  expect(task.settles("find_customer", FULL)).toBe("callRetryScheduled");
  const { progress } = task.call("find_customer");
  expect(progress.at === "retrying" && progress.atMs - task.nowMs).toBe(700);
  expect(triesAgain(task)).toBe(GOES_AGAIN);
  expect(task.call("find_customer")).toMatchObject({ id, attempt: 2, tries: 0, turnedAway: 1 });
});

test("contention uses up none of the tries that its policy allows", () => {
  const task = acting(["findCustomer"]);
  for (let i = 0; i < RETRY.attemptsMax * 3; i++) {
    task.settles("find_customer", FULL);
    triesAgain(task);
  }
  for (let i = 1; i < RETRY.attemptsMax; i++) {
    expect(task.settles("find_customer", BUSY)).toBe("callRetryScheduled");
    expect(task.call("find_customer")).toMatchObject({ tries: i, turnedAway: 0 });
    triesAgain(task);
  }
  expect(task.settles("find_customer", BUSY)).toBe("callSettled turnEnded modelCallIntended");
});

test("a call that finds no place for a quarter of an hour is told so", () => {
  const task = acting(["findCustomer"]);
  const beganMs = task.nowMs;
  expect(turnsAway(task, "find_customer")).toBe(39);
  expect(task.nowMs - beganMs).toBeGreaterThan(900_000 / 2);
  const settled = task.state.turns.at(-1)?.calls[0]?.progress;
  expect(settled?.at === "settled" && settled.outcome).toMatchObject({ error: { code: "rate_limited" } });
});

test("a write in doubt that found no place is as much in doubt as before (E2)", () => {
  const task = acting(["addNote"]).also((one) => one.settles("add_note", LOST));
  triesAgain(task);
  expect(task.settles("add_note", FULL)).toBe("callRetryScheduled");
  expect(task.call("add_note")).toMatchObject({ inDoubt: true, tries: 1 });
  triesAgain(task);
  task.settles("add_note", DONE);
});

test("a write in doubt that never finds a place goes the way of an unknown outcome (E2)", () => {
  const task = acting(["addNote"]).also((one) => one.settles("add_note", LOST));
  triesAgain(task);
  turnsAway(task, "add_note");
  expect(task.call("add_note")).toMatchObject({ inDoubt: true, progress: { at: "held", about: "resend" } });
  expect(task.openApprovals).toMatchObject([{ question: { kind: "resend" } }]);
});

test("a write that was read back as absent and finds no place was not made", () => {
  const task = acting(["setAddress"]).also((one) => one.settles("set_address", LOST, { latencyMs: 10_000 }));
  task.findsBack("set_address", ABSENT);
  triesAgain(task);
  expect(task.settles("set_address", FULL)).toBe("callRetryScheduled");
  expect(task.call("set_address").inDoubt).toBe(false);
});

test("after the end of its task, a call that never left settles so, and one in doubt stays unknown", () => {
  const plain = acting(["addNote"]).also((one) => one.cancel());
  expect(plain.settles("add_note", FULL)).toBe("callSettled");
  const doubtful = acting(["addNote"]).also((one) => one.settles("add_note", LOST));
  triesAgain(doubtful);
  doubtful.cancel();
  expect(doubtful.settles("add_note", FULL)).toBe("nothing");
});

test("a model call that found no place costs nothing, and counts towards no policy", () => {
  const task = thinking();
  for (let i = 0; i < 10; i++) {
    expect(task.replies(breaks("turned_away", { retryAfterMs: 900 }))).toBe("modelCallFailed");
    expect(task.model).toMatchObject({ tries: 0, turnedAway: i + 1 });
    task.timer();
  }
  expect(task.state.budget.spent).toMatchObject({ tokens: 0, costMicroUsd: 0, turns: 0 });
  expect(task.replies(ends("Done."))).toBe("modelReplied taskCompleted");
});

test("whoever stands in line asks again ever more seldom, and not for ever", () => {
  const at = (turnedAway: number) => placeAgainAtMs({ id: "a", turnedAway }, 0, undefined);
  expect(at(0)).toBeLessThanOrEqual(500);
  expect(at(20)).toBeGreaterThanOrEqual(15_000);
  expect(at(39)).toBe(null);
});
