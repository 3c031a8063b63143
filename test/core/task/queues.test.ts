import { describe, expect, test } from "vitest";
import { effectsOf } from "../../../src/core/task/effect.ts";
import { LEASE_SLACK_MS } from "../../../src/core/task/claim.ts";
import { CONSUMER_CALLS_MAX } from "../../../src/contracts/queue.ts";
import { openCalls } from "../../../src/core/task/state.ts";
import { RESEND_MS } from "../../../src/core/task/model-call.ts";
import { RESENDS_MAX } from "../../../src/core/task/timer.ts";
import {
  CONFLICT,
  DONE,
  LOST,
  NO_APPROVERS,
  REVOKED,
  RIGHTS,
  asks,
  breaks,
  ends,
  proposes,
} from "../fixtures/said.ts";
import { acting, thinking } from "../fixtures/states.ts";
import type { TaskUnderTest } from "../fixtures/task-under-test.ts";
import { TOOLS } from "../fixtures/tools.ts";

const QUEUED = { placement: "queued" } as const;

describe("a model call in a queue", () => {
  test("is sent, claimed once, and answered", () => {
    const task = thinking(QUEUED);
    expect(effectsOf(task.state)).toMatchObject([{ kind: "enqueue", lane: "slow", attempt: 1 }]);
    const twin = { type: "claim", claims: [{ id: task.model.id, attempt: 1 }], rights: RIGHTS } as const;
    expect(task.put(twin)).toBe("modelCallClaimed");
    expect(task.put(twin)).toBe("nothing");
    expect(task.model.progress).toEqual({
      at: "claimed",
      leaseUntilMs: task.nowMs + 30_000 + LEASE_SLACK_MS,
    });
    expect(task.replies(ends("Done."))).toBe("modelReplied taskCompleted");
  });

  test("goes to the lane that its latency was so far", () => {
    const task = thinking(QUEUED);
    task.replies(proposes(asks(TOOLS.findCustomer)), 200);
    task.settles("find_customer", DONE);
    expect(effectsOf(task.state)).toMatchObject([{ kind: "enqueue", lane: "fast" }]);
  });

  test("is sent again when nobody claims it, so often, and then it has failed and cost nothing (B1)", () => {
    const task = thinking(QUEUED);
    const keys = new Set(effectsOf(task.state).map(({ key }) => key));
    for (let i = 0; i < RESENDS_MAX; i++) {
      expect(task.timer()).toBe("modelCallResent");
      keys.add(effectsOf(task.state)[0]?.key ?? "");
    }
    expect(keys.size).toBe(RESENDS_MAX + 1);
    expect(task.timer()).toBe("modelCallFailed");
    expect(task.state.budget.spent.tokens).toBe(0);
    expect(task.timer()).toBe("modelCallIntended");
  });

  test("that no consumer could take has cost nothing (B1)", () => {
    const task = thinking(QUEUED);
    expect(task.replies(breaks("unavailable"))).toBe("modelCallFailed");
    expect(task.state.budget.spent.tokens).toBe(0);
  });

  test("whose lease ends was lost: it costs what was set aside and is tried again (B1)", () => {
    const task = thinking(QUEUED).also((one) => one.claims());
    const { reserved } = task.model;
    expect(task.timer()).toBe("modelCallFailed");
    expect(task.state.budget.spent.tokens).toBe(reserved.tokens);
    expect(task.timer()).toBe("modelCallIntended");
  });

  test("is not a restarted object's own: the message is sent once more, and a claimed call is left alone", () => {
    const task = thinking(QUEUED);
    expect(task.restarts()).toBe("modelCallResent");
    expect(task.put({ type: "timerFired" })).toBe("nothing");
    task.claims();
    expect(task.restarts()).toBe("nothing");
  });
});

