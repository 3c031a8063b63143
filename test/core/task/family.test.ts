import { describe, expect, test } from "vitest";
import { NOTHING } from "../../../src/core/budget.ts";
import { RESENDS_MAX } from "../../../src/core/task/timer.ts";
import { CHILD_ASK_MS, CHILD_MISSED_MS } from "../../../src/core/delegation.ts";
import type { ChildEnded } from "../../../src/core/task/command.ts";
import { ASK_RESEARCHER, FAMILY, PARENT, QUESTION } from "../fixtures/family.ts";
import { LIMIT } from "../fixtures/order.ts";
import { DONE, LOST, REVOKED, asks, ends, errorOf, proposes } from "../fixtures/said.ts";
import { MORE_TIME, child, outOfTime, recruiting, thinking } from "../fixtures/states.ts";
import type { TaskUnderTest } from "../fixtures/task-under-test.ts";
import { violations } from "../fixtures/violations.ts";

const ANSWER = { kind: "done", output: { child: "t2", answer: "A customer." } } as const;
const USED = { ...NOTHING, turns: 2, toolCalls: 3, tokens: 500, wallMs: 9_000, costMicroUsd: 400 };

function childEnds(task: TaskUnderTest, of: Partial<Pick<ChildEnded, "result" | "used">> = {}): string {
  const call = task.call("ask_researcher").id;
  return task.put({ type: "childEnded", call, result: ANSWER, used: USED, ...of });
}

/** Its child was not there, and may be there by now. */
function askedForOnceMore(): TaskUnderTest {
  return recruiting().also((task) => {
    task.claims();
    task.timer();
    task.findsBack("ask_researcher", { kind: "absent" });
    task.timer();
  });
}

describe("a parent's budget (B1)", () => {
  test("has all that its child may use set aside in the commit that asks for it", () => {
    const { reserved } = recruiting().state.budget;
    expect(reserved).toEqual({
      turns: 5,
      toolCalls: 11,
      tokens: 250_000,
      costMicroUsd: 250_000,
      wallMs: 0,
      children: 1,
    });
  });

  test("gets back what the child did not use, and counts its own call and the child", () => {
    const task = recruiting().also((one) => one.claims());
    const { spent } = task.state.budget;
    expect(childEnds(task)).toBe("callSettled turnEnded modelCallIntended");
    const after = task.state.budget.spent;
    expect(after).toEqual({
      turns: spent.turns + 2,
      toolCalls: spent.toolCalls + 4,
      tokens: spent.tokens + 500,
      costMicroUsd: spent.costMicroUsd + 400,
      wallMs: spent.wallMs,
      children: 1,
    });
  });

  test("is charged nothing but the call when no child could be made", () => {
    const task = recruiting().also((one) => one.claims());
    const { tokens } = task.state.budget.spent;
    task.settles("ask_researcher", { kind: "failed", error: errorOf("conflict") });
    expect(task.state.budget.spent).toMatchObject({ tokens, toolCalls: 1, children: 0 });
  });

  test("is charged nothing but the call when nobody ever made the child", () => {
    const task = recruiting();
    const { tokens } = task.state.budget.spent;
    for (let n = 0; n <= RESENDS_MAX; n++) task.timer();
    expect(task.state.budget.spent).toMatchObject({ tokens, toolCalls: 1, children: 0 });
  });

  test("keeps everything aside when nobody takes a later attempt, and the first one's child may be there", () => {
    const task = askedForOnceMore();
    task.readsRights();
    const { id: call, attempt } = task.call("ask_researcher");
    const result = { kind: "failed", error: errorOf("unavailable") } as const;
    task.put({ type: "callsSettled", settlements: [{ call, attempt, result, latencyMs: 0 }] });
    expect(task.state.budget.reserved).toMatchObject({ children: 1 });
    expect(task.effects).toContain("endChild");
    expect(violations(task.rows)).toEqual([]);
  });

  test("keeps everything aside when the call is given up, until its child has told what it used", () => {
    const task = askedForOnceMore();
    task.readsRights(REVOKED);
    expect(task.state.budget.reserved).toMatchObject({ children: 1, tokens: 250_000 });
    const { tokens } = task.state.budget.spent;
    expect(task.effects).toEqual(["endChild"]);
    const [stray] = task.state.strays;
    expect(task.put({ type: "childEnded", call: stray?.id ?? "", result: ANSWER, used: USED })).toBe(
      "strayEnded",
    );
    expect([task.effects, task.state.budget.reserved]).toEqual([[], NOTHING]);
    expect(task.state.budget.spent).toMatchObject({ children: 1, tokens: tokens + USED.tokens });
    expect(violations(task.rows)).toEqual([]);
  });

  test("stops the task when the child used more than it was given", () => {
    const task = recruiting().also((one) => one.claims());
    expect(childEnds(task, { used: { ...USED, tokens: 250_001 } })).toBe("callSettled taskFailed");
    expect(task.state.budget.overrun.tokens).toBe(1);
    expect(violations(task.rows)).toEqual([]);
  });
});

