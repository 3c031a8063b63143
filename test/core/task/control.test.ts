import { describe, expect, test } from "vitest";
import { FNS } from "../fixtures/core-functions.ts";
import { decide } from "../../../src/core/task/decide.ts";
import { isLive } from "../../../src/core/task/state.ts";
import { nextTimerMs } from "../../../src/core/task/timer.ts";
import { LIMIT, T0, orderOf } from "../fixtures/order.ts";
import { DONE, breaks } from "../fixtures/said.ts";
import { STATES, acting, outOfTime, thinking } from "../fixtures/states.ts";
import { TaskUnderTest } from "../fixtures/task-under-test.ts";

const EVERY_STATE = Object.entries(STATES).map(([name, made]) => ({ name, made }));

describe.each(EVERY_STATE)("a task that is $name", ({ made }) => {
  test("can be canceled exactly while it lives, and then leaves nothing open and nothing to do", () => {
    const task = made();
    const { status } = task;
    const told = task.cancel();
    if (status === "canceled") expect(told).toBe("nothing");
    else if (status === "completed" || status === "failed") expect(told).toBe("refused task_ended");
    else {
      expect(told).toMatch(/taskCanceled( allowanceReturned)?$/);
      expect(task.status).toBe("canceled");
      expect(task.openApprovals).toEqual([]);
      const undone = ["endChild", "askAllowance", "dropResponse"];
      expect(task.effects.filter((kind) => !undone.includes(kind))).toEqual([]);
    }
  });

  test("is the same task when it is asked for again, and not another", () => {
    const task = made();
    expect(task.put({ type: "create", order: task.order })).toBe("nothing");
    expect(task.put({ type: "create", order: { ...task.order, bodyHash: "e".repeat(64) } })).toBe(
      "refused idempotency_conflict",
    );
  });

  test("is paused once, and only while it lives", () => {
    const task = made();
    const { paused } = task.state;
    const lives = isLive(task.state);
    const told = task.pause().replace(" allowanceReturned", "");
    expect(told).toBe(lives ? (paused ? "nothing" : "taskPaused") : "refused task_ended");
  });
});

describe("a task that nobody made", () => {
  test("takes no command but to be made", () => {
    const decision = decide(null, { type: "start" }, T0, FNS);
    expect(decision).toMatchObject({ ok: false, refusal: { code: "not_found" } });
    expect(TaskUnderTest.created(orderOf()).status).toBe("queued");
  });
});

describe("a paused task", () => {
  test("lets what is out settle, and rests before the next turn", () => {
    const task = acting(["addNote"]).also((one) => one.pause());
    expect(task.status).toBe("running");
    expect(task.settles("add_note", DONE)).toBe("callSettled turnEnded");
    expect(task.state.phase.kind).toBe("resting");
    expect(task.effects).toEqual([]);
    expect(task.resume()).toBe("taskUnpaused modelCallIntended");
  });

  test("goes on with the turn that it is in", () => {
    const task = thinking().also((one) => one.pause());
    expect(task.resume()).toBe("taskUnpaused");
    expect(task.state.paused).toBe(false);
  });

  test("goes on where it is: it takes no checkpoint and no limits", () => {
    const task = thinking().also((one) => one.pause());
    expect(task.resume({ checkpoint: 1 })).toBe("refused task_not_resumable");
    expect(task.resume({ limits: { turns: 30 } })).toBe("refused task_not_resumable");
  });

  test("can be canceled, and runs out of time as any other", () => {
    expect(
      acting(["addNote"])
        .also((one) => one.pause())
        .cancel(),
    ).toBe("taskCanceled");
    const task = outOfTime(acting(["addNote"]).also((one) => one.pause()));
    expect(task.status).toBe("failed");
    expect(task.state.paused).toBe(false);
  });

  test("asks the model nothing anew until it goes on, whatever had failed or was lost", () => {
    const failed = thinking().also((one) => one.replies(breaks("overloaded")));
    failed.pause();
    expect(nextTimerMs(failed.state)).toBe(failed.nowMs + LIMIT.wallMs);
    expect(failed.resume()).toBe("taskUnpaused");
    expect(failed.timer()).toBe("modelCallIntended");
    const lost = thinking().also((one) => one.pause());
    expect(lost.restarts()).toBe("modelCallFailed");
    expect(lost.resume()).toBe("taskUnpaused");
    expect(lost.timer()).toBe("modelCallIntended");
  });

  test("waits for nobody once its question is answered, and takes the answer up when it goes on", () => {
    const task = STATES["model held, answered while paused"]();
    expect(task.status).toBe("running");
    expect(nextTimerMs(task.state)).toBe(null);
    expect(task.resume()).toBe("taskUnpaused");
    expect(task.timer()).toBe("modelCallIntended");
  });
});
