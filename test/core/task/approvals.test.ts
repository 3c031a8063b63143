import { describe, expect, test } from "vitest";
import { ASKED_MAX } from "../../../src/core/gate/approval-stage.ts";
import type { Command } from "../../../src/core/task/command.ts";
import { effectsOf } from "../../../src/core/task/effect.ts";
import { DONE, NO_APPROVERS, RIGHTS, LOST, asks, proposes } from "../fixtures/said.ts";
import { acting } from "../fixtures/states.ts";
import type { TaskUnderTest } from "../fixtures/task-under-test.ts";
import { HOUR_MS, TOOLS } from "../fixtures/tools.ts";

type Answer = Extract<Command, { type: "approvalAnswered" }>;

function answered(task: TaskUnderTest, other: Partial<Answer> = {}): string {
  const [approval] = task.state.approvals;
  return task.put({
    type: "approvalAnswered",
    approval: approval?.id ?? "none",
    decision: "approve",
    by: "rosa",
    assurance: "signedIn",
    rights: RIGHTS,
    ...other,
  });
}

function errorIn(task: TaskUnderTest): unknown {
  const message = task.state.messages.findLast(({ role }) => role === "tool");
  return message?.role === "tool" ? message.results[0]?.outcome : null;
}

describe("a call that needs a human (A1)", () => {
  test("waits for the one whom the tool names, who is shown exactly what is asked", () => {
    const task = acting(["refund"]);
    expect(task.status).toBe("waiting_approval");
    const { id, proposalHash } = task.call("refund");
    expect(task.openApprovals).toMatchObject([
      {
        approver: "rosa",
        assurance: "signedIn",
        openedAtMs: task.nowMs,
        expiresAtMs: task.nowMs + HOUR_MS,
        question: { kind: "call", callId: id, tool: "refund", args: { n: 1 }, proposalHash },
      },
    ]);
  });

  test("is made after the answer, when the gate has run again", () => {
    const task = acting(["refund"]);
    expect(answered(task, { comment: "Fine." })).toBe("approvalAnswered callReadied");
    expect(task.state.approvals[0]?.answer).toEqual({
      decision: "approve",
      by: "rosa",
      assurance: "signedIn",
      atMs: task.nowMs,
      comment: "Fine.",
    });
    expect(task.status).toBe("running");
    expect(effectsOf(task.state)).toEqual([
      { kind: "readRights", key: `rights#${task.state.seq}`, approvers: ["rosa"] },
    ]);
    expect(task.readsRights()).toBe("callJudged callIntended");
  });

  test("is told as denied when it is turned down", () => {
    const task = acting(["refund"]);
    expect(answered(task, { decision: "deny" })).toBe(
      "approvalAnswered callSettled turnEnded modelCallIntended",
    );
    expect(errorIn(task)).toMatchObject({ error: { code: "denied_by_human", retryable: false } });
    expect(task.state.approvals[0]?.state).toBe("denied");
  });

  test("is told as expired when nobody answers in time", () => {
    const task = acting(["refund"]);
    expect(task.timer()).toBe("approvalClosed callSettled turnEnded modelCallIntended");
    expect(errorIn(task)).toMatchObject({ error: { code: "approval_expired", retryable: false } });
    expect(answered(task)).toBe("refused approval_expired");
  });

  test("that is guarded asks whoever the agent escalates to, as long as no policy decides", () => {
    const task = acting(["closeAccount"]);
    expect(task.openApprovals).toMatchObject([{ approver: "otto", assurance: "link" }]);
    task.answers("approve");
    expect(task.readsRights()).toBe("callJudged callIntended");
  });
});

