import { describe, expect, test } from "vitest";
import { effectsOf } from "../../../src/core/task/effect.ts";
import { nextTimerMs } from "../../../src/core/task/timer.ts";
import { ABLER, LEAD, STAIRS } from "../fixtures/ladder.ts";
import { asks, breaks, ends, proposes } from "../fixtures/said.ts";
import { submitted, thinking } from "../fixtures/states.ts";
import { HOUR_MS, TOOLS } from "../fixtures/tools.ts";

describe("a model that works in the background", () => {
  test("is asked by the object itself, and its response looked after from then on", () => {
    const task = thinking({ backgroundMs: HOUR_MS, placement: "queued" });
    expect(task.effects).toEqual(["callModel"]);
    task.submits();
    expect(task.effects).toEqual(["pollModel"]);
    expect(nextTimerMs(task.state)).toBe(task.nowMs + HOUR_MS);
  });

  test("is not asked again after a crash", () => {
    const task = submitted();
    expect(task.restarts()).toBe("nothing");
    expect(task.effects).toEqual(["pollModel"]);
  });

  test("pays for what the provider says it used, and its time is not taken for a call's", () => {
    const task = submitted();
    const { tokens } = task.state.budget.reserved;
    expect(task.replies(proposes(asks(TOOLS.findCustomer)), HOUR_MS / 2)).toContain("modelReplied");
    expect(task.state.budget.spent.tokens).toBe(42);
    expect(tokens).toBeGreaterThan(42);
    expect(task.state.budget.reserved.tokens).toBe(0);
    expect(task.state.modelLatencyMs).toBeNull();
  });

  test("is paid in full when its time is over, asked anew, and its first response dropped", () => {
    const task = submitted();
    const { costMicroUsd } = task.state.budget.reserved;
    expect(task.timer()).toBe("modelCallFailed");
    expect(task.state.budget.spent.costMicroUsd).toBe(costMicroUsd);
    expect(task.timer()).toBe("modelCallIntended");
    task.submits("resp_2");
    expect(dropped(task.state)).toEqual(["resp_1"]);
    task.timer();
    expect(dropped(task.state)).toEqual(["resp_1", "resp_2"]);
    expect(task.put({ type: "responseDropped", response: "resp_1" })).toBe("responseDropped");
    expect(dropped(task.state)).toEqual(["resp_2"]);
    expect(task.put({ type: "responseDropped", response: "resp_2" })).toBe("responseDropped");
    expect(task.state.unwanted).toBeUndefined();
    task.timer();
    expect(task.replies(ends("Done."))).toBe("modelReplied taskCompleted");
  });

  test("is told to stop when its task ends", () => {
    const task = submitted();
    const { costMicroUsd } = task.state.budget.reserved;
    task.cancel();
    expect(task.state.budget.spent.costMicroUsd).toBe(costMicroUsd);
    expect(task.effects).toEqual(["dropResponse"]);
    task.put({ type: "responseDropped", response: "resp_1" });
    expect(task.effects).toEqual([]);
  });

  test("need not be told to stop what it says has failed", () => {
    const task = submitted();
    expect(task.replies(breaks("overloaded"))).toBe("modelCallFailed");
    expect(task.state.unwanted).toBeUndefined();
  });

  test("has one response: a second one for the same attempt changes nothing", () => {
    const task = submitted();
    expect(task.submits("resp_2")).toBe("nothing");
    expect(task.model.progress).toMatchObject({ response: "resp_1" });
  });

  test("has no more time than the rung of the ladder that it stands on", () => {
    const route = {
      ...STAIRS,
      candidates: STAIRS.candidates.map((candidate) => ({ ...candidate, backgroundMs: 24 * HOUR_MS })),
    };
    const task = thinking({ ladder: [ABLER, LEAD], route });
    task.replies(breaks("unauthorized", { retryable: false }));
    task.submits();
    expect(task.model.progress).toMatchObject({ at: "submitted", untilMs: task.state.climb?.untilMs });
    expect(task.state.climb?.untilMs).toBeLessThan(task.nowMs + 24 * HOUR_MS);
  });
});

function dropped(state: Parameters<typeof effectsOf>[0]): readonly string[] {
  return effectsOf(state).flatMap((effect) =>
    effect.kind === "dropResponse" ? [effect.unwanted.response] : [],
  );
}
