import { describe, expect, test } from "vitest";
import type { Health } from "../../../src/contracts/route.ts";
import { readableBy } from "../../../src/core/conversation.ts";
import type { Command } from "../../../src/core/task/command.ts";
import { decodeBody } from "../../../src/core/task/commit.ts";
import { replay } from "../../../src/core/task/replay.ts";
import { servingModel } from "../../../src/core/task/serving.ts";
import { FNS } from "../fixtures/core-functions.ts";
import { type OrderWishes, orderOf } from "../fixtures/order.ts";
import { ABLE_OUT, BOTH_WELL, PAIR, candidateOf, routeOf } from "../fixtures/route.ts";
import { DONE, asks, breaks, ends, proposes, says } from "../fixtures/said.ts";
import { thinking } from "../fixtures/states.ts";
import { TaskUnderTest } from "../fixtures/task-under-test.ts";
import { RETRY, TOOLS } from "../fixtures/tools.ts";
import { violations } from "../fixtures/violations.ts";

function routed(wishes: OrderWishes = {}): TaskUnderTest {
  return thinking({ route: PAIR, ...wishes });
}

/** The model that the call that is out goes to. */
function asked(task: TaskUnderTest): string {
  return servingModel(task.state.order, task.model).model;
}

function tell(task: TaskUnderTest, command: Command, health: Health): string {
  return task.put({ ...command, health });
}

/** One turn with a call of a tool, so that another turn begins. */
function takesATurn(task: TaskUnderTest, tool: keyof typeof TOOLS = "findCustomer"): TaskUnderTest {
  task.replies(proposes(asks(TOOLS[tool])));
  task.settles(TOOLS[tool].name, DONE);
  return task;
}

describe("which model is asked", () => {
  test("follows from what the command tells of health, and stays so until it is told anew", () => {
    const task = TaskUnderTest.created(orderOf({ route: PAIR }));
    tell(task, { type: "start" }, ABLE_OUT);
    expect(task.model.choice).toEqual({ step: "plan", candidate: 1, passed: [{ candidate: 0, why: "out" }] });
    expect(asked(takesATurn(task))).toBe("plain");
    task.replies(proposes(asks(TOOLS.findCustomer)));
    const { id: call, attempt } = task.call("find_customer");
    const settlements = [{ call, attempt, result: DONE, latencyMs: 5 }];
    tell(task, { type: "callsSettled", settlements }, BOTH_WELL);
    expect(asked(task)).toBe("able");
  });

  test("is in the journal, which decides the same again without anything else", () => {
    const task = takesATurn(routed());
    const choices = task.rows.flatMap((row) =>
      decodeBody(row).events.flatMap((event) => (event.type === "modelCallIntended" ? [event.choice] : [])),
    );
    expect(choices).toEqual([
      { step: "plan", candidate: 0, passed: [] },
      { step: "answer", candidate: 0, passed: [] },
    ]);
    expect(replay(task.rows, FNS)).toMatchObject({ equal: true });
  });

  test("follows from what the agent says of the last turn's tools", () => {
    const route = routeOf(PAIR.candidates, { extract: { order: [1] } });
    const task = routed({ route, steps: { find_customer: "extract" } });
    expect(asked(task)).toBe("able");
    expect(asked(takesATurn(task))).toBe("plain");
    expect(asked(takesATurn(task, "addNote"))).toBe("able");
  });

  test("keeps within the task's latency objective", () => {
    const route = routeOf([candidateOf("able", { latencyObjectiveMs: 9_000 }), candidateOf("plain")]);
    expect(asked(routed({ route, latencyObjectiveMs: 3_000 }))).toBe("plain");
    expect(asked(routed({ route }))).toBe("able");
  });

  test("is the one that the budget still allows", () => {
    const costMicroUsd = routed().state.budget.reserved.costMicroUsd - 1;
    const task = routed({ limit: { costMicroUsd } });
    expect(task.model).toMatchObject({ choice: { candidate: 1, passed: [{ candidate: 0, why: "budget" }] } });
    expect(task.state.budget.reserved.costMicroUsd).toBeLessThanOrEqual(costMicroUsd);
  });

  test("is nobody when the budget allows none: the ceiling is reached, as with one model", () => {
    const task = TaskUnderTest.created(orderOf({ route: PAIR, limit: { costMicroUsd: 10 } }));
    expect(task.start()).toBe("taskStarted limitReached taskFailed");
  });

  test("is nobody when none can serve, and the task says why", () => {
    const route = routeOf([
      candidateOf("able", { capabilities: [] }),
      candidateOf("plain", { contextTokens: 5 }),
    ]);
    const task = TaskUnderTest.created(orderOf({ route }));
    expect(task.start()).toBe("taskStarted taskFailed");
    const { phase } = task.state;
    const end = phase.kind === "ended" ? phase.end : null;
    expect(end).toMatchObject({ error: { code: "invalid_input" } });
    expect(JSON.stringify(end)).toContain("able: capability, plain: context");
  });
});

