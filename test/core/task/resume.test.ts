import { describe, expect, test } from "vitest";
import type { Command } from "../../../src/core/task/command.ts";
import type { Event } from "../../../src/core/task/event.ts";
import { decodeBody } from "../../../src/core/task/commit.ts";
import { LIMIT, T0 } from "../fixtures/order.ts";
import { CONFLICT, DONE, asks, breaks, declines, ends, proposes } from "../fixtures/said.ts";
import { MORE_TIME, acting, outOfTime, thinking } from "../fixtures/states.ts";
import type { TaskUnderTest } from "../fixtures/task-under-test.ts";
import { HOUR_MS, TOOLS } from "../fixtures/tools.ts";

/** One turn with a read and a note; the second turn writes another note; then the model fails for good. */
function twoTurns(): TaskUnderTest {
  const task = acting(["findCustomer", "addNote"]);
  task.settles("find_customer", DONE);
  task.settles("add_note", DONE);
  task.replies(proposes(asks(TOOLS.addNote, { n: 2 })));
  task.settles("add_note", CONFLICT);
  return failsNow(task);
}

function failsNow(task: TaskUnderTest): TaskUnderTest {
  return task.also((one) => one.replies(breaks("unauthorized", { retryable: false })));
}

function resumedEvent(task: TaskUnderTest): Extract<Event, { type: "taskResumed" }> | undefined {
  const events = task.rows.flatMap((row) => decodeBody(row).events);
  return events.findLast((event) => event.type === "taskResumed");
}

/** What the model was told last, not as the result of a call. */
function lastTold({ state }: TaskUnderTest): string {
  const message = state.messages.at(-1);
  return message?.role === "user" ? message.text : "";
}

/** The place of the first commit that this command led to. */
function seqOf(task: TaskUnderTest, type: Command["type"], nth = 0): number {
  return task.rows.filter((row) => decodeBody(row).command.type === type)[nth]?.seq ?? 0;
}

describe("resuming a failed task from its last checkpoint", () => {
  test("keeps every turn, and asks the model again", () => {
    const task = twoTurns();
    const { messages, turns } = task.state;
    expect(task.resume()).toBe("taskResumed");
    expect(task.status).toBe("queued");
    expect(task.start()).toBe("taskStarted modelCallIntended");
    expect(task.state).toMatchObject({ messages, turns });
    expect(task.model).toMatchObject({ turn: 3, attempt: 1 });
    expect(resumedEvent(task)?.settledAfter).toEqual([]);
  });

  test("takes up the open turn: what is settled stays settled, the rest goes through the gate again", () => {
    const task = outOfTime(
      acting(["findCustomer", "refund", "addNote"]).also((one) => one.answers("approve")),
    );
    task.settles("find_customer", DONE);
    expect(task.resume(MORE_TIME)).toBe("limitExtended taskResumed");
    expect(task.call("refund")).toMatchObject({ approvedBy: null, asked: 0, progress: { at: "ready" } });
    expect(task.start()).toBe("taskStarted");
    expect(task.readsRights()).toBe("callJudged approvalOpened callHeld callJudged callIntended");
    expect(task.call("find_customer").progress.at).toBe("settled");
    expect(task.call("add_note").attempt).toBe(2);
  });

  test("ends a turn that late results have settled meanwhile", () => {
    const task = outOfTime(acting(["addNote"])).also((one) => one.resume(MORE_TIME));
    expect(task.settles("add_note", DONE)).toBe("callSettled");
    expect(task.start()).toBe("taskStarted turnEnded modelCallIntended");
  });

  test("asks again a model that had declined, with what it was asked before", () => {
    const task = thinking();
    const { messages } = task.state;
    task.replies(declines("No."));
    task.resume();
    expect(task.state.messages).toEqual(messages);
    expect(task.start()).toBe("taskStarted modelCallIntended");
    expect(task.replies(ends("Well then."))).toBe("modelReplied taskCompleted");
  });

  test("asks again a model whose reply had used too much, as its calls were never looked at", () => {
    const task = thinking();
    const usage = { inputTokens: LIMIT.tokens, cachedInputTokens: 0, cacheWriteTokens: 0, outputTokens: 1 };
    task.replies({ ...proposes(asks(TOOLS.addNote)), usage });
    task.resume();
    expect(task.state.messages).toHaveLength(1);
    expect(task.start()).toBe("taskStarted modelCallIntended");
  });

  test("does not give back the time: a task that ran out of it needs more", () => {
    const task = outOfTime(thinking());
    task.resume();
    expect(task.put({ type: "timerFired" })).toBe("limitReached taskFailed");
    task.resume(MORE_TIME);
    expect(task.put({ type: "timerFired" })).toBe("nothing");
    expect(task.state.startedAtMs).toBe(T0);
  });

  test("may raise ceilings as far as the agent's, and lowers none", () => {
    const task = twoTurns();
    expect(task.resume({ limits: { turns: LIMIT.turns * 2 + 1 } })).toBe("refused limit_exceeded");
    expect(task.resume({ limits: { turns: LIMIT.turns - 1 } })).toBe("refused limit_exceeded");
    expect(task.resume({ limits: { turns: LIMIT.turns, tokens: LIMIT.tokens * 2 } })).toBe(
      "limitExtended taskResumed",
    );
    expect(task.state.budget.limit).toMatchObject({ turns: LIMIT.turns, tokens: LIMIT.tokens * 2 });
  });
});

