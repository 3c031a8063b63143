import { describe, expect, test } from "vitest";
import { BUSY, HAPPENED, LOST, UNTOLD } from "../fixtures/said.ts";
import { MORE_TIME, acting, outOfTime } from "../fixtures/states.ts";
import type { TaskUnderTest } from "../fixtures/task-under-test.ts";
import { HOUR_MS } from "../fixtures/tools.ts";

const QUEUED = { placement: "queued" } as const;

describe("a write in doubt, when its task failed and is resumed (E2)", () => {
  const resumed = (task: TaskUnderTest): TaskUnderTest =>
    outOfTime(task).also((one) => one.resume(MORE_TIME));

  test.each([
    ["was out", "setAddress", () => acting(["setAddress"]), "taskStarted readBackIntended"],
    ["was out", "sendLetter", () => acting(["sendLetter"]), "taskStarted approvalOpened callHeld"],
    ["was being read back", "setAddress", readingBack, "taskStarted readBackIntended"],
    [
      "was to be read back again",
      "setAddress",
      () => readingBack().also((one) => one.findsBack("set_address", UNTOLD)),
      "taskStarted readBackIntended",
    ],
    ["was out", "addNote", () => acting(["addNote"]), "taskStarted"],
  ])("and %s as %s, is resolved and not just sent again", (_, __, made, told) => {
    const task = resumed(made());
    expect(task.status).toBe("queued");
    expect(task.start()).toBe(told);
  });

  test("needs a new word of a human to be sent again: answers are not inherited", () => {
    const impatient = { limit: { wallMs: HOUR_MS } };
    const task = acting(["sendLetter"], impatient).also((one) => one.settles("send_letter", LOST));
    task.answers("approve");
    expect(task.passes(HOUR_MS).put({ type: "timerFired" })).toBe("limitReached taskFailed");
    task.resume({ limits: { wallMs: 2 * HOUR_MS } });
    expect(task.start()).toBe("taskStarted approvalOpened callHeld");
  });

  test("stays with the consumer that claimed it, until its lease ends", () => {
    const task = resumed(acting(["sendLetter"], QUEUED).also((one) => one.claims()));
    expect(task.call("send_letter").progress.at).toBe("claimed");
    expect(task.put({ type: "timerFired" })).toBe("nothing");
    expect(task.start()).toBe("taskStarted");
    expect(task.timer()).toBe("approvalOpened callHeld");
  });

  test("and is told lost before the start, is resolved at the start", () => {
    const task = resumed(acting(["sendLetter"], QUEUED).also((one) => one.claims()));
    expect(task.settles("send_letter", LOST)).toBe("callReadied");
    expect(task.start()).toBe("taskStarted approvalOpened callHeld");
  });

  test("and is told busy before the start, is tried again after it", () => {
    const task = resumed(acting(["sendLetter"], QUEUED).also((one) => one.claims()));
    expect(task.settles("send_letter", BUSY)).toBe("callRetryScheduled");
    task.start();
    expect(task.timer()).toBe("callReadied");
    expect(task.readsRights()).toBe("callJudged callIntended");
  });

  test("is settled by what its read-back finds after the end", () => {
    const task = outOfTime(readingBack());
    expect(task.findsBack("set_address", HAPPENED)).toBe("callSettled");
    expect(task.status).toBe("failed");
    task.resume(MORE_TIME);
    expect(task.start()).toBe("taskStarted turnEnded modelCallIntended");
  });
});

function readingBack(): TaskUnderTest {
  return acting(["setAddress"]).also((task) => task.settles("set_address", LOST));
}
