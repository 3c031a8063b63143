import { describe, expect, test } from "vitest";
import { AUTHORITY_FRESH_MS } from "../../../src/core/authority.ts";
import { REPEATS_MAX } from "../../../src/core/gate/loops.ts";
import { effectsOf } from "../../../src/core/task/effect.ts";
import { PROPOSALS_MAX } from "../../../src/core/task/proposing.ts";
import type { SettledCall } from "../../../src/core/task/state.ts";
import { CONFLICT, DONE, NO_APPROVERS, REVOKED, asks, asksRaw, proposes } from "../fixtures/said.ts";
import { STATES, acting, thinking } from "../fixtures/states.ts";
import type { TaskUnderTest } from "../fixtures/task-under-test.ts";
import { TOOLS } from "../fixtures/tools.ts";

/** The errors of the last turn's calls, in their order; null for a call that went well. */
function errorsOf({ state }: TaskUnderTest): readonly (string | null)[] {
  const results = state.messages.findLast((message) => message.role === "tool")?.results ?? [];
  return results.map(({ outcome }) => (outcome.ok ? null : outcome.error.code));
}

describe("what a model proposes", () => {
  test.each([
    ["a key twice", '{"n":1,"n":2}'],
    ["a number beyond what is exact", '{"n":9007199254740993}'],
    ["a lone surrogate", '{"n":"\\ud800"}'],
    ["no JSON", "{n: 1}"],
    ["nothing", ""],
  ])("with %s is refused as invalid_input, and the model may mend it", (_, argsText) => {
    const task = thinking();
    expect(task.replies(proposes(asksRaw(TOOLS.addNote, argsText)))).toBe(
      "modelReplied callProposed callSettled turnEnded modelCallIntended",
    );
    const [message] = task.state.messages.slice(-1);
    expect(message).toMatchObject({
      role: "tool",
      results: [{ outcome: { ok: false, error: { code: "invalid_input", retryable: true } } }],
    });
  });

  test("in one reply is looked at up to a number, and refused unseen beyond it", () => {
    const task = thinking({ placement: "queued" });
    const many = Array.from({ length: PROPOSALS_MAX + 1 }, (_, n) => asks({ name: "no_such_tool" }, { n }));
    task.replies(proposes(...many));
    const errors = errorsOf(task);
    expect(errors.slice(0, PROPOSALS_MAX)).toEqual(Array.from({ length: PROPOSALS_MAX }, () => "not_found"));
    expect(errors.slice(PROPOSALS_MAX)).toEqual(["invalid_input"]);
  });

  test("goes back in its order, whatever the order in which results come", () => {
    const task = acting(["addNote", "findCustomer", "setAddress"]);
    task.settles("set_address", CONFLICT);
    task.settles("find_customer", DONE);
    expect(task.status).toBe("running");
    expect(task.settles("add_note", DONE)).toBe("callSettled turnEnded modelCallIntended");
    const results = task.state.messages.at(-1);
    expect(results).toMatchObject({
      results: [{ tool: "add_note" }, { tool: "find_customer" }, { tool: "set_address" }],
    });
    expect(errorsOf(task)).toEqual([null, null, "conflict"]);
  });

  test("may be several things of which some leave, some wait and some are refused", () => {
    const task = thinking();
    task.replies(proposes(asks(TOOLS.addNote), asks(TOOLS.refund), asks({ name: "no_such_tool" })));
    expect(task.call("add_note").progress.at).toBe("intended");
    expect(task.call("refund").progress.at).toBe("held");
    expect(task.call("no_such_tool").progress.at).toBe("settled");
    expect(task.effects).toEqual(["runCall"]);
    expect(task.call("refund").toolVersion).toBe(TOOLS.refund.version);
    expect(task.call("no_such_tool").toolVersion).toBe("");
  });

  test("results in several settlements at once", () => {
    const task = acting(["addNote", "findCustomer"], { placement: "queued" }).also((one) => one.claims());
    const settlements = ["add_note", "find_customer"].map((name) => {
      const { id: call, attempt } = task.call(name);
      return { call, attempt, result: DONE, latencyMs: 40 };
    });
    expect(task.put({ type: "callsSettled", settlements })).toBe(
      "callSettled callSettled turnEnded modelCallIntended",
    );
    expect(task.state.toolLatencyMs).toEqual({ add_note: 40, find_customer: 40 });
  });
});

