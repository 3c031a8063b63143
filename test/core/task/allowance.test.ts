import { describe, expect, test } from "vitest";
import { allowanceToAsk } from "../../../src/core/task/allowance.ts";
import { effectsOf } from "../../../src/core/task/effect.ts";
import {
  ASKS,
  FOR_ONE_CALL,
  LIMITED,
  NO_PLACE,
  PLENTY,
  answeredWith,
  spentUp,
} from "../fixtures/allowance.ts";
import { ASK_RESEARCHER, FAMILY, QUESTION } from "../fixtures/family.ts";
import { orderOf } from "../fixtures/order.ts";
import { PAIR } from "../fixtures/route.ts";
import { DONE, asks, breaks, ends, proposes } from "../fixtures/said.ts";
import { allowed, recruiting, thinking } from "../fixtures/states.ts";
import { TaskUnderTest } from "../fixtures/task-under-test.ts";
import { TOOLS } from "../fixtures/tools.ts";

const limited = (of: Parameters<typeof orderOf>[0] = {}) =>
  TaskUnderTest.created(orderOf({ allowance: LIMITED, ...of }));

describe("a task that needs an allowance", () => {
  test("asks for the worst case of its first call, and begins with the answer", () => {
    const task = limited();
    expect(task.start()).toBe("nothing");
    const [effect] = effectsOf(task.state);
    expect(effect).toMatchObject({ kind: "askAllowance", ask: { n: 1, wanted: { tokens: 1_214 } } });
    expect(allowed(task, PLENTY)).toBe("allowanceAnswered taskStarted modelCallIntended");
    expect(task.effects).toEqual(["callModel"]);
  });

  test("asks nobody again while what it holds covers its calls", () => {
    const task = thinking({ allowance: LIMITED });
    for (let turn = 0; turn < 3; turn++) {
      task.replies(proposes(asks(TOOLS.findCustomer)));
      expect(task.settles("find_customer", DONE)).toBe("callSettled turnEnded modelCallIntended");
    }
  });

  test("asks anew when it no longer does, and says what it used", () => {
    const task = limited().also((one) => allowed(one, FOR_ONE_CALL));
    task.replies(proposes(asks(TOOLS.findCustomer)));
    expect(task.settles("find_customer", DONE)).toBe("callSettled turnEnded modelCallUnfunded");
    expect(allowanceToAsk(task.state)).toMatchObject({ n: 2, counted: { tokens: 0 } });
    expect(allowanceToAsk(task.state)?.used.tokens).toBeGreaterThan(0);
    expect(task.status).toBe("running");
  });

  test("asks anew for another attempt, too", () => {
    const task = limited().also((one) => allowed(one, FOR_ONE_CALL));
    task.replies(breaks("malformed"));
    expect(task.timer()).toBe("modelCallUnfunded");
    expect(allowed(task, PLENTY)).toBe("allowanceAnswered modelCallIntended");
    expect(task.model.attempt).toBe(2);
  });

  test("under no budget goes by its place alone", () => {
    const task = limited({ allowance: { budgets: false, capacity: true } });
    expect(allowed(task, { placed: true })).toBe("allowanceAnswered taskStarted modelCallIntended");
  });

  test("asks for nothing where no model can serve it, and fails for that", () => {
    const step = { order: [0], priceMax: { input: 0, output: 0 } };
    const task = limited({ route: { ...PAIR, steps: { default: step } } });
    expect(allowanceToAsk(task.state)).toMatchObject({ wanted: { tokens: 0, costMicroUsd: 0 } });
    expect(allowed(task, PLENTY)).toMatch(/taskFailed/);
  });
});

describe("what a task holds goes back", () => {
  test("when it ends, with what it used", () => {
    const task = thinking({ allowance: LIMITED });
    expect(task.replies(ends("Done."))).toBe("modelReplied taskCompleted allowanceReturned");
    expect(allowanceToAsk(task.state)).toMatchObject({ n: 2, wanted: null });
    expect(allowed(task, {})).toBe("allowanceAnswered");
    expect(effectsOf(task.state)).toEqual([]);
  });

  test("when it ends while it asks, since it may have got what it asked for", () => {
    expect(limited().cancel()).toBe("taskCanceled allowanceReturned");
  });

  test("to where its place is, until that is acknowledged", () => {
    const task = limited().also((one) => allowed(one, { ...PLENTY, place: "tasks#1" }));
    task.replies(ends("Done."));
    expect(task.state.allowance).toMatchObject({ returning: true, placed: false, place: "tasks#1" });
    allowed(task, {});
    expect(task.state.allowance).not.toHaveProperty("place");
  });

  test("while its child works, but not while anything of its own does", () => {
    const task = thinking({ ...FAMILY, allowance: LIMITED });
    task.replies(proposes(asks(ASK_RESEARCHER, QUESTION), asks(TOOLS.addNote)));
    expect(task.claims()).not.toMatch(/allowanceReturned/);
    expect(task.settles("add_note", DONE)).toBe("callSettled allowanceReturned");
    const alone = recruiting({ allowance: LIMITED });
    expect(alone.claims()).toMatch(/allowanceReturned$/);
  });

  test("and is asked for again when it goes on", () => {
    const task = thinking({ allowance: LIMITED }).also((one) => one.replies(proposes(asks(TOOLS.refund))));
    expect(allowanceToAsk(task.state)).toMatchObject({ wanted: null });
    allowed(task, {});
    task.answers("deny");
    expect(task.model.progress.at).toBe("unfunded");
    expect(allowanceToAsk(task.state)).toMatchObject({
      n: 3,
      wanted: { tokens: expect.any(Number) as number },
    });
  });

  test("before it is asked for again, though the task could go on already", () => {
    const task = thinking({ allowance: LIMITED }).also((one) => one.replies(proposes(asks(TOOLS.refund))));
    task.answers("deny");
    expect(allowanceToAsk(task.state)).toMatchObject({ n: 2, wanted: null });
    expect(allowed(task, {})).toBe("allowanceAnswered");
    expect(allowanceToAsk(task.state)).toMatchObject({ n: 3 });
  });

  test("what was granted to an asking that was taken back is not the task's", () => {
    const task = limited();
    const granted = answeredWith(task.state, PLENTY);
    task.cancel();
    expect(task.put(granted)).toBe("nothing");
  });
});

