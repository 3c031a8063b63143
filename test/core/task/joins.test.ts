import { describe, expect, test } from "vitest";
import type { JoinRule } from "../../../src/contracts/join.ts";
import { effectsOf } from "../../../src/core/task/effect.ts";
import { openCalls } from "../../../src/core/task/state.ts";
import { nextTimerMs } from "../../../src/core/task/timer.ts";
import { ASK_RESEARCHER, QUESTION } from "../fixtures/family.ts";
import { joinOf } from "../fixtures/joins.ts";
import type { OrderWishes } from "../fixtures/order.ts";
import { CONFLICT, DONE, asks, ends, proposes } from "../fixtures/said.ts";
import { MORE_TIME, disagree, joining, outOfTime } from "../fixtures/states.ts";
import { TOOLS } from "../fixtures/tools.ts";
import { violations } from "../fixtures/violations.ts";
import { ANY, LOOK_UP, childEnds, joinsOf, reportOf, task } from "./joined.ts";

describe("a join", () => {
  test("opens with the calls of its tools, before the gate sees them", () => {
    const one = joining({ joins: [joinOf(), joinOf({ name: "notes", tools: ["look_up"] })] });
    expect(joinsOf(one)).toMatchObject([{ name: "findings", dueAtMs: null, report: null }]);
    expect(joinsOf(one)[0]?.calls).toEqual(openCalls(one.state).map(({ id }) => id));
  });

  test("leaves calls that are none of its parts as they are", () => {
    const one = task(ANY);
    one.replies(proposes(asks(TOOLS.findCustomer), asks(TOOLS.addNote)));
    expect(one.settles("find_customer", DONE)).toBe("callSettled joinClosed");
    expect(one.call("add_note").progress.at).toBe("intended");
    expect(one.settles("add_note", DONE)).toBe("callSettled turnEnded modelCallIntended");
  });

  test("joins no more than what is looked at of a reply", () => {
    const one = task({}, { limit: { toolCalls: 200 } });
    one.replies(proposes(...Array.from({ length: 101 }, (_, n) => asks(LOOK_UP, { n }))));
    expect(joinsOf(one)[0]?.calls).toHaveLength(100);
  });

  test("closes at its time with what is there, also while the task is paused", () => {
    const one = joining({ joins: [joinOf({ until: { kind: "bestEffort", withinMs: 30_000 } })] });
    one.settles("find_customer", DONE);
    one.pause();
    expect(nextTimerMs(one.state)).toBe(one.state.updatedAtMs + 30_000);
    expect(one.timer()).toBe("joinClosed callSettled callSettled turnEnded");
    expect(reportOf(one)).toMatchObject({ satisfied: false });
    expect(one.resume()).toBe("taskUnpaused modelCallIntended");
  });

  test("closes by a refusal of the gate as by any other end", () => {
    const one = task({ parts: { failed: "fatal", timedOut: "missing", malformed: "missing" } });
    const told = one.replies(proposes(asks(TOOLS.findCustomer, { n: "one" }), asks(LOOK_UP)));
    expect(told).toMatch(/joinClosed callSettled turnEnded modelCallIntended$/);
    expect(one.effects).toEqual(["callModel"]);
    expect(violations(one.rows)).toEqual([]);
  });

  test("that another join fails the task before stays open", () => {
    const first = joinOf({ name: "first", tools: ["find_customer"], onUnsatisfied: "fail" });
    const one = task({}, { joins: [first, joinOf({ tools: ["look_up"] })] });
    one.replies(proposes(asks(TOOLS.findCustomer), asks(LOOK_UP)));
    const settlements = ["find_customer", "look_up"].map((name) => {
      const { id: call, attempt } = one.call(name);
      return { call, attempt, result: CONFLICT, latencyMs: 1 };
    });
    expect(one.put({ type: "callsSettled", settlements })).toBe(
      "callSettled callSettled joinClosed taskFailed",
    );
    expect(violations(one.rows)).toEqual([]);
  });

  test("that is not satisfied fails the task where its rule says so, with what there is", () => {
    const one = task({ onUnsatisfied: "fail" });
    one.replies(proposes(asks(TOOLS.findCustomer), asks(LOOK_UP)));
    expect(one.settles("find_customer", CONFLICT)).toBe("callSettled joinClosed callSettled taskFailed");
    expect(one.state.phase).toMatchObject({ end: { status: "failed", error: { code: "unavailable" } } });
    expect(one.resume()).toBe("taskResumed");
    expect(one.start()).toBe("taskStarted turnEnded modelCallIntended");
  });
});