describe("an answer", () => {
  test.each([
    ["from someone who was not asked", { by: "otto" }, "refused forbidden"],
    ["from someone who may answer no more", { rights: NO_APPROVERS }, "refused forbidden"],
    ["by link, where signing in is asked", { assurance: "link" as const }, "refused assurance_too_low"],
    ["to what was never asked", { approval: "t1.9.9" }, "refused not_found"],
  ])("%s is refused", (_, other, told) => {
    const task = acting(["refund"]);
    expect(answered(task, other)).toBe(told);
    expect(task.openApprovals).toHaveLength(1);
  });

  test("counts once", () => {
    const task = acting(["refund"]);
    answered(task);
    expect(answered(task)).toBe("refused approval_closed");
    expect(answered(task, { decision: "deny" })).toBe("refused approval_closed");
  });

  test("that comes when the time is over is refused before the timer has fired", () => {
    const task = acting(["refund"]).also((one) => one.passes(HOUR_MS));
    expect(answered(task)).toBe("refused approval_expired");
    expect(task.openApprovals).toHaveLength(1);
  });

  test("by link is enough where that is all that is asked, and noted as such", () => {
    const task = acting(["closeAccount"]);
    expect(answered(task, { by: "otto", assurance: "link" })).toBe("approvalAnswered callReadied");
    expect(task.state.approvals[0]?.answer).toMatchObject({ by: "otto", assurance: "link" });
  });

  test("to a task that has ended comes too late", () => {
    const task = acting(["refund"]).also((one) => one.cancel());
    expect(task.state.approvals[0]?.state).toBe("closed");
    expect(answered(task)).toBe("refused approval_closed");
  });

  test("tells what the rights are now", () => {
    const task = acting(["refund"]);
    expect(answered(task, { rights: { ...RIGHTS, authorityActive: false } })).toBe(
      "rightsChanged approvalAnswered callReadied",
    );
  });
});

describe("a signature", () => {
  test("holds for every attempt at its call", () => {
    const task = acting(["refund"]).also((one) => one.answers("approve"));
    task.readsRights();
    expect(task.restarts()).toBe("callReadied");
    expect(task.readsRights()).toBe("callJudged callIntended");
    task.settles("refund", LOST);
    task.timer();
    expect(task.readsRights()).toBe("callJudged callIntended");
  });

  test("stands while its call waits for room in the budget", () => {
    const task = acting(["refund", "addNote"], { onLimit: "ask", limit: { toolCalls: 1 } });
    task.answers("approve");
    expect(task.readsRights()).toBe("callJudged limitReached approvalOpened callHeld");
    task.answers("approve");
    expect(task.readsRights()).toBe("callJudged callIntended");
  });
});

describe("a signature that was overtaken", () => {
  test("is asked for again so often, and then the call is refused", () => {
    const task = acting(["refund"]);
    for (let asked = 1; asked < ASKED_MAX; asked++) {
      task.answers("approve");
      expect(task.readsRights(NO_APPROVERS)).toBe("callJudged approvalOpened callHeld");
    }
    task.answers("approve");
    expect(task.readsRights(NO_APPROVERS)).toBe("callJudged callSettled turnEnded modelCallIntended");
    expect(errorIn(task)).toMatchObject({ error: { code: "refused_by_policy" } });
    expect(task.state.approvals).toHaveLength(ASKED_MAX);
  });

  test("leaves a moot question when the call settles after all, and that question is closed", () => {
    const task = acting(["refund"]).also((one) => one.answers("approve"));
    task.readsRights();
    task.settles("refund", LOST);
    task.timer();
    task.readsRights(NO_APPROVERS);
    expect(task.status).toBe("waiting_approval");
    expect(task.settles("refund", DONE)).toBe("approvalClosed callSettled turnEnded modelCallIntended");
    expect(task.openApprovals).toEqual([]);
  });
});

describe("a task", () => {
  test("closes only the question that a late result has made moot", () => {
    const task = acting(["sendLetter", "refund"]).also((one) => one.settles("send_letter", LOST));
    expect(task.openApprovals).toHaveLength(2);
    expect(task.settles("send_letter", DONE)).toBe("approvalClosed callSettled");
    expect(task.openApprovals).toMatchObject([{ approver: "rosa" }]);
  });

  test("waits for approval only when nothing else of it can run (T1)", () => {
    const task = acting(["refund", "addNote"]);
    expect(task.status).toBe("running");
    task.settles("add_note", DONE);
    expect(task.status).toBe("waiting_approval");
  });

  test("may have several questions open, each answered by itself", () => {
    const task = acting(["refund", "closeAccount"]);
    expect(task.openApprovals.map(({ approver }) => approver)).toEqual(["rosa", "otto"]);
    task.answers("deny");
    expect(task.status).toBe("waiting_approval");
    expect(task.timer()).toBe("approvalClosed callSettled turnEnded modelCallIntended");
    task.replies(proposes(asks(TOOLS.refund, { n: 2 })));
    expect(task.readsRights()).toMatch(/approvalOpened callHeld$/);
  });

  test("closes every open question when it ends (A1)", () => {
    const task = acting(["refund", "closeAccount"]);
    expect(task.cancel()).toBe("approvalClosed approvalClosed taskCanceled");
  });
});