describe("a child's end", () => {
  test("settles its call once, whoever tells it and however often (E1)", () => {
    const task = recruiting().also((one) => one.claims());
    childEnds(task);
    const settled = task.state.turns[0]?.calls[0]?.progress;
    const call = task.state.turns[0]?.calls[0]?.id ?? "";
    expect(task.put({ type: "childEnded", call, result: LOST, used: NOTHING })).toBe("nothing");
    expect(settled).toMatchObject({ at: "settled", outcome: { ok: true, output: ANSWER.output } });
  });

  test("is heard before anybody has claimed the call, and of any attempt", () => {
    expect(childEnds(recruiting())).toBe("callSettled turnEnded modelCallIntended");
  });

  test("is nothing to a call that is no delegation", () => {
    const task = thinking(FAMILY).also((one) => one.replies(proposes(asks({ name: "add_note" }))));
    const call = task.call("add_note").id;
    expect(task.put({ type: "childEnded", call, result: ANSWER, used: USED })).toBe("nothing");
  });

  test("is recorded after its parent's, and gives back what it did not use (B1)", () => {
    const task = outOfTime(recruiting().also((one) => one.claims()));
    const { spent, reserved } = task.state.budget;
    expect(reserved).toMatchObject({ children: 1, tokens: 250_000 });
    expect(childEnds(task)).toBe("callSettled");
    const { budget } = task.state;
    expect([budget.reserved, budget.spent.tokens]).toEqual([NOTHING, spent.tokens + USED.tokens]);
    expect(task.effects).toEqual([]);
  });

  test("is told by a child when its own children have ended, with all that they used (B1)", () => {
    const family = { ...FAMILY.family, parent: { ...PARENT, depthLeft: 2 } };
    const task = outOfTime(recruiting({ ...FAMILY, family }).also((one) => one.claims()));
    expect(task.effects).toEqual(["endChild"]);
    childEnds(task);
    expect(task.effects).toEqual(["tellParent"]);
    expect(violations(task.rows)).toEqual([]);
  });

  test("of one that nobody was let through to make costs its parent's call and no more", () => {
    const task = outOfTime(recruiting());
    expect(task.state.budget.spent).toMatchObject({ toolCalls: 1, children: 0 });
    expect([task.state.budget.reserved, task.effects]).toEqual([NOTHING, []]);
    expect(violations(task.rows)).toEqual([]);
  });
});

describe("a child that says nothing", () => {
  const silent = (): TaskUnderTest => recruiting().also((task) => task.claims());

  test("is asked how it is after a minute, and then every five", () => {
    const task = silent();
    const sinceMs = task.nowMs;
    expect(task.timer()).toBe("readBackIntended");
    expect(task.nowMs - sinceMs).toBe(CHILD_MISSED_MS);
    expect(task.effects).toEqual(["readBack"]);
    expect(task.findsBack("ask_researcher", { kind: "pending" })).toBe("readBackPostponed");
    expect(task.timer()).toBe("readBackIntended");
    expect(task.nowMs - sinceMs).toBe(CHILD_MISSED_MS + CHILD_ASK_MS);
  });

  test("is asked again after any number of restarts, and no human is", () => {
    const task = silent().also((one) => one.timer());
    for (let n = 0; n < 30; n++) expect(task.restarts()).toBe("readBackIntended");
  });

  test("and is not there is asked for again, with what was set aside", () => {
    const task = silent().also((one) => one.timer());
    const { reserved } = task.state.budget;
    expect(task.findsBack("ask_researcher", { kind: "absent" })).toBe("callRetryScheduled");
    task.timer();
    expect(task.readsRights()).toBe("callJudged callIntended");
    expect(task.state.budget.reserved).toEqual(reserved);
    expect(task.claims()).toBe("callJudged callClaimed");
  });
});

