import { describe, expect, test } from "vitest";
import { INTERRUPTIONS_MAX } from "../../../src/core/task/model-call.ts";
import type { Outcome } from "../../../src/contracts/outcome.ts";
import {
  ABSENT,
  BUSY,
  CONFLICT,
  DONE,
  HAPPENED,
  LOST,
  NO_APPROVERS,
  REVOKED,
  UNTOLD,
  asks,
  errorOf,
  proposes,
} from "../fixtures/said.ts";
import { STATES, acting } from "../fixtures/states.ts";
import type { TaskUnderTest } from "../fixtures/task-under-test.ts";
import { RETRY, TOOLS } from "../fixtures/tools.ts";

/** How the first call of the turn that ended last came out. */
function outcomeOf({ state }: TaskUnderTest): Outcome | undefined {
  const progress = state.turns.at(-1)?.calls[0]?.progress;
  return progress?.at === "settled" ? progress.outcome : undefined;
}

function errorIn(task: TaskUnderTest): string | null {
  const outcome = outcomeOf(task);
  return outcome === undefined || outcome.ok ? null : outcome.error.code;
}

/** The timer brings the next try, and the gate lets it pass. */
function triesAgain(task: TaskUnderTest): string {
  return `${task.timer()} ${task.readsRights()}`;
}

const GOES_AGAIN = "callReadied callJudged callIntended";

describe("a read whose outcome is unknown", () => {
  test("is made again, and its error is told when no try is left", () => {
    const task = acting(["findCustomer"]);
    for (let i = 1; i < RETRY.attemptsMax; i++) {
      expect(task.settles("find_customer", LOST)).toBe("callRetryScheduled");
      expect(triesAgain(task)).toBe(GOES_AGAIN);
    }
    expect(task.settles("find_customer", LOST)).toBe("callSettled turnEnded modelCallIntended");
    expect(errorIn(task)).toBe("timeout");
  });

  test("is borne through so many restarts in a row, and then told as unavailable", () => {
    const task = acting(["findCustomer"]);
    for (let i = 0; i < INTERRUPTIONS_MAX; i++) {
      expect(task.restarts()).toBe("callReadied");
      task.readsRights();
    }
    expect(task.restarts()).toBe("callSettled turnEnded modelCallIntended");
    expect(errorIn(task)).toBe("unavailable");
  });
});

describe("a write that honours keys, whose outcome is unknown (E2)", () => {
  test("is sent again under the same id", () => {
    const task = acting(["addNote"]);
    const { id } = task.call("add_note");
    expect(task.settles("add_note", LOST)).toBe("callRetryScheduled");
    expect(task.call("add_note").inDoubt).toBe(true);
    expect(triesAgain(task)).toBe(GOES_AGAIN);
    expect(task.call("add_note")).toMatchObject({ id, attempt: 2 });
    task.settles("add_note", DONE);
    expect(outcomeOf(task)).toEqual({ ok: true, output: { ok: 1 } });
  });

  test("is put to a human when no try is left, and sent again if told so", () => {
    const task = acting(["addNote"]);
    for (let i = 1; i < RETRY.attemptsMax; i++) {
      task.settles("add_note", LOST);
      triesAgain(task);
    }
    expect(task.settles("add_note", LOST)).toBe("approvalOpened callHeld");
    expect(task.openApprovals).toMatchObject([{ approver: "otto", question: { kind: "resend" } }]);
    expect(task.answers("approve")).toBe("approvalAnswered callReadied");
    expect(task.readsRights()).toBe("callJudged callIntended");
    expect(task.call("add_note").attempt).toBe(RETRY.attemptsMax + 1);
  });

  test("is borne through so many restarts in a row, and then put to a human", () => {
    const task = acting(["addNote"]);
    for (let i = 0; i < INTERRUPTIONS_MAX; i++) {
      task.restarts();
      task.readsRights();
    }
    expect(task.restarts()).toBe("approvalOpened callHeld");
  });

  test("that was answered after all is in doubt no more", () => {
    const task = acting(["addNote"]).also((one) => one.settles("add_note", LOST));
    triesAgain(task);
    expect(task.settles("add_note", BUSY)).toBe("callRetryScheduled");
    triesAgain(task);
    expect(task.call("add_note")).toMatchObject({ attempt: 3, inDoubt: false, interruptions: 0 });
  });

  test("is told as unknown when the gate refuses to send it again", () => {
    const task = acting(["addNote"]).also((one) => one.restarts());
    task.readsRights(REVOKED);
    expect(errorIn(task)).toBe("outcome_unknown");
  });

  test("is told as unknown when the one who signs it now turns it down, and the question says what is asked", () => {
    const task = acting(["refund"]).also((one) => one.answers("approve"));
    task.readsRights();
    task.restarts();
    expect(task.readsRights(NO_APPROVERS)).toBe("callJudged approvalOpened callHeld");
    expect(task.openApprovals).toMatchObject([{ approver: "rosa", question: { kind: "resend" } }]);
    task.answers("deny");
    expect(errorIn(task)).toBe("outcome_unknown");
  });
});