describe("a resume", () => {
  test("takes an open turn up with its joins: a closed one stays closed, an open one waits on", () => {
    const one = joining({
      joins: [
        joinOf({ ...ANY, tools: ["find_customer"] }),
        joinOf({ name: "team", tools: ["ask_researcher"] }),
      ],
    });
    one.settles("find_customer", DONE);
    const closed = reportOf(one);
    outOfTime(one);
    one.resume(MORE_TIME);
    one.start();
    expect(joinsOf(one)).toMatchObject([{ report: closed }, { report: null }]);
    expect(childEnds(one)).toBe("callSettled joinClosed turnEnded modelCallIntended");
    expect(violations(one.rows)).toEqual([]);
  });

  test("closes at once what came to its time meanwhile, or was settled", () => {
    const rule = joinOf({ until: { kind: "bestEffort", withinMs: 30_000 } });
    const one = outOfTime(joining({ joins: [rule] }));
    childEnds(one);
    one.resume(MORE_TIME);
    expect(one.start()).toBe("taskStarted joinClosed callSettled callSettled turnEnded modelCallIntended");
    expect(violations(one.rows)).toEqual([]);
  });

  test("never makes a child again whose call was settled without it", () => {
    const one = task(ANY);
    one.replies(proposes(asks(TOOLS.findCustomer), asks(ASK_RESEARCHER, QUESTION)));
    one.claims();
    one.settles("find_customer", DONE);
    outOfTime(one);
    one.resume({ ...MORE_TIME, checkpoint: 2 });
    one.start();
    one.replies(proposes(asks(ASK_RESEARCHER, QUESTION)));
    expect(effectsOf(one.state).filter(({ kind }) => kind === "enqueue")).toEqual([]);
    expect(violations(one.rows)).toEqual([]);
  });
});
describe("a human's word on a join", () => {
  const held = (rule: Partial<JoinRule> = { onConflict: { kind: "ask" } }, wishes: OrderWishes = {}) =>
    joining({ ...wishes, joins: [joinOf({ ...ANY, comparable: ["/n"], ...rule })] }).also((one) =>
      disagree(one),
    );

  test("is asked for before the model is, and shows what is in conflict and what is missing", () => {
    const one = held();
    expect(one.status).toBe("waiting_approval");
    expect(one.openApprovals).toMatchObject([
      {
        approver: "otto",
        question: {
          kind: "join",
          join: "findings",
          turn: 1,
          satisfied: true,
          missing: [{ join: "findings", tool: "ask_researcher", why: "straggler" }],
          conflicts: [{ field: "/n", values: [{ value: 0 }, { value: 1 }] }],
        },
      },
    ]);
    expect(one.answers("approve")).toBe("approvalAnswered modelCallIntended");
    expect(one.replies(ends("Done."))).toBe("modelReplied taskCompleted");
    expect(violations(one.rows)).toEqual([]);
  });

  test("lets nobody go on when it is no, or is not given in time", () => {
    const one = held();
    expect(one.branch().answers("deny")).toBe("approvalAnswered taskFailed");
    expect(one.timer()).toBe("approvalClosed taskFailed");
    expect(one.state.phase).toMatchObject({ end: { error: { code: "conflict" } } });
  });

  test("has a time of its own where the rule escalates", () => {
    const one = held({ onConflict: { kind: "escalate", ttlMs: 5_000 } });
    expect(one.openApprovals[0]?.expiresAtMs).toBe(one.nowMs + 5_000);
    const missing = task({ onConflict: { kind: "escalate", ttlMs: 5_000 }, onUnsatisfied: "ask" });
    missing.replies(proposes(asks(LOOK_UP)));
    missing.settles("look_up", CONFLICT);
    expect(missing.openApprovals[0]?.expiresAtMs).toBeGreaterThan(missing.nowMs + 5_000);
    expect(missing.answers("deny")).toBe("approvalAnswered taskFailed");
    expect(missing.state.phase).toMatchObject({ end: { error: { code: "unavailable" } } });
  });

  test("is not asked for where there is no conflict, and nothing is missing", () => {
    const one = task({ onConflict: { kind: "ask" }, onUnsatisfied: "ask", comparable: ["/n"] });
    one.replies(proposes(asks(LOOK_UP)));
    expect(one.settles("look_up", DONE)).toBe("callSettled joinClosed turnEnded modelCallIntended");
  });

  test("is asked for once for each join, one after the other", () => {
    const one = task(
      {},
      {
        joins: [
          joinOf({ name: "first", tools: ["find_customer"], onUnsatisfied: "ask" }),
          joinOf({ name: "second", tools: ["look_up"], onUnsatisfied: "ask" }),
        ],
      },
    );
    one.replies(proposes(asks(TOOLS.findCustomer), asks(LOOK_UP)));
    one.settles("find_customer", CONFLICT);
    one.settles("look_up", CONFLICT);
    expect(one.openApprovals).toMatchObject([{ question: { join: "first" } }]);
    expect(one.answers("approve")).toBe("approvalAnswered approvalOpened modelCallHeld");
    expect(one.openApprovals).toMatchObject([{ question: { join: "second" } }]);
    one.pause();
    expect(one.answers("approve")).toBe("approvalAnswered modelCallReadied");
    one.resume();
    expect(one.timer()).toBe("modelCallIntended");
    expect(violations(one.rows)).toEqual([]);
  });

  test("is not inherited by a resume (A1)", () => {
    const one = outOfTime(held().also((agreed) => agreed.answers("approve")));
    one.resume(MORE_TIME);
    expect(one.start()).toBe("taskStarted approvalOpened modelCallHeld");
    expect(violations(one.rows)).toEqual([]);
  });

  test("leaves answers to other questions and other turns alone", () => {
    const one = held({ onConflict: { kind: "ask" } }, { onLimit: "ask", limit: { turns: 5 } });
    one.answers("approve");
    one.replies(proposes(asks(TOOLS.refund)));
    expect(one.answers("approve")).toBe("approvalAnswered callReadied");
    expect(violations(one.rows)).toEqual([]);
  });
});
