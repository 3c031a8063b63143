import { describe, expect, test } from "vitest";
import { PAIR } from "../fixtures/route.ts";
import { LIMIT, type OrderWishes, orderOf } from "../fixtures/order.ts";
import { ABLER, BOSS, COLLEAGUE, LEAD, STAIRS } from "../fixtures/ladder.ts";
import { FAMILY, PARENT } from "../fixtures/family.ts";
import { child, thinking } from "../fixtures/states.ts";
import { CONFLICT, DONE, USAGE, asks, breaks, declines, ends, proposes } from "../fixtures/said.ts";
import { joinOf } from "../fixtures/joins.ts";
import { TaskUnderTest } from "../fixtures/task-under-test.ts";
import { askedForMs } from "../../../src/core/ladder.ts";
import { HOUR_MS, OTTO, TOOLS } from "../fixtures/tools.ts";

const GIVES_UP = breaks("unauthorized", { retryable: false });
const UP_TO_LEAD = "stepFailed stepEscalated approvalOpened modelCallHeld";

/** A turn of one call that ends in an error that nobody retries. */
function fruitless(task: TaskUnderTest): string {
  task.replies(proposes(asks(TOOLS.findCustomer)));
  return task.settles("find_customer", CONFLICT);
}

function handOffIn(task: TaskUnderTest) {
  const question = task.openApprovals[0]?.question;
  if (question?.kind !== "handOff") throw new Error("nobody is asked to take the step on");
  return question.handOff;
}

describe("a step goes up the ladder", () => {
  test("when its model call has failed for good", () => {
    const task = thinking({ ladder: [LEAD] });
    expect(task.replies(GIVES_UP)).toBe(`modelCallFailed ${UP_TO_LEAD}`);
    expect(handOffIn(task)).toMatchObject({ because: "model", asked: "Please help Mia.", tried: [] });
  });

  test("with what the task was asked for, be that JSON alone", () => {
    const order = { ...orderOf({ ladder: [LEAD] }), input: { json: { order: 7 } } };
    const task = TaskUnderTest.created(order).also((one) => one.start());
    task.replies(GIVES_UP);
    expect(handOffIn(task).asked).toBe('{"order":7}');
  });

  test("when its model declines", () => {
    expect(thinking({ ladder: [LEAD] }).replies(declines("No."))).toBe(`modelReplied ${UP_TO_LEAD}`);
  });

  test("when three turns in a row brought nothing, and not before", () => {
    const task = thinking({ ladder: [LEAD] });
    expect(fruitless(task)).toBe("callSettled turnEnded modelCallIntended");
    expect(fruitless(task)).toBe("callSettled turnEnded modelCallIntended");
    expect(fruitless(task)).toBe(`callSettled turnEnded ${UP_TO_LEAD}`);
    const { because, tried } = handOffIn(task);
    expect(because).toBe("refused");
    expect(tried).toEqual(Array(3).fill({ what: "find_customer", ended: "conflict" }));
  });

  test("for its arguments, when these were what was wrong each time", () => {
    const task = thinking({ ladder: [LEAD] });
    const wrong = () => task.replies(proposes(asks(TOOLS.findCustomer, "nonsense")));
    wrong();
    wrong();
    expect(wrong()).toMatch(/stepEscalated/);
    expect(handOffIn(task).because).toBe("invalid");
  });

  test("but not for a turn that brought something among others that did not", () => {
    const task = thinking({ ladder: [LEAD] });
    fruitless(task);
    fruitless(task);
    task.replies(proposes(asks(TOOLS.findCustomer), asks(TOOLS.addNote)));
    task.settles("find_customer", CONFLICT);
    expect(task.settles("add_note", DONE)).toBe("callSettled turnEnded modelCallIntended");
  });

  test("when the answer is not what was asked for", () => {
    const answerSchema = { type: "object", required: ["ok"] };
    const task = child({ ladder: [LEAD], family: { parent: PARENT, answerSchema } });
    expect(task.replies(ends("Mia is a customer."))).toBe(`modelReplied ${UP_TO_LEAD}`);
    expect(handOffIn(task)).toMatchObject({ because: "answer" });
    task.answers("approve");
    expect(task.replies(ends('{"ok":true}'))).toBe("modelReplied taskCompleted");
  });

  test("and without a ladder nothing of this happens", () => {
    const task = thinking();
    for (let turn = 0; turn < 5; turn++) expect(fruitless(task)).toMatch(/modelCallIntended$/);
    expect(task.replies(GIVES_UP)).toBe("modelCallFailed taskFailed");
  });
});