describe("resuming a failed task from a named checkpoint", () => {
  test("takes back later turns and names every call settled after it (T1)", () => {
    const task = twoTurns();
    const ids = task.state.turns.map(({ calls }) => calls.map(({ id }) => id));
    task.resume({ checkpoint: seqOf(task, "start") });
    expect(resumedEvent(task)?.settledAfter).toEqual(ids.flat());
    expect(task.state.turns).toEqual([]);
    expect(task.start()).toBe("taskStarted modelCallIntended");
    expect(task.model.turn).toBe(1);
  });

  test("tells the model what was carried out already, and repeats none of it (E1)", () => {
    const task = twoTurns().also((one) => one.resume({ checkpoint: seqOf(one, "start") }));
    expect(lastTold(task)).toMatch(
      /find_customer \{"n":1\} → \{"ok":1\}\n- add_note .* → \{"ok":1\}\n- add_note .* → conflict/,
    );
    task.start();
    expect(task.replies(proposes(asks(TOOLS.addNote), asks(TOOLS.addNote)))).toBe(
      "modelReplied callProposed callProposed callSettled callJudged callIntended",
    );
    const { phase } = task.state;
    const calls = phase.kind === "acting" ? phase.open.calls : [];
    expect(calls[0]).toMatchObject({ attempt: 0, progress: { outcome: { ok: true, output: { ok: 1 } } } });
    expect(calls[0]?.reusedFrom).not.toBe(null);
    expect(calls[1]).toMatchObject({ attempt: 1, reusedFrom: null });
  });

  test("in the middle of a turn goes on with its reply, and tells of later turns when it ends", () => {
    const task = twoTurns().also((one) => one.resume({ checkpoint: seqOf(one, "modelReplied") }));
    expect(task.state.messages).toHaveLength(2);
    expect(resumedEvent(task)?.settledAfter).toHaveLength(3);
    expect(task.start()).toBe("taskStarted turnEnded modelCallIntended");
    expect(task.state.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "user"]);
    expect(lastTold(task)).toContain('add_note {"n":2} → conflict');
    expect(task.state.untold).toEqual([]);
  });

  test("once more tells again what a message told that is taken back", () => {
    const task = twoTurns().also((one) => one.resume({ checkpoint: seqOf(one, "modelReplied") }));
    task.start();
    failsNow(task).resume({ checkpoint: seqOf(task, "start") });
    expect(lastTold(task)).toMatch(/(\n- .* → .*){3}$/);
  });

  test("and then from the last one does not tell again what was told and stands", () => {
    const task = twoTurns().also((one) => one.resume({ checkpoint: seqOf(one, "start") }));
    task.start();
    const { messages } = task.state;
    failsNow(task).resume();
    expect(task.state.messages).toEqual(messages);
  });

  test("once more before the turn ended still tells what it had to tell", () => {
    const task = outOfTime(twoTurns().also((one) => one.resume({ checkpoint: seqOf(one, "modelReplied") })));
    expect(task.status).toBe("failed");
    task.resume(MORE_TIME);
    expect(task.state.untold).toHaveLength(1);
    expect(task.start()).toBe("taskStarted turnEnded modelCallIntended");
    expect(lastTold(task)).toContain('add_note {"n":2} → conflict');
  });

  test("reuses no refusal: the gate judges by the rights of now (P1)", () => {
    const task = acting(["refund"]).also((one) => one.answers("deny"));
    failsNow(task).resume({ checkpoint: seqOf(task, "start") });
    expect(task.state).toMatchObject({ reusable: [], untold: [] });
    task.start();
    expect(task.replies(proposes(asks(TOOLS.refund)))).toMatch(/callJudged approvalOpened callHeld$/);
  });

  test("reuses what an earlier resume had reused, and only once", () => {
    const task = acting(["addNote"]).also((one) => one.settles("add_note", DONE));
    for (let i = 0; i < 2; i++) {
      failsNow(task).resume({ checkpoint: seqOf(task, "start") });
      task.start();
      expect(task.replies(proposes(asks(TOOLS.addNote)))).toMatch(/callProposed callSettled turnEnded/);
    }
    expect(task.replies(proposes(asks(TOOLS.addNote)))).toMatch(/callJudged callIntended$/);
    expect(task.state.reusable).toHaveLength(1);
  });

  test("names only what settled after it", () => {
    const task = twoTurns();
    const [first, second] = task.state.turns[0]?.calls ?? [];
    task.resume({ checkpoint: seqOf(task, "callsSettled") });
    expect(resumedEvent(task)?.settledAfter).not.toContain(first?.id);
    expect(resumedEvent(task)?.settledAfter).toContain(second?.id);
  });

  test("that lies ahead is refused", () => {
    const task = twoTurns();
    expect(task.resume({ checkpoint: task.state.seq + 1 })).toBe("refused invalid_input");
  });

  test("is refused when it would lose sight of a write of unknown outcome (E2)", () => {
    const task = outOfTime(acting(["addNote"]));
    expect(task.resume({ checkpoint: seqOf(task, "start"), ...MORE_TIME })).toBe(
      "refused task_not_resumable",
    );
    expect(task.resume(MORE_TIME)).toBe("limitExtended taskResumed");
  });

  test.each([
    ["a read", "findCustomer"],
    ["a write that never left", "refund"],
  ] as const)("may take back the turn of %s that was open", (_, tool) => {
    const task = outOfTime(acting([tool], { tools: Object.values(TOOLS).map(patient) }));
    expect(task.resume({ checkpoint: seqOf(task, "start"), ...MORE_TIME })).toBe("limitExtended taskResumed");
    expect(task.start()).toBe("taskStarted modelCallIntended");
  });
});

/** Its questions stay open for longer than the task may take. */
function patient<T extends (typeof TOOLS)[keyof typeof TOOLS]>(tool: T): T {
  return tool.approval === undefined
    ? tool
    : { ...tool, approval: { ...tool.approval, ttlMs: 100 * HOUR_MS } };
}
