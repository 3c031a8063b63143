import { describe, expect, test } from "vitest";
import { ModelFailureCode } from "../../../src/contracts/model.ts";
import type { TaskState } from "../../../src/core/task/state.ts";
import { INTERRUPTIONS_MAX } from "../../../src/core/task/model-call.ts";
import { LIMIT, T0, orderOf } from "../fixtures/order.ts";
import { USAGE, asks, breaks, declines, ends, proposes, says } from "../fixtures/said.ts";
import { acting, thinking } from "../fixtures/states.ts";
import { TaskUnderTest } from "../fixtures/task-under-test.ts";
import { TOOLS } from "../fixtures/tools.ts";

function endOf({ phase }: TaskState): unknown {
  return phase.kind === "ended" ? phase.end : null;
}

describe("a task's first turn", () => {
  test("begins with the input as its user gave it", () => {
    const both = { ...orderOf(), input: { text: "Look at this.", json: { order: 7 } } };
    expect(TaskUnderTest.created(both).state.messages).toEqual([
      { role: "user", text: 'Look at this.\n\n{"order":7}' },
    ]);
    const json = { ...orderOf(), input: { json: [1] } };
    expect(TaskUnderTest.created(json).state.messages).toEqual([{ role: "user", text: "[1]" }]);
  });

  test("starts once", () => {
    const task = thinking();
    expect(task.state.startedAtMs).toBe(T0);
    expect(task.start()).toBe("nothing");
  });
});

describe("a reply that ends", () => {
  test("completes the task with its text", () => {
    const task = thinking();
    expect(task.replies(ends("All done."))).toBe("modelReplied taskCompleted");
    expect(endOf(task.state)).toEqual({ status: "completed", answer: "All done." });
    expect(task.state.budget.spent).toMatchObject({ turns: 1, tokens: 42, costMicroUsd: 42 });
  });

  test("fails it when the model declines, and keeps the refusal as what there is of an answer", () => {
    const task = thinking();
    task.replies(declines("I will not."));
    expect(endOf(task.state)).toMatchObject({
      status: "failed",
      error: { code: "refused_by_policy" },
      partial: "I will not.",
    });
  });

  test("is told apart from calls, whose turn goes on", () => {
    const task = thinking();
    expect(task.replies(proposes(says("Let me see."), asks(TOOLS.findCustomer)))).toBe(
      "modelReplied callProposed callJudged callIntended",
    );
    task.cancel("enough");
    expect(endOf(task.state)).toEqual({
      status: "canceled",
      by: "mia",
      reason: "enough",
      partial: "Let me see.",
    });
  });

  test("that promises calls and brings none is answered with no results, and the model is asked again", () => {
    const task = thinking();
    expect(task.replies(proposes(says("Hm.")))).toBe("modelReplied turnEnded modelCallIntended");
    expect(task.state.messages.at(-1)).toEqual({ role: "tool", results: [] });
  });
});

describe("streamed text", () => {
  const streams = (task: TaskUnderTest, text: string): string =>
    task.put({ type: "outputStreamed", call: task.model.id, attempt: task.model.attempt, text });

  test("is what there is of an answer when the task ends in the middle", () => {
    const task = acting(["findCustomer"]).also((one) =>
      one.settles("find_customer", { kind: "done", output: 1 }),
    );
    streams(task, "Dear ");
    streams(task, "Mia");
    expect(task.model.partial).toBe("Dear Mia");
    task.cancel();
    expect(endOf(task.state)).toMatchObject({ status: "canceled", reason: "", partial: "Dear Mia" });
  });

  test("is forgotten when its attempt fails and another is made", () => {
    const task = thinking().also((one) => streams(one, "Dear "));
    task.replies(breaks("cut_off"));
    expect(task.timer()).toBe("modelCallIntended");
    expect(task.model.partial).toBe("");
  });
});

/** What each failure is charged when the provider told no usage, and how the task ends if it is not tried again. */
const FAILURES: Readonly<Record<ModelFailureCode, readonly [charged: "nothing" | "all", code: string]>> = {
  rate_limited: ["nothing", "rate_limited"],
  turned_away: ["nothing", "rate_limited"],
  overloaded: ["nothing", "unavailable"],
  invalid_request: ["nothing", "invalid_input"],
  context_too_long: ["nothing", "invalid_input"],
  unauthorized: ["nothing", "unavailable"],
  quota_exhausted: ["nothing", "unavailable"],
  unavailable: ["all", "unavailable"],
  timeout: ["all", "timeout"],
  aborted: ["all", "canceled"],
  cut_off: ["all", "output_invalid"],
  malformed: ["all", "output_invalid"],
  interrupted: ["all", "unavailable"],
};