describe("a more capable model", () => {
  const climbing = (ladder: OrderWishes["ladder"] = [ABLER, LEAD]) =>
    thinking({ route: STAIRS, ladder }).also((task) => task.replies(GIVES_UP));

  test("is the step `escalate` of the route, and is told what was tried", () => {
    const task = climbing();
    expect(task.model.choice).toMatchObject({ candidate: 1, step: "escalate" });
    expect(task.state.messages.at(-1)).toMatchObject({ role: "user" });
    expect(task.state.climb).toMatchObject({ rung: 0, turn: 0 });
  });

  test("serves the step alone: what comes after it is the first one's again", () => {
    const task = climbing();
    task.replies(proposes(asks(TOOLS.findCustomer)));
    task.settles("find_customer", DONE);
    expect(task.state).not.toHaveProperty("climb");
    expect(task.model.choice).toMatchObject({ candidate: 0 });
  });

  test("has its time, and is not tried again beyond it", () => {
    const task = climbing([{ to: "model", withinMs: 1_000 }, LEAD]);
    task.passes(999);
    expect(task.replies(breaks("overloaded"))).toBe(`modelCallFailed ${UP_TO_LEAD}`);
  });

  test("is given no time beyond it by a guard that is full, nor by another model that is well", () => {
    const rung = { to: "model", withinMs: 1_000 } as const;
    const full = climbing([rung, LEAD]).passes(999);
    expect(full.replies(breaks("turned_away"))).toBe(`modelCallFailed ${UP_TO_LEAD}`);
    const route = { ...PAIR, steps: { default: { order: [0] }, escalate: { order: [1, 0] } } };
    const late = thinking({ route, ladder: [rung, LEAD] })
      .also((task) => task.replies(GIVES_UP))
      .passes(1_000);
    expect(late.replies(breaks("overloaded"))).toBe(`modelCallFailed ${UP_TO_LEAD}`);
    const inTime = thinking({ route, ladder: [rung, LEAD] })
      .also((task) => task.replies(GIVES_UP))
      .passes(900);
    expect(inTime.replies(breaks("overloaded"))).toBe("modelCallFailed modelCallIntended");
  });

  test("is not asked for what overran the budget: the task stops, ladder or not", () => {
    const usage = { ...USAGE, outputTokens: LIMIT.tokens };
    const task = thinking({ ladder: [LEAD] });
    expect(task.replies({ ...GIVES_UP, usage })).toBe("modelCallFailed taskFailed");
    expect(task.state.phase).toMatchObject({ end: { error: { code: "budget_exhausted" } } });
  });

  test("is passed over where the route has no such step", () => {
    const task = thinking({ ladder: [ABLER, LEAD] });
    expect(task.replies(GIVES_UP)).toBe(`modelCallFailed ${UP_TO_LEAD}`);
    expect(task.state.climb).toMatchObject({ rung: 1 });
  });
});

describe("another agent", () => {
  const climbing = (wishes: OrderWishes = {}) =>
    thinking({ ...FAMILY, ladder: [COLLEAGUE, LEAD], ...wishes }).also((task) => task.replies(GIVES_UP));
  const atWork = (task: TaskUnderTest) => {
    expect(task.call("ask_researcher").progress.at).toBe("ready");
    expect(task.readsRights()).toBe("callJudged callIntended");
    return task;
  };
  const ended = (task: TaskUnderTest, ok: boolean) =>
    task.put({
      type: "childEnded",
      call: task.call("ask_researcher").id,
      result: ok ? { kind: "done", output: { child: "t2", answer: "Found." } } : CONFLICT,
      used: { turns: 1, toolCalls: 0, tokens: 10, costMicroUsd: 10, wallMs: 0, children: 0 },
    });

  test("is recruited by a proposal that goes before the gate, with the hand-off as its input", () => {
    const task = atWork(climbing());
    expect(task.call("ask_researcher")).toMatchObject({
      progress: { at: "intended" },
      args: { goal: "Please help Mia.", share: 0.25, handoff: { known: { because: "model" } } },
    });
    expect(task.state.budget.reserved.children).toBe(1);
  });

  test("is told what was tried, and how each call ended", () => {
    const task = thinking({ ...FAMILY, ladder: [COLLEAGUE] });
    task.replies(proposes(asks(TOOLS.findCustomer)));
    task.settles("find_customer", DONE);
    fruitless(task);
    task.replies(GIVES_UP);
    expect(task.call("ask_researcher").args).toMatchObject({
      handoff: { tried: ["find_customer: ok", "find_customer: conflict"] },
    });
  });

  test("brings its answer to the model, and the climb is over", () => {
    const task = atWork(climbing());
    task.claims();
    expect(ended(task, true)).toBe("callSettled turnEnded modelCallIntended");
    expect(task.state).not.toHaveProperty("climb");
    expect(task.state.messages.slice(-2)).toMatchObject([
      { role: "assistant", parts: [{ type: "call", tool: "ask_researcher" }] },
      { role: "tool", results: [{ outcome: { ok: true } }] },
    ]);
  });

  test("that fails is followed by the next rung at once", () => {
    const task = atWork(climbing());
    task.claims();
    expect(ended(task, false)).toBe(`callSettled turnEnded ${UP_TO_LEAD}`);
    expect(handOffIn(task)).toMatchObject({
      because: "rung",
      tried: [{ what: "ask_researcher", ended: "conflict" }],
    });
  });

  test("alone is too few for a join that wants two, which closes at once", () => {
    const joins = [joinOf({ tools: ["ask_researcher"], until: { kind: "quorum", k: 2 } })];
    const task = thinking({ ...FAMILY, ladder: [COLLEAGUE, LEAD], joins });
    expect(task.replies(GIVES_UP)).toMatch(
      /joinOpened joinClosed callSettled turnEnded stepFailed stepEscalated/,
    );
  });

  test("is passed over when there is room for no more children", () => {
    const task = climbing({ limit: { children: 0 } });
    expect(task.openApprovals).toHaveLength(1);
  });

  test("that the gate refuses is followed by the next rung", () => {
    const task = climbing({
      limit: { costMicroUsd: 200_000 },
      ladder: [{ ...COLLEAGUE, share: 0.0001 }, LEAD],
    });
    expect(task.readsRights()).toMatch(/callSettled turnEnded stepFailed stepEscalated/);
    expect(handOffIn(task).because).toBe("rung");
  });
});