describe("a write that can be read back, whose outcome is unknown (E2)", () => {
  const lost = (): TaskUnderTest => acting(["setAddress"]).also((task) => task.settles("set_address", LOST));

  test("is read back, never sent again", () => {
    const task = lost();
    expect(task.effects).toEqual(["readBack"]);
    expect(acting(["setAddress"]).restarts()).toBe("readBackIntended");
  });

  test("that happened is settled with what was read", () => {
    const task = lost();
    expect(task.findsBack("set_address", HAPPENED)).toBe("callSettled turnEnded modelCallIntended");
    expect(outcomeOf(task)).toEqual({ ok: true, output: { ok: 2 } });
  });

  /** Absent at once, which proves nothing, and absent still when the attempt can no longer take effect. */
  const staysAbsent = (task: TaskUnderTest): string => {
    expect(task.findsBack("set_address", ABSENT)).toBe("readBackPostponed");
    expect(task.timer()).toBe("readBackIntended");
    return task.findsBack("set_address", ABSENT);
  };

  test("that is absent is sent again, and told as unavailable when no try is left", () => {
    const task = lost();
    for (let i = 1; i < RETRY.attemptsMax; i++) {
      expect(staysAbsent(task)).toBe("callRetryScheduled");
      expect(triesAgain(task)).toBe(GOES_AGAIN);
      task.settles("set_address", LOST);
    }
    expect(staysAbsent(task)).toBe("callSettled turnEnded modelCallIntended");
    expect(errorIn(task)).toBe("unavailable");
  });

  test("is looked for once more when the look began too early, however late it answers", () => {
    const task = lost();
    task.nowMs += 600_000;
    expect(staysAbsent(task)).toBe("callRetryScheduled");
  });

  test("that is absent for certain is in doubt no more: what the gate then says of it is told", () => {
    const task = lost();
    staysAbsent(task);
    task.timer();
    task.readsRights(REVOKED);
    expect(errorIn(task)).toBe("refused_by_policy");
  });

  test("is believed to be absent at once when its lease has run out", () => {
    const task = STATES["call claimed"]();
    expect(task.timer()).toBe("readBackIntended");
    expect(task.findsBack("set_address", ABSENT)).toBe("callRetryScheduled");
  });

  test("of which nothing can be told is read back again, and put to a human in the end", () => {
    const task = lost();
    for (let i = 1; i < RETRY.attemptsMax; i++) {
      expect(task.findsBack("set_address", UNTOLD)).toBe("callRetryScheduled");
      expect(task.timer()).toBe("readBackIntended");
    }
    expect(task.findsBack("set_address", UNTOLD)).toBe("approvalOpened callHeld");
  });

  test("is read back anew after a restart, so often, and then put to a human", () => {
    const task = lost();
    const keys = new Set<string>();
    for (let i = 0; i < INTERRUPTIONS_MAX; i++) {
      expect(task.restarts()).toBe("readBackIntended");
      keys.add(`${task.call("set_address").readBacks}`);
    }
    expect(keys.size).toBe(INTERRUPTIONS_MAX);
    expect(task.restarts()).toBe("approvalOpened callHeld");
  });
});

describe("a write of which only a human can say whether it happened (E2)", () => {
  test.each([
    ["its outcome is unknown", (task: TaskUnderTest) => task.settles("send_letter", LOST)],
    ["the runtime restarts", (task: TaskUnderTest) => task.restarts()],
  ])("is put to one when %s", (_, happens) => {
    const task = acting(["sendLetter"]);
    expect(happens(task)).toBe("approvalOpened callHeld");
    expect(task.status).toBe("waiting_approval");
    expect(task.effects).toEqual([]);
  });

  test("is not sent again when the human says no, and its twin is refused", () => {
    const task = acting(["sendLetter"]).also((one) => one.settles("send_letter", LOST));
    expect(task.answers("deny")).toBe("approvalAnswered callSettled turnEnded modelCallIntended");
    expect(outcomeOf(task)).toMatchObject({ error: { code: "outcome_unknown", retryable: false } });
    expect(task.replies(proposes(asks(TOOLS.sendLetter)))).toMatch(/callJudged callSettled turnEnded/);
    expect(errorIn(task)).toBe("outcome_unknown");
    expect(task.replies(proposes(asks(TOOLS.sendLetter, { n: 2 })))).toMatch(/callIntended$/);
  });

  test("settles by its late result while the human still thinks, whose question is closed", () => {
    const task = acting(["sendLetter"]).also((one) => one.settles("send_letter", LOST));
    expect(task.settles("send_letter", DONE)).toBe("approvalClosed callSettled turnEnded modelCallIntended");
    expect(task.state.approvals).toMatchObject([{ state: "closed" }]);
  });
});

describe("a call that failed for certain", () => {
  test("is made again when that may help, no sooner than the tool asks", () => {
    const task = acting(["sendLetter"]);
    const busy = errorOf("rate_limited", { retryable: true, retryAfterMs: 90_000 });
    expect(task.settles("send_letter", { kind: "failed", error: busy })).toBe("callRetryScheduled");
    expect(task.call("send_letter").progress).toEqual({
      at: "retrying",
      atMs: task.nowMs + 90_000,
      next: "send",
    });
    expect(triesAgain(task)).toBe(GOES_AGAIN);
  });

  test("is told when no try is left, as the tool told it", () => {
    const task = acting(["addNote"]);
    for (let i = 1; i < RETRY.attemptsMax; i++) {
      task.settles("add_note", BUSY);
      triesAgain(task);
    }
    expect(task.settles("add_note", BUSY)).toBe("callSettled turnEnded modelCallIntended");
    expect(errorIn(task)).toBe("rate_limited");
  });

  test("is told at once when it would not help", () => {
    const task = acting(["addNote"]);
    expect(task.settles("add_note", CONFLICT)).toBe("callSettled turnEnded modelCallIntended");
    expect(errorIn(task)).toBe("conflict");
  });
});