describe("a call in a queue", () => {
  test("is judged again by the rights of now before it is claimed (P1)", () => {
    const task = acting(["addNote"], QUEUED);
    expect(task.claims()).toBe("callJudged callClaimed");
    expect(task.call("add_note").progress).toEqual({
      at: "claimed",
      leaseUntilMs: task.nowMs + TOOLS.addNote.timeoutMs + LEASE_SLACK_MS,
    });
    expect(acting(["addNote"], QUEUED).claims(REVOKED)).toBe(
      "rightsChanged callJudged callSettled turnEnded taskFailed",
    );
  });

  test("has its time from when its turn has come among those claimed with it", () => {
    const task = acting(
      Array.from({ length: 8 }, () => "addNote" as const),
      QUEUED,
    );
    task.claims();
    const waits = openCalls(task.state).map(({ progress }) =>
      progress.at === "claimed"
        ? progress.leaseUntilMs - task.nowMs - LEASE_SLACK_MS - TOOLS.addNote.timeoutMs
        : null,
    );
    const { timeoutMs } = TOOLS.addNote;
    expect(waits).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7].map((n) => Math.ceil((n * timeoutMs) / CONSUMER_CALLS_MAX)),
    );
  });

  test("is claimed only by the rights of now", () => {
    const task = acting(["addNote"], QUEUED);
    const { id, attempt } = task.call("add_note");
    expect(task.put({ type: "claim", claims: [{ id, attempt }], rights: null })).toBe("nothing");
  });

  test("is held when whoever signed it may sign no more, and asked about again", () => {
    const task = acting(["refund"], QUEUED).also((one) => one.answers("approve"));
    task.readsRights();
    expect(task.claims(NO_APPROVERS)).toBe("callJudged approvalOpened callHeld");
    expect(task.status).toBe("waiting_approval");
    task.answers("approve");
    expect(task.readsRights()).toBe("callJudged callIntended");
    expect(task.claims()).toBe("callJudged callClaimed");
  });

  test("shares a message with others, each of which is claimed by itself", () => {
    const task = acting(["addNote", "findCustomer"], QUEUED);
    const [first] = effectsOf(task.state);
    expect(effectsOf(task.state)).toHaveLength(2);
    expect(task.claims()).toBe("callJudged callClaimed callJudged callClaimed");
    expect(first).toMatchObject({ kind: "enqueue", lane: "fast" });
  });

  test("is sent again when nobody claims it, so often, and then told as unavailable", () => {
    const task = acting(["sendLetter"], QUEUED);
    for (let i = 0; i < RESENDS_MAX; i++) {
      expect(task.passes(RESEND_MS).put({ type: "timerFired" })).toBe("callResent");
    }
    expect(task.timer()).toBe("callSettled turnEnded modelCallIntended");
    expect(resultOf(task)).toMatchObject([{ outcome: { error: { code: "unavailable" } } }]);
  });

  test("is told as unknown when an earlier attempt may have happened (E2)", () => {
    const task = acting(["addNote"], QUEUED).also((one) => one.claims());
    expect(task.timer()).toBe("callRetryScheduled");
    task.timer();
    task.readsRights();
    for (let i = 0; i < RESENDS_MAX; i++) task.timer();
    task.timer();
    expect(resultOf(task)).toMatchObject([{ outcome: { error: { code: "outcome_unknown" } } }]);
  });

  test.each([
    ["a read, is made again", "findCustomer", "callRetryScheduled"],
    ["a write that honours keys, is sent again", "addNote", "callRetryScheduled"],
    ["a write that can be read back, is read back", "setAddress", "readBackIntended"],
    ["a write that only a human can judge, is put to one", "sendLetter", "approvalOpened callHeld"],
  ] as const)("whose lease ends, if it is %s", (_, tool, told) => {
    const task = acting([tool], QUEUED).also((one) => one.claims());
    expect(task.timer()).toBe(told);
  });

  test("is sent once more after a restart, and left alone when it is claimed", () => {
    const task = acting(["addNote"], QUEUED);
    expect(task.restarts()).toBe("callResent");
    expect(task.put({ type: "timerFired" })).toBe("nothing");
    task.claims();
    expect(task.restarts()).toBe("nothing");
  });

  test("settles with what any of its attempts did, and fails only by the one that is out (E1)", () => {
    const task = acting(["addNote"], QUEUED).also((one) => one.claims());
    task.settles("add_note", LOST);
    task.timer();
    task.readsRights();
    expect(task.call("add_note").attempt).toBe(2);
    expect(task.settles("add_note", CONFLICT, { attempt: 1 })).toBe("nothing");
    expect(task.settles("add_note", DONE, { attempt: 1 })).toBe("callSettled turnEnded modelCallIntended");
  });
});

function resultOf({ state }: TaskUnderTest): readonly unknown[] {
  const message = state.messages.at(-1);
  return message?.role === "tool" ? message.results : [];
}

describe("where calls run", () => {
  test("six of a turn run in the object, seven in a queue", () => {
    const some = (n: number): readonly string[] => {
      const task = thinking({ placement: "auto", interactive: true });
      task.replies(proposes(...Array.from({ length: n }, (_, i) => asks(TOOLS.addNote, { n: i }))));
      return task.effects;
    };
    expect(new Set(some(6))).toEqual(new Set(["runCall"]));
    expect(new Set(some(7))).toEqual(new Set(["enqueue"]));
  });

  test("a model that nobody knows goes through a queue, one that was fast does not, one that became slow does again", () => {
    const task = thinking({ placement: "auto" });
    expect(task.effects).toEqual(["enqueue"]);
    const replies = (latencyMs: number): readonly string[] => {
      task.replies(proposes(asks(TOOLS.findCustomer, { n: latencyMs })), latencyMs);
      task.settles("find_customer", DONE);
      return task.effects;
    };
    expect(replies(200)).toEqual(["callModel"]);
    expect(replies(600)).toEqual(["callModel"]);
    expect(task.state.modelLatencyMs).toBe(300);
    expect(replies(20_000)).toEqual(["enqueue"]);
  });

  test("a tool that was slow goes through the slow queue", () => {
    const task = acting(["addNote"], { placement: "auto", interactive: true });
    task.settles("add_note", DONE, { latencyMs: 9_000 });
    task.replies(proposes(asks(TOOLS.addNote, { n: 2 }), asks(TOOLS.findCustomer)));
    expect(effectsOf(task.state)).toMatchObject([{ kind: "enqueue", lane: "slow" }, { kind: "runCall" }]);
  });
});