describe("a human who is asked to raise a ceiling", () => {
  const asking = () => {
    const task = limited().also((one) => allowed(one, FOR_ONE_CALL));
    task.replies(proposes(asks(TOOLS.findCustomer)));
    task.settles("find_customer", DONE);
    expect(allowed(task, spentUp(ASKS))).toBe("allowanceAnswered approvalOpened modelCallHeld");
    return task;
  };

  test("is whom the agent asks, unless the account has someone", () => {
    expect(asking().openApprovals[0]).toMatchObject({
      approver: "otto",
      question: { kind: "funds", account: "tenant", period: "day", ceiling: 1_000_000, raiseTo: 2_000_000 },
    });
    const task = limited().also((one) => allowed(one, FOR_ONE_CALL));
    task.replies(breaks("malformed"));
    task.timer();
    allowed(task, spentUp({ ...ASKS, approver: "treasurer" }));
    expect(task.openApprovals[0]?.approver).toBe("treasurer");
  });

  test("lets the task ask again with the answer", () => {
    const task = asking();
    expect(task.status).toBe("waiting_approval");
    expect(task.answers("approve")).toBe("approvalAnswered modelCallUnfunded");
    expect(allowanceToAsk(task.state)).toMatchObject({
      answered: { approved: true, question: { raiseTo: 2_000_000 } },
    });
  });

  test("is told on once, to those who keep the budgets, and not to those who keep places", () => {
    const task = asking().also((one) => one.answers("approve"));
    allowed(task, NO_PLACE);
    expect(allowanceToAsk(task.state)).toMatchObject({ answered: { approved: true } });
    allowed(task, { placed: true, held: { costMicroUsd: 1_500, tokens: 1_500 } });
    expect(allowanceToAsk(task.state)).toBeNull();
    task.replies(breaks("malformed"));
    task.timer();
    expect(allowanceToAsk(task.state)).toMatchObject({ answered: null });
    task.cancel();
    expect(allowanceToAsk(task.state)).toMatchObject({ wanted: null, answered: null });
  });

  test("who says no is told on, and the task fails with what there is", () => {
    const task = asking();
    expect(task.answers("deny")).toBe("approvalAnswered taskFailed allowanceReturned");
    expect(allowanceToAsk(task.state)).toMatchObject({ wanted: null, answered: { approved: false } });
    expect(task.state.phase).toMatchObject({ end: { error: { code: "budget_exhausted" } } });
  });

  test("who says nothing in time said no", () => {
    expect(asking().timer()).toBe("approvalClosed taskFailed allowanceReturned");
  });
});

test("a paused task keeps nothing for a call that is to be tried again, and asks when it goes on", () => {
  const task = limited()
    .also((one) => allowed(one, PLENTY))
    .also((one) => one.replies(breaks("overloaded")));
  expect(task.pause()).toBe("taskPaused allowanceReturned");
  const out = limited()
    .also((one) => allowed(one, PLENTY))
    .also((one) => one.pause());
  expect(out.replies(breaks("overloaded"))).toBe("modelCallFailed allowanceReturned");
});

test("a paused task that has nothing gives it back once, and what it asked for before when it ends", () => {
  const task = limited().also((one) => allowed(one, FOR_ONE_CALL));
  task.replies(breaks("malformed"));
  task.timer();
  expect(task.pause()).toBe("taskPaused allowanceReturned");
  allowed(task, {});
  expect(task.put({ type: "interrupted" })).toBe("nothing");
  expect(task.put({ type: "timerFired" })).toBe("nothing");
  const queued = limited().also((one) => one.pause());
  expect(queued.cancel()).toBe("taskCanceled allowanceReturned");
});

test("a paused task neither asks nor keeps anything, and asks when it goes on", () => {
  const task = limited().also((one) => one.pause());
  expect(effectsOf(task.state)).toEqual([]);
  expect(allowed(task, PLENTY)).toBe("allowanceAnswered taskStarted allowanceReturned");
  expect(task.resume()).toBe("taskUnpaused modelCallUnfunded");
  expect(allowanceToAsk(task.state)).toMatchObject({ wanted: null });
});