describe("each attempt", () => {
  test("is reserved and charged at the price of who serves it", () => {
    const task = routed();
    const dear = task.state.budget.reserved.costMicroUsd;
    task.replies(breaks("timeout"));
    expect(task.state.budget.spent.costMicroUsd).toBe(dear);
    expect(task.state.budget.reserved.costMicroUsd).toBe(dear / 2);
    task.replies(ends("Done."));
    expect(task.state.budget.spent.costMicroUsd).toBe(dear + 42);
    expect(violations(task.rows)).toEqual([]);
    const able = routed().also((one) => one.replies(ends("Done.")));
    expect(able.state.budget.spent.costMicroUsd).toBe(84);
  });

  test("is leased for as long as who serves it may take", () => {
    const task = routed({ placement: "queued" });
    task.claims();
    expect(task.model.progress).toMatchObject({ leaseUntilMs: task.nowMs + 20_000 + 15_000 });
  });
});

describe("a model call that failed", () => {
  test("goes to another that is well at once, and comes back when that fails too", () => {
    const task = routed();
    expect(task.replies(breaks("overloaded"))).toBe("modelCallFailed modelCallIntended");
    expect(asked(task)).toBe("plain");
    expect(task.replies(breaks("overloaded"))).toBe("modelCallFailed");
    task.timer();
    expect(asked(task)).toBe("able");
    expect(violations(task.rows)).toEqual([]);
  });

  test("waits when the other one ails", () => {
    const task = TaskUnderTest.created(orderOf({ route: PAIR }));
    tell(task, { type: "start" }, [{ standing: "well" }, { standing: "ailing" }]);
    expect(task.replies(breaks("rate_limited", { retryAfterMs: 700 }))).toBe("modelCallFailed");
    task.timer();
    expect(asked(task)).toBe("able");
  });

  test("goes to the other one after its wait, when that has become well meanwhile", () => {
    const task = TaskUnderTest.created(orderOf({ route: PAIR }));
    tell(task, { type: "start" }, [{ standing: "well" }, { standing: "ailing" }]);
    task.replies(breaks("overloaded"));
    task.passes(60_000);
    expect(tell(task, { type: "timerFired" }, BOTH_WELL)).toBe("modelCallIntended");
    expect(asked(task)).toBe("plain");
  });

  test.each(["unauthorized", "quota_exhausted", "invalid_request", "context_too_long"] as const)(
    "for %s goes to any other, and never back",
    (code) => {
      const task = TaskUnderTest.created(orderOf({ route: PAIR }));
      tell(task, { type: "start" }, [{ standing: "well" }, { standing: "out" }]);
      expect(task.replies(breaks(code, { retryable: false }))).toBe("modelCallFailed modelCallIntended");
      expect(asked(task)).toBe("plain");
      expect(task.replies(breaks(code, { retryable: false }))).toBe("modelCallFailed taskFailed");
    },
  );

  test("because its answer was cut off, or its tries are over, goes nowhere", () => {
    expect(routed().replies(breaks("cut_off", { retryable: false }))).toBe("modelCallFailed taskFailed");
    const once = routed({ modelRetry: { ...RETRY, attemptsMax: 1 } });
    expect(once.replies(breaks("overloaded"))).toBe("modelCallFailed taskFailed");
  });

  test("waits for a pause to end before another is asked", () => {
    const task = routed();
    task.pause();
    expect(task.replies(breaks("overloaded"))).toBe("modelCallFailed");
    task.resume();
    task.timer();
    expect(asked(task)).toBe("plain");
  });

  test("by a crash is not the model's fault: the same is asked again", () => {
    const task = routed();
    expect(task.restarts()).toBe("modelCallFailed modelCallIntended");
    expect(asked(task)).toBe("able");
    expect(task.model.tried).toBeUndefined();
  });

  test("repeats no call that is settled", () => {
    const task = takesATurn(routed());
    task.replies(breaks("overloaded"));
    task.replies(proposes(asks(TOOLS.addNote)));
    const [first] = task.state.turns;
    expect(first?.calls.map(({ tool, attempt }) => `${tool} ${attempt}`)).toEqual(["find_customer 1"]);
    expect(violations(task.rows)).toEqual([]);
  });
});

test("what one model signed for itself is kept from another, and given back to itself", () => {
  const signed = {
    type: "opaque",
    protocol: "anthropic",
    item: { type: "thinking", signature: "x" },
  } as const;
  const task = routed();
  task.replies(proposes(signed, says("Looking."), asks(TOOLS.findCustomer)));
  task.settles("find_customer", DONE);
  const { messages } = task.state;
  expect(messages[1]).toMatchObject({ by: "scripted/able" });
  expect(readableBy("scripted/able", messages)).toEqual(messages);
  const [, foreign] = readableBy("scripted/plain", messages);
  expect(foreign).toMatchObject({ parts: [says("Looking."), asks(TOOLS.findCustomer)] });
  // The same object each time: adapters convert a message once.
  expect(readableBy("scripted/plain", messages)[1]).toBe(foreign);
  expect(readableBy("scripted/plain", messages)[0]).toBe(messages[0]);
});

test("a choice outside of its route is a bug", () => {
  const order = orderOf({ route: PAIR });
  expect(() => servingModel(order, { choice: { step: "plan", candidate: 7, passed: [] } })).toThrow(
    "names a candidate",
  );
});
