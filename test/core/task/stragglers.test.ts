import { describe, expect, test } from "vitest";
import type { JoinRule } from "../../../src/contracts/join.ts";
import { NOTHING } from "../../../src/core/budget.ts";
import { nextTimerMs } from "../../../src/core/task/timer.ts";
import { ASK_RESEARCHER, QUESTION } from "../fixtures/family.ts";
import { joinOf } from "../fixtures/joins.ts";
import { BUSY, CONFLICT, DONE, asks, ends, proposes } from "../fixtures/said.ts";
import { joining } from "../fixtures/states.ts";
import type { TaskUnderTest } from "../fixtures/task-under-test.ts";
import { TOOLS } from "../fixtures/tools.ts";
import { violations } from "../fixtures/violations.ts";
import { ANY, LOOK_UP, USED, childEnds, task } from "./joined.ts";

describe("a straggler", () => {
  /** Brings a call of a turn to where it stands when its join closes. */
  const STANDINGS: Readonly<
    Record<string, { tool: string; reach: (one: TaskUnderTest) => unknown; placement?: "queued" }>
  > = {
    held: { tool: "read_file", reach: () => "" },
    ready: { tool: "read_file", reach: (one) => one.answers("approve") },
    "intended inline": { tool: "look_up", reach: () => "" },
    "intended queued": { tool: "look_up", reach: () => "", placement: "queued" },
    claimed: { tool: "look_up", reach: (one) => one.claims(), placement: "queued" },
    retrying: { tool: "look_up", reach: (one) => one.settles("look_up", BUSY) },
    "asked for as a child": { tool: "ask_researcher", reach: () => "" },
    "at work as a child": { tool: "ask_researcher", reach: (one) => one.claims() },
    "a child that is asked how it is": {
      tool: "ask_researcher",
      reach: (one) => {
        one.claims();
        one.timer();
      },
    },
  };

  const every = Object.entries(STANDINGS).flatMap(([name, how]) =>
    (["cancel", "finish"] as const).map((stragglers) => ({ name, stragglers, ...how })),
  );

  test.each(every)("that is $name is settled once, by the runtime's word: $stragglers", (how) => {
    const { placement = "inline", stragglers } = how;
    const one = task({ ...ANY, stragglers }, { placement });
    const args = how.tool === "ask_researcher" ? QUESTION : { n: 2 };
    one.replies(proposes(asks(TOOLS.findCustomer), asks({ name: how.tool }, args)));
    how.reach(one);
    const { id } = one.call(how.tool);
    const told = one.settles("find_customer", DONE);
    expect(told).toMatch(
      /^callSettled joinClosed (approvalClosed )?callSettled turnEnded modelCallIntended$/,
    );
    const call = one.state.turns[0]?.calls.find((settled) => settled.id === id);
    expect(call?.progress).toMatchObject({
      at: "settled",
      outcome: { ok: false, error: { code: "canceled" } },
    });
    expect(one.openApprovals).toEqual([]);
    expect(
      one.put({ type: "callsSettled", settlements: [{ call: id, attempt: 1, result: DONE, latencyMs: 1 }] }),
    ).toBe("nothing");
    expect(violations(one.rows)).toEqual([]);
  });

  test.each(["cancel", "finish"] as const)(
    "that nobody made a child for costs its own call: %s",
    (stragglers) => {
      const one = task({ ...ANY, stragglers });
      one.replies(proposes(asks(TOOLS.findCustomer), asks(ASK_RESEARCHER, QUESTION)));
      one.settles("find_customer", DONE);
      expect(one.state.strays).toEqual([]);
      expect(one.state.budget.spent).toMatchObject({ toolCalls: 2, children: 0 });
    },
  );

  test("settles beside a sibling's end, and is charged nothing of that (B1)", () => {
    const one = task(ANY);
    one.replies(
      proposes(asks(ASK_RESEARCHER, QUESTION), asks(ASK_RESEARCHER, { ...QUESTION, goal: "And Leo?" })),
    );
    one.claims();
    expect(childEnds(one)).toBe("callSettled joinClosed callSettled turnEnded modelCallIntended");
    expect(one.state.budget.spent).toMatchObject({ children: 1, toolCalls: 3 });
    expect(one.state.strays).toMatchObject([{ reserved: { children: 1, turns: 5 } }]);
    expect(one.effects).toContain("endChild");
    expect(violations(one.rows)).toEqual([]);
  });
});

