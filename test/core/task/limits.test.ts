import { describe, expect, test } from "vitest";
import type { Dimension } from "../../../src/contracts/budget.ts";
import { nextTimerMs } from "../../../src/core/task/timer.ts";
import { LIMIT, T0, orderOf } from "../fixtures/order.ts";
import { DONE, LOST, asks, breaks, ends, proposes } from "../fixtures/said.ts";
import { acting, outOfTime, thinking } from "../fixtures/states.ts";
import { TaskUnderTest } from "../fixtures/task-under-test.ts";
import { HOUR_MS, TOOLS } from "../fixtures/tools.ts";

const ASK = { onLimit: "ask" } as const;

function errorOf({ state: { phase } }: TaskUnderTest): string | null {
  return phase.kind === "ended" && phase.end.status === "failed" ? phase.end.error.code : null;
}

describe.each(["turns", "tokens", "costMicroUsd", "wallMs"] as const)("a ceiling of %s", (dimension) => {
  const limit: Partial<Record<Dimension, number>> = { [dimension]: 0 };

  test("that leaves no room for a model call fails the task before the call (B1)", () => {
    const task = TaskUnderTest.created(orderOf({ limit }));
    expect(task.start()).toBe("taskStarted limitReached taskFailed");
    expect(errorOf(task)).toBe("budget_exhausted");
    expect(task.state.budget.spent).toMatchObject({ turns: 0, tokens: 0 });
    expect(task.effects).toEqual([]);
  });

  test("asks, where the agent says so, whether there may be more", () => {
    const task = thinking({ ...ASK, limit });
    expect(task.status).toBe("waiting_approval");
    expect(task.openApprovals).toMatchObject([
      { approver: "otto", question: { kind: "budget", dimension, limit: 0 } },
    ]);
  });

  test("fails the task when a human says no, or nothing in time", () => {
    const denied = thinking({ ...ASK, limit });
    expect(denied.answers("deny")).toBe("approvalAnswered limitReached taskFailed");
    expect(errorOf(denied)).toBe("budget_exhausted");
    const expired = thinking({ ...ASK, limit });
    expect(expired.timer()).toBe("approvalClosed limitReached taskFailed");
    expect(errorOf(expired)).toBe("budget_exhausted");
  });
});

describe("more room, given by a human", () => {
  test("is the task's own ceiling once more, and the model is asked", () => {
    const task = acting(["findCustomer"], { ...ASK, limit: { turns: 1 } });
    expect(task.settles("find_customer", DONE)).toBe(
      "callSettled turnEnded limitReached approvalOpened modelCallHeld",
    );
    const { id } = task.model;
    expect(task.answers("approve")).toBe("approvalAnswered limitExtended modelCallIntended");
    expect(task.state.budget.limit.turns).toBe(2);
    expect(task.model).toMatchObject({ id, attempt: 1, turn: 2 });
  });

  test("is at least what is needed", () => {
    const task = thinking({ ...ASK, limit: { tokens: 1 } });
    task.answers("approve");
    expect(task.state.budget.limit.tokens).toBe(1 + task.model.reserved.tokens);
  });

  test("in one ceiling leads to the next that is reached, about which it is asked too", () => {
    const task = thinking({ ...ASK, limit: { tokens: 1, costMicroUsd: 1 } });
    expect(task.answers("approve")).toBe(
      "approvalAnswered limitExtended limitReached approvalOpened modelCallHeld",
    );
    expect(task.openApprovals).toMatchObject([{ question: { dimension: "costMicroUsd" } }]);
    task.answers("approve");
    expect(task.replies(ends("Done."))).toBe("modelReplied taskCompleted");
  });

  test("of wall time counts from the start, and is asked for when the task next wants to think", () => {
    const task = acting(["findCustomer"], { ...ASK, limit: { wallMs: HOUR_MS } });
    expect(nextTimerMs(task.state)).toBe(null);
    task.passes(HOUR_MS);
    expect(task.settles("find_customer", DONE)).toMatch(/limitReached approvalOpened modelCallHeld$/);
    task.answers("approve");
    expect(task.state.budget).toMatchObject({ limit: { wallMs: 2 * HOUR_MS }, spent: { wallMs: HOUR_MS } });
  });

  test("lets a call that had failed be tried again", () => {
    const once = thinking().model.reserved.tokens;
    const task = thinking({ ...ASK, limit: { tokens: once + 1 } });
    const { id } = task.model;
    task.replies(breaks("timeout"));
    expect(task.timer()).toBe("limitReached approvalOpened modelCallHeld");
    expect(task.answers("approve")).toBe("approvalAnswered limitExtended modelCallIntended");
    expect(task.model).toMatchObject({ id, attempt: 2 });
  });
});