describe("the same call over and over", () => {
  const proposesOnceMore = (task: TaskUnderTest): string => task.replies(proposes(asks(TOOLS.findCustomer)));

  test("is a loop after so many times in a row", () => {
    const task = thinking();
    for (let i = 0; i < REPEATS_MAX; i++) {
      proposesOnceMore(task);
      task.settles("find_customer", DONE);
    }
    expect(proposesOnceMore(task)).toBe(
      "modelReplied callProposed callJudged callSettled turnEnded modelCallIntended",
    );
    expect(errorsOf(task)).toEqual(["loop_detected"]);
  });

  test("is none while anything else comes between", () => {
    const task = thinking();
    for (let i = 0; i < REPEATS_MAX; i++) {
      task.replies(proposes(asks(TOOLS.findCustomer), asks(TOOLS.findCustomer, { n: 2 })));
      for (const { id, attempt } of openOf(task))
        task.put({ type: "callsSettled", settlements: [{ call: id, attempt, result: DONE, latencyMs: 1 }] });
    }
    expect(proposesOnceMore(task)).toMatch(/callIntended$/);
  });
});

function openOf({ state }: TaskUnderTest): readonly { id: string; attempt: number }[] {
  return state.phase.kind === "acting" ? state.phase.open.calls : [];
}

describe("the gate, with the rights of now (P1)", () => {
  test("refuses what waited while its principal lost the right to act", () => {
    const task = acting(["refund"]).also((one) => one.answers("approve"));
    expect(task.effects).toEqual(["readRights"]);
    expect(task.readsRights(REVOKED)).toMatch(/^rightsChanged callJudged callSettled turnEnded/);
    expect(errorsOf(task)).toEqual(["refused_by_policy"]);
  });

  test("asks the model nothing more for a principal that may not act", () => {
    const task = acting(["refund", "refund"]).also((one) => one.answers("approve"));
    task.readsRights(REVOKED);
    expect(task.status).toBe("waiting_approval");
    expect(task.answers("deny", REVOKED)).toBe("approvalAnswered callSettled turnEnded taskFailed");
    expect(errorsOf(task)).toEqual(["refused_by_policy", "denied_by_human"]);
    expect(task.state.phase).toMatchObject({
      end: { status: "failed", error: { code: "refused_by_policy" } },
    });
  });

  test("takes what was read of the key for so long, for calls that wait for nothing", () => {
    const proposesAfter = (ms: number): string =>
      thinking()
        .passes(ms)
        .replies(proposes(asks(TOOLS.addNote)));
    expect(proposesAfter(AUTHORITY_FRESH_MS)).toBe("modelReplied callProposed callJudged callIntended");
    expect(proposesAfter(AUTHORITY_FRESH_MS + 1)).toBe("modelReplied callProposed");
  });

  test("waits for a reading when the last one is too old, and runs by that", () => {
    const task = STATES["call proposed, the key not read lately"]();
    expect(task.effects).toEqual(["readRights"]);
    expect(task.branch().readsRights()).toBe("callJudged callIntended");
    task.readsRights(REVOKED);
    expect(errorsOf(task)).toEqual(["refused_by_policy"]);
  });

  test("needs no reading of its own when one came with the reply, or with a claim", () => {
    const beside = thinking().passes(AUTHORITY_FRESH_MS * 2);
    const { id: call, attempt } = beside.model;
    const reply = proposes(asks(TOOLS.addNote));
    const said = { type: "modelReplied", call, attempt, reply, latencyMs: 100 } as const;
    const readAtMs = beside.nowMs - AUTHORITY_FRESH_MS;
    expect(beside.branch().put({ ...said, authority: { active: true, readAtMs } })).toMatch(/callIntended$/);
    expect(beside.put({ ...said, authority: { active: true, readAtMs: readAtMs - 1 } })).toMatch(
      /callProposed$/,
    );
    const claimed = thinking({ placement: "queued" })
      .passes(AUTHORITY_FRESH_MS)
      .also((one) => one.claims())
      .passes(AUTHORITY_FRESH_MS);
    expect(claimed.replies(reply)).toMatch(/callIntended$/);
  });

  test("does not let a signature of someone pass who may not sign any more", () => {
    const task = acting(["refund"]).also((one) => one.answers("approve"));
    expect(task.readsRights(NO_APPROVERS)).toBe("callJudged approvalOpened callHeld");
    expect(task.call("refund").attempt).toBe(0);
  });

  test("asks whose rights it needs", () => {
    const task = acting(["refund", "closeAccount"]);
    task.answers("approve");
    task.answers("approve");
    const { phase } = task.state;
    expect(phase.kind === "acting" && phase.open.calls.map(({ approvedBy }) => approvedBy)).toEqual(
      task.state.approvals.map(({ id }) => id),
    );
    expect(effectsOf(task.state)).toMatchObject([{ kind: "readRights", approvers: ["rosa", "otto"] }]);
  });
});

test("a result that is too large for the conversation is kept by reference", () => {
  const task = acting(["findCustomer"]);
  const artifact = { sha256: "d".repeat(64), bytes: 9, preview: "abc" };
  task.settles("find_customer", { kind: "done", output: null, artifact });
  const [call] = task.state.turns[0]?.calls ?? [];
  expect((call as SettledCall).progress.outcome).toEqual({ ok: true, output: null, artifact });
});