test("a read that a child's end leaves behind is charged its own call, and nothing of the child's (B1)", () => {
  const one = task(ANY);
  one.replies(proposes(asks(ASK_RESEARCHER, QUESTION), asks(LOOK_UP)));
  one.claims();
  expect(childEnds(one)).toBe("callSettled joinClosed callSettled turnEnded modelCallIntended");
  expect(one.state.budget.spent).toMatchObject({ children: 1, toolCalls: 4 });
  expect(one.state.budget.overrun).toEqual(NOTHING);
});

describe("the child of a straggler (B1)", () => {
  const closed = (
    stragglers: JoinRule["stragglers"],
    more: Partial<typeof QUESTION> & { withinMs?: number } = {},
  ) => {
    const one = task({ ...ANY, stragglers });
    one.replies(proposes(asks(TOOLS.findCustomer), asks(ASK_RESEARCHER, { ...QUESTION, ...more })));
    one.claims();
    one.settles("find_customer", DONE);
    return one;
  };

  test.each(["cancel", "finish"] as const)(
    "gives back what it does not use, when it has ended: %s",
    (stragglers) => {
      const one = closed(stragglers);
      const { spent, reserved } = one.state.budget;
      expect(reserved).toMatchObject({ children: 1 });
      expect(childEnds(one)).toBe("strayEnded");
      expect(one.state.budget.reserved).toMatchObject({ children: 0, toolCalls: 0 });
      expect(one.state.budget.spent).toEqual({
        ...spent,
        turns: spent.turns + 1,
        toolCalls: spent.toolCalls + 3,
        tokens: spent.tokens + 500,
        costMicroUsd: spent.costMicroUsd + 400,
        children: spent.children + 1,
      });
      expect(childEnds(one)).toBe("nothing");
      expect(violations(one.rows)).toEqual([]);
    },
  );

  test("is ended, or may finish for as long as it was granted", () => {
    expect(closed("cancel").effects).toContain("endChild");
    const one = closed("finish", { withinMs: 60_000 });
    expect(one.effects).not.toContain("endChild");
    expect(nextTimerMs(one.state)).toBe(one.state.strays[0]?.grant?.deadlineAtMs);
    expect(one.timer()).toBe("strayOverdue");
    expect(one.effects).toContain("endChild");
    expect(nextTimerMs(one.state)).toBeGreaterThan(one.nowMs);
    expect(childEnds(one)).toBe("strayEnded");
    expect(violations(one.rows)).toEqual([]);
  });

  test("is ended in its own time, and not in that of another", () => {
    const one = task({ ...ANY, stragglers: "finish" });
    const within = (withinMs: number) => asks(ASK_RESEARCHER, { ...QUESTION, withinMs });
    one.replies(proposes(asks(TOOLS.findCustomer), within(90_000), within(60_000)));
    one.claims();
    one.settles("find_customer", DONE);
    one.timer();
    expect(one.state.strays.map(({ finishes }) => finishes)).toEqual([true, false]);
    expect(one.effects.filter((kind) => kind === "endChild")).toHaveLength(1);
    expect(violations(one.rows)).toEqual([]);
  });

  test("is ended with its task, which still gets back what it did not use", () => {
    const one = closed("finish");
    one.replies(ends("Done."));
    expect(one.effects).toEqual(["endChild"]);
    expect(one.state.budget.reserved.children).toBe(1);
    const { spent } = one.state.budget;
    expect(childEnds(one)).toBe("strayEnded");
    expect([one.state.budget.reserved, one.effects]).toEqual([NOTHING, []]);
    expect(one.state.budget.spent.tokens).toBe(spent.tokens + USED.tokens);
    expect(violations(one.rows)).toEqual([]);
  });

  test("stops the task when it used more than it was given", () => {
    const one = closed("finish");
    const [stray] = one.state.strays;
    const used = { ...USED, tokens: 300_000 };
    expect(one.put({ type: "childEnded", call: stray?.id ?? "", result: CONFLICT, used })).toBe(
      "strayEnded taskFailed",
    );
    expect(violations(one.rows)).toEqual([]);
  });

  test("is waited for when only what it gives back lets the task go on, and a task without that fails", () => {
    const one = joining({ limit: { turns: 4 }, joins: [joinOf(ANY)] });
    expect(one.settles("find_customer", DONE)).toBe(
      "callSettled joinClosed callSettled callSettled turnEnded",
    );
    expect(one.status).toBe("running");
    expect(childEnds(one)).toBe("strayEnded modelCallIntended");
    const poor = joining({ limit: { turns: 1 }, joins: [joinOf(ANY)] });
    expect(poor.settles("find_customer", DONE)).toMatch(/turnEnded limitReached taskFailed$/);
  });
});