describe("a human", () => {
  test("who lets the task go on gives the model guidance and a fresh start", () => {
    const task = thinking({ ladder: [LEAD] }).also((one) => one.replies(GIVES_UP));
    expect(task.status).toBe("waiting_approval");
    const [approval] = task.openApprovals;
    const said = { by: "otto", assurance: "signedIn", comment: "Look in the archive." } as const;
    const rights = { authorityActive: true, entitledApprovers: ["otto"] };
    expect(
      task.put({
        type: "approvalAnswered",
        approval: approval?.id ?? "",
        decision: "approve",
        rights,
        ...said,
      }),
    ).toBe("approvalAnswered modelCallIntended");
    expect(task.state.messages.at(-1)).toMatchObject({
      text: "A human looked at this step and lets you go on. They say: Look in the archive.",
    });
    expect(task.model).toMatchObject({ tries: 0, attempt: 1 });
  });

  test("who answers at the last moment leaves the model all of its tries", () => {
    const task = thinking({ ladder: [LEAD] }).also((one) => one.replies(GIVES_UP));
    task.passes(LEAD.ttlMs - 1).answers("approve");
    expect(task.replies(breaks("overloaded"))).toBe("modelCallFailed");
    expect(task.timer()).toBe("modelCallIntended");
  });

  test("who does not, ends the task", () => {
    const task = thinking({ ladder: [LEAD, BOSS] }).also((one) => one.replies(GIVES_UP));
    expect(task.answers("deny")).toBe("approvalAnswered taskFailed");
    expect(task.state.phase).toMatchObject({ end: { error: { code: "denied_by_human" } } });
  });

  test("who says nothing in time is followed by the next, and after the last the task fails as it would have", () => {
    const task = thinking({ ladder: [LEAD, BOSS] }).also((one) => one.replies(GIVES_UP));
    expect(task.timer()).toBe(`approvalClosed ${UP_TO_LEAD}`);
    expect(task.openApprovals).toMatchObject([{ approver: "rosa" }]);
    expect(task.timer()).toBe("approvalClosed stepFailed taskFailed");
    expect(task.state.phase).toMatchObject({
      end: { status: "failed", error: { code: "approval_expired" } },
    });
  });
});

describe("a paused task", () => {
  test("hands nothing on before it goes on", () => {
    const task = thinking({ ladder: [LEAD] }).also((one) => one.pause());
    expect(task.replies(GIVES_UP)).toBe("modelCallFailed stepFailed");
    expect(task.effects).toEqual([]);
    expect(task.resume()).toBe("taskUnpaused stepEscalated approvalOpened modelCallHeld");
  });

  test("that was answered meanwhile takes the step up when it goes on", () => {
    const task = thinking({ ladder: [LEAD] }).also((one) => one.replies(GIVES_UP));
    task.pause();
    expect(task.answers("approve")).toBe("approvalAnswered modelCallReadied");
    expect(task.resume()).toBe("taskUnpaused");
  });
});

test("a question may be open for as long as all the humans of the ladder have, one after the other", () => {
  expect(askedForMs(thinking().state)).toBe(OTTO.ttlMs);
  expect(askedForMs(thinking({ ladder: [ABLER, LEAD] }).state)).toBe(OTTO.ttlMs);
  expect(askedForMs(thinking({ ladder: [LEAD, BOSS] }).state)).toBe(3 * HOUR_MS);
});

test("a resume begins at the foot of the ladder", () => {
  const task = thinking({ ladder: [LEAD] })
    .also((one) => one.replies(GIVES_UP))
    .also((one) => one.answers("deny"));
  expect(task.resume()).toMatch(/taskResumed/);
  expect(task.state).not.toHaveProperty("climb");
  task.start();
  expect(task.replies(GIVES_UP)).toBe(`modelCallFailed ${UP_TO_LEAD}`);
});