describe("a ceiling of tool calls", () => {
  test("fails the task at the call that is one too many, with what was made kept", () => {
    const task = acting(["findCustomer", "addNote"], { limit: { toolCalls: 1 } });
    expect(task.status).toBe("failed");
    expect(errorOf(task)).toBe("budget_exhausted");
    expect(task.call("find_customer").attempt).toBe(1);
    expect(task.call("add_note").progress).toMatchObject({
      at: "settled",
      outcome: { error: { code: "budget_exhausted" } },
    });
  });

  test("leaves unjudged what comes after the call that failed the task", () => {
    const task = acting(["addNote", "setAddress"], { limit: { toolCalls: 0 } });
    expect(task.call("set_address").progress).toEqual({ at: "ready" });
  });

  test("asks once for all calls that it holds, and lets them all go on", () => {
    const task = acting(["findCustomer", "addNote", "setAddress"], { ...ASK, limit: { toolCalls: 1 } });
    expect(task.openApprovals).toHaveLength(1);
    expect(task.call("set_address").progress).toEqual(task.call("add_note").progress);
    expect(task.answers("approve")).toBe("approvalAnswered limitExtended callReadied callReadied");
    expect(task.state.budget.limit.toolCalls).toBe(2);
    expect(task.readsRights()).toBe(
      "callJudged callIntended callJudged limitReached approvalOpened callHeld",
    );
  });

  test("asks first about money and then about the call itself, whose signature is kept apart", () => {
    const task = acting(["refund"], { ...ASK, limit: { toolCalls: 0 } });
    expect(task.openApprovals).toMatchObject([{ question: { kind: "budget" } }]);
    task.answers("approve", { authorityActive: true, entitledApprovers: ["otto"] });
    expect(task.readsRights()).toBe("callJudged approvalOpened callHeld");
    expect(task.openApprovals).toMatchObject([{ question: { kind: "call" } }]);
  });

  test("goes on asking for the others when one of the calls that it holds settles by a late result", () => {
    const task = acting(["addNote", "findCustomer", "sendLetter"], { ...ASK, limit: { toolCalls: 2 } });
    task.answers("deny");
    task.resume();
    task.start();
    task.readsRights();
    expect(task.status).toBe("waiting_approval");
    expect(task.settles("add_note", DONE)).toBe("callSettled");
    expect(task.openApprovals).toHaveLength(1);
    expect(task.answers("approve")).toBe("approvalAnswered limitExtended callReadied callReadied");
  });

  test("counts a call once, however often it is tried, and nothing for one that was refused", () => {
    const task = acting(["addNote", "refund"]).also((one) => one.settles("add_note", LOST));
    task.timer();
    task.readsRights();
    expect(task.state.budget.reserved.toolCalls).toBe(1);
    task.settles("add_note", DONE);
    task.answers("deny");
    expect(task.state.budget).toMatchObject({ reserved: { toolCalls: 0 }, spent: { toolCalls: 1 } });
  });
});

describe("time", () => {
  test("is up when the wall time is, whatever is out", () => {
    const task = outOfTime(acting(["addNote"]));
    expect(task.status).toBe("failed");
    expect(errorOf(task)).toBe("budget_exhausted");
    expect(task.state.budget.spent.wallMs).toBe(LIMIT.wallMs);
  });

  test("is up at the deadline, even before the task has started", () => {
    const task = thinking({ deadlineAtMs: T0 + HOUR_MS });
    expect(nextTimerMs(task.state)).toBe(T0 + HOUR_MS);
    expect(task.passes(HOUR_MS - 1).put({ type: "timerFired" })).toBe("nothing");
    expect(task.timer()).toBe("taskFailed");
    expect(errorOf(task)).toBe("timeout");
    expect(TaskUnderTest.created(orderOf({ deadlineAtMs: T0 + HOUR_MS })).timer()).toBe("taskFailed");
  });

  test("does nothing to a task that has ended", () => {
    const task = outOfTime(acting(["addNote"]));
    expect(nextTimerMs(task.state)).toBe(null);
    expect(task.passes(HOUR_MS).put({ type: "timerFired" })).toBe("nothing");
  });

  test("that brings several things at once does them in one go", () => {
    const task = acting(["refund", "addNote"]).also((one) => one.settles("add_note", LOST));
    expect(task.passes(HOUR_MS).put({ type: "timerFired" })).toBe("approvalClosed callSettled callReadied");
  });

  test("that fails a task by one question asks no further", () => {
    const task = acting(["sendLetter", "addNote"], { ...ASK, limit: { toolCalls: 1 } });
    task.settles("send_letter", LOST);
    expect(task.openApprovals).toMatchObject([
      { question: { kind: "budget" } },
      { question: { kind: "resend" } },
    ]);
    expect(task.timer()).toBe("approvalClosed limitReached approvalClosed taskFailed");
    expect(task.state.approvals.map(({ state }) => state)).toEqual(["expired", "closed"]);
  });
});

describe("wall time that a human may extend", () => {
  test("holds the next call, of a tool as of the model, until it is", () => {
    const task = thinking({ onLimit: "ask" }).passes(LIMIT.wallMs);
    task.replies(proposes(asks(TOOLS.addNote)));
    expect(task.readsRights()).toBe("callJudged limitReached approvalOpened callHeld");
    expect(task.openApprovals).toMatchObject([
      { question: { kind: "budget", dimension: "wallMs", limit: LIMIT.wallMs, proposed: LIMIT.wallMs * 2 } },
    ]);
    expect(task.answers("approve")).toBe("approvalAnswered limitExtended callReadied");
    expect(task.readsRights()).toBe("callJudged callIntended");
  });
});
