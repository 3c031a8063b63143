import { describe, expect, test } from "vitest";
import { allowanceToAsk } from "../../../src/core/task/allowance.ts";
import { FOR_ONE_CALL, LIMITED, PLENTY, spentUp } from "../fixtures/allowance.ts";
import { joinOf } from "../fixtures/joins.ts";
import { ABLER, BOSS, LEAD } from "../fixtures/ladder.ts";
import { type OrderWishes, orderOf } from "../fixtures/order.ts";
import { DONE, asks, breaks, proposes } from "../fixtures/said.ts";
import { allowed, disagree, joining, outOfTime, thinking } from "../fixtures/states.ts";
import { TaskUnderTest } from "../fixtures/task-under-test.ts";
import { TOOLS } from "../fixtures/tools.ts";

describe("a question that climbs", () => {
  const escalates = { onLimit: "escalate", ladder: [ABLER, LEAD, BOSS] } as const;

  test("about a ceiling goes from human to human, each with their time, and a yes counts", () => {
    const task = thinking({ ...escalates, limit: { turns: 1 } });
    task.replies(proposes(asks(TOOLS.findCustomer)));
    task.settles("find_customer", DONE);
    expect(task.openApprovals).toMatchObject([{ approver: "otto", rung: 1, question: { kind: "budget" } }]);
    expect(task.timer()).toBe("approvalClosed approvalOpened modelCallHeld");
    expect(task.openApprovals).toMatchObject([{ approver: "rosa", rung: 2 }]);
    expect(task.answers("approve")).toBe("approvalAnswered limitExtended modelCallIntended");
  });

  test("unanswered by all, ends the task with what there is", () => {
    const task = thinking({ ...escalates, limit: { toolCalls: 0 } });
    task.replies(proposes(asks(TOOLS.addNote)));
    expect(task.timer()).toBe("approvalClosed approvalOpened callHeld");
    expect(task.timer()).toBe("approvalClosed limitReached taskFailed");
  });

  test("denied, climbs no further", () => {
    const task = thinking({ ...escalates, limit: { toolCalls: 0 } });
    task.replies(proposes(asks(TOOLS.addNote)));
    expect(task.answers("deny")).toMatch(/limitReached taskFailed$/);
  });

  test("about wall time is asked when the task next wants to think", () => {
    const task = outOfTime(thinking(escalates));
    expect(task.status).toBe("running");
  });

  test("about an account's ceiling goes to the ladder too, or to whom the account names where there is none", () => {
    const asking = (ladder: OrderWishes["ladder"]) => {
      const task = TaskUnderTest.created(orderOf({ allowance: LIMITED, ...(ladder && { ladder }) }));
      allowed(task, { ...PLENTY, held: { costMicroUsd: 1_300, tokens: 1_300 } });
      task.replies(breaks("malformed"));
      task.timer();
      allowed(task, spentUp({ kind: "escalate", proposed: 2_000_000, approver: "treasurer" }));
      return task.openApprovals[0]?.approver;
    };
    expect(asking([LEAD])).toBe("otto");
    expect(asking(undefined)).toBe("treasurer");
  });

  test("about an account's ceiling is nobody's no for as long as somebody else may answer it", () => {
    const task = TaskUnderTest.created(orderOf({ allowance: LIMITED, ladder: [LEAD, BOSS] }));
    allowed(task, FOR_ONE_CALL);
    task.replies(breaks("malformed"));
    task.timer();
    allowed(task, spentUp({ kind: "escalate", proposed: 2_000_000 }));
    expect(task.timer()).toBe("approvalClosed approvalOpened modelCallHeld");
    expect(task.openApprovals).toMatchObject([{ approver: "rosa" }]);
    const canceled = task.branch().also((one) => one.cancel());
    expect(allowanceToAsk(canceled.state)).toMatchObject({ wanted: null, answered: null });
    expect(task.timer()).toBe("approvalClosed taskFailed allowanceReturned");
    expect(allowanceToAsk(task.state)).toMatchObject({ answered: { approved: false } });
  });

  test("about a join goes from human to human as well", () => {
    const rule = {
      until: { kind: "any" },
      comparable: ["/n"],
      onConflict: { kind: "escalate", ttlMs: 5_000 },
    } as const;
    const task = joining({ joins: [joinOf(rule)], ladder: [LEAD, BOSS] }).also((one) => disagree(one));
    expect(task.openApprovals).toMatchObject([{ approver: "otto", question: { kind: "join" } }]);
    expect(task.timer()).toMatch(/approvalOpened modelCallHeld/);
    expect(task.openApprovals).toMatchObject([{ approver: "rosa" }]);
  });
});