describe.each(ModelFailureCode.options)("a reply that failed as %s", (failure) => {
  const [charged, code] = FAILURES[failure];

  test(`costs ${charged} of what was set aside (B1), and never a turn`, () => {
    const task = thinking();
    const { reserved } = task.model;
    task.replies(breaks(failure));
    const { tokens, costMicroUsd } = charged === "all" ? reserved : { tokens: 0, costMicroUsd: 0 };
    expect(task.state.budget.spent).toMatchObject({ turns: 0, tokens, costMicroUsd });
  });

  test("costs what the provider says, when it says so", () => {
    const task = thinking();
    task.replies({ ...breaks(failure), usage: USAGE });
    expect(task.state.budget.spent).toMatchObject({ turns: 0, tokens: 42, costMicroUsd: 42 });
  });

  test(`fails the task as ${code} when it cannot be tried again`, () => {
    const task = thinking();
    expect(task.replies(breaks(failure, { retryable: false }))).toBe("modelCallFailed taskFailed");
    expect(endOf(task.state)).toMatchObject({ status: "failed", error: { code, retryable: false } });
  });
});

describe("a model call that failed", () => {
  test("is tried again with jitter, as often as its policy says, and then fails the task", () => {
    const task = thinking();
    const waitsMs: number[] = [];
    while (task.status === "running") {
      task.replies(breaks("overloaded"));
      const { phase } = task.state;
      if (phase.kind === "thinking" && phase.model.progress.at === "retrying")
        waitsMs.push(phase.model.progress.atMs - task.nowMs);
      task.timer();
    }
    expect(waitsMs).toHaveLength(2);
    expect(waitsMs[0]).toBeGreaterThanOrEqual(500);
    expect(waitsMs[0]).toBeLessThanOrEqual(1_000);
    expect(waitsMs[1]).toBeGreaterThanOrEqual(1_000);
    expect(waitsMs[1]).toBeLessThanOrEqual(2_000);
    expect(endOf(task.state)).toMatchObject({ error: { code: "unavailable" } });
  });

  test("waits at least as long as the provider asks", () => {
    const task = thinking();
    task.replies(breaks("rate_limited", { retryAfterMs: 60_000 }));
    expect(task.model.progress).toEqual({ at: "retrying", atMs: T0 + 60_000 });
    task.passes(59_999);
    expect(task.put({ type: "timerFired" })).toBe("nothing");
    expect(task.timer()).toBe("modelCallIntended");
    expect(task.model).toMatchObject({ attempt: 2, tries: 1 });
  });

  test("keeps its id through every attempt, and a reply to an earlier one changes nothing", () => {
    const task = thinking();
    const { id } = task.model;
    task.replies(breaks("overloaded"));
    task.timer();
    expect(task.model.id).toBe(id);
    const late = { type: "modelReplied", call: id, attempt: 1, reply: ends("Late."), latencyMs: 9 } as const;
    expect(task.put(late)).toBe("nothing");
  });
});

describe("a restart while the model is out", () => {
  test("charges what was set aside, and asks again at once", () => {
    const task = thinking();
    const { reserved } = task.model;
    expect(task.restarts()).toBe("modelCallFailed modelCallIntended");
    expect(task.model).toMatchObject({ attempt: 2, tries: 0, interruptions: 1 });
    expect(task.state.budget.spent).toMatchObject({ turns: 0, tokens: reserved.tokens });
  });

  test("is borne so often in a row, and then fails the task", () => {
    const task = thinking({ limit: { tokens: 2_000_000, costMicroUsd: 2_000_000 } });
    for (let i = 0; i < INTERRUPTIONS_MAX; i++)
      expect(task.restarts()).toBe("modelCallFailed modelCallIntended");
    expect(task.restarts()).toBe("modelCallFailed taskFailed");
    expect(endOf(task.state)).toMatchObject({ error: { code: "unavailable" } });
  });

  test("is counted in a row only: a failure of the provider's begins the count anew", () => {
    const task = thinking().also((one) => one.restarts());
    task.replies(breaks("overloaded"));
    expect(task.model).toMatchObject({ tries: 1, interruptions: 0 });
  });
});

describe("usage above what was set aside", () => {
  const much = { ...USAGE, outputTokens: LIMIT.tokens };

  test("is recorded as overrun, and stops the task before anything is proposed", () => {
    const task = thinking();
    const { reserved } = task.model;
    const reply = proposes(asks(TOOLS.addNote));
    expect(task.replies({ ...reply, usage: much })).toBe("modelReplied taskFailed");
    expect(task.state.budget.overrun.tokens).toBe(40 + LIMIT.tokens - reserved.tokens);
    expect(task.state.budget.spent.tokens).toBe(reserved.tokens);
    expect(endOf(task.state)).toMatchObject({ error: { code: "budget_exhausted" } });
  });

  test("stops the task after a failed reply too", () => {
    const task = thinking();
    expect(task.replies({ ...breaks("cut_off"), usage: much })).toBe("modelCallFailed taskFailed");
    expect(endOf(task.state)).toMatchObject({ error: { code: "budget_exhausted" } });
  });
});