describe("the end of a parent", () => {
  test("ends children that may be there, until it knows that they have", () => {
    const task = recruiting().also((one) => one.claims());
    task.cancel();
    expect(task.effects).toEqual(["endChild"]);
    childEnds(task);
    expect(task.effects).toEqual([]);
  });

  test("has nothing to do with children that nobody has claimed: a claim finds the task ended", () => {
    const task = recruiting().also((one) => one.cancel());
    expect(task.effects).toEqual([]);
    const { id, attempt } = task.call("ask_researcher");
    const rights = { authorityActive: true, entitledApprovers: [] };
    expect(task.put({ type: "claim", claims: [{ id, attempt }], rights })).toBe("nothing");
  });

  test("ends a child that is asked for once more, and may have been made the first time", () => {
    const task = askedForOnceMore();
    task.readsRights();
    task.cancel();
    expect(task.effects).toEqual(["endChild"]);
  });

  test.each([
    ["nobody has made yet", () => recruiting()],
    ["is asked for once more", askedForOnceMore],
  ])("is gone back on by a resume, which sets aside anew for a child that %s (B1)", (_what, made) => {
    const task = outOfTime(made());
    task.resume(MORE_TIME);
    task.start();
    expect(task.readsRights()).toBe("callJudged callIntended");
    expect(task.state.budget.reserved).toMatchObject({ turns: 5, tokens: 250_000, children: 1 });
    expect(violations(task.rows)).toEqual([]);
  });

  test("is gone back on by a resume, which grants a child that was never made what fits then", () => {
    const task = outOfTime(recruiting());
    task.resume(MORE_TIME);
    task.start();
    task.readsRights();
    expect(task.call("ask_researcher").grant?.deadlineAtMs).toBeGreaterThan(task.nowMs);
  });

  test("is gone back on by a resume, which takes an ended child's word for its end", () => {
    const task = outOfTime(recruiting().also((one) => one.claims()));
    task.resume(MORE_TIME);
    expect(childEnds(task)).toBe("callSettled");
    expect(task.start()).toMatch(/^taskStarted turnEnded modelCallIntended$/);
    expect(violations(task.rows)).toEqual([]);
  });
});

describe("a child", () => {
  test("tells its parent how it ended until that is acknowledged", () => {
    const task = child().also((one) => one.replies(ends("A customer.")));
    expect(task.effects).toEqual(["tellParent"]);
    expect(task.put({ type: "parentTold" })).toBe("parentTold");
    expect(task.effects).toEqual([]);
    expect(task.put({ type: "parentTold" })).toBe("nothing");
  });

  test("is not resumed: its end has settled its parent's call", () => {
    const task = outOfTime(child());
    expect(task.resume(MORE_TIME)).toBe("refused task_not_resumable");
  });

  test.each(["turns", "tokens", "costMicroUsd", "wallMs"] as const)(
    "fails at its ceiling of %s, and asks nobody for more: its parent has set no more aside (B1)",
    (dimension) => {
      const task = child({ onLimit: "ask", limit: { [dimension]: 0 } });
      expect([task.status, task.openApprovals]).toEqual(["failed", []]);
    },
  );

  test("asks nobody for more calls (B1)", () => {
    const task = child({ onLimit: "ask", limit: { toolCalls: 0 } });
    task.replies(proposes(asks({ name: "add_note" })));
    expect([task.status, task.openApprovals]).toEqual(["failed", []]);
  });

  test("asks nobody for more time when its own is over (B1)", () => {
    const task = outOfTime(child({ onLimit: "ask" }));
    expect([task.status, task.openApprovals]).toEqual(["failed", []]);
  });

  test("asks nobody for more children, nor for more time for them (B1)", () => {
    const family = { ...FAMILY.family, parent: { ...PARENT, depthLeft: 1 } };
    const none = recruiting({ family, onLimit: "ask", limit: { children: 0 } });
    expect(none.openApprovals).toEqual([]);
    const late = thinking({ ...FAMILY, family, onLimit: "ask" }).passes(LIMIT.wallMs);
    late.replies(proposes(asks(ASK_RESEARCHER, QUESTION)));
    expect(late.openApprovals).toEqual([]);
  });

  test("has nobody to tell when it is nobody's", () => {
    const task = thinking().also((one) => one.replies(ends("Done.")));
    expect(task.effects).toEqual([]);
    expect(task.put({ type: "parentTold" })).toBe("nothing");
  });
});

test("two children of one turn are asked for and settle apart", () => {
  const task = thinking(FAMILY);
  task.replies(
    proposes(asks(ASK_RESEARCHER, QUESTION), asks(ASK_RESEARCHER, { ...QUESTION, goal: "And Leo?" })),
  );
  expect(task.effects).toEqual(["enqueue", "enqueue"]);
  expect(task.claims()).toBe("callJudged callClaimed callJudged callClaimed");
  expect(childEnds(task)).toBe("callSettled");
  const first = task.state.phase.kind === "acting" ? task.state.phase.open.calls[0] : undefined;
  expect(first?.progress.at).toBe("claimed");
  expect(task.put({ type: "childEnded", call: first?.id ?? "", result: DONE, used: NOTHING })).toMatch(
    /turnEnded/,
  );
});
