import { describe, expect, test } from "vitest";
import type { CommitRow } from "../../../src/contracts/journal.ts";
import type { Command } from "../../../src/core/task/command.ts";
import { decodeBody, encodeBody, foldRow } from "../../../src/core/task/commit.ts";
import { RULES } from "../../../src/core/task/decide.ts";
import type { Event } from "../../../src/core/task/event.ts";
import { evolve } from "../../../src/core/task/evolve.ts";
import { replay } from "../../../src/core/task/replay.ts";
import { FNS } from "../fixtures/core-functions.ts";
import { T0 } from "../fixtures/order.ts";
import { DONE, ends } from "../fixtures/said.ts";
import { STATES, acting, thinking } from "../fixtures/states.ts";
import type { TaskUnderTest } from "../fixtures/task-under-test.ts";

const ROW: Omit<CommitRow, "body"> = { seq: 9, atMs: T0, rules: RULES, salt: "s", digest: "d", hash: "h" };

describe("replay (J3)", () => {
  test.each(Object.entries(STATES))("of a task that is %s decides the same, byte for byte", (_, made) => {
    const { rows, state } = made();
    expect(replay(rows, FNS)).toEqual({ commits: rows.length, equal: true, state });
  });

  test("of nothing is equal to nothing", () => {
    expect(replay([], FNS)).toEqual({ commits: 0, equal: true, state: null });
  });

  test("tells the first commit whose events would be others, and the rules that decided it", () => {
    const { rows } = acting(["addNote"]);
    const changed = rows.map((row, i) =>
      i === 0 ? row : { ...row, body: row.body.replaceAll("p-add_note", "p-other") },
    );
    const tampered = changed.map((row) => ({ ...row, body: row.body.replace('"index":0', '"index":1') }));
    expect(replay(changed, FNS).equal).toBe(true);
    expect(replay(tampered, FNS).firstDifference).toEqual({
      seq: 3,
      reason: `rules ${RULES}: other events are decided`,
    });
    const older = tampered.map((row) => ({ ...row, rules: 0 }));
    expect(replay(older, FNS).firstDifference?.reason).toBe(
      `rules 0 then, ${RULES} now: other events are decided`,
    );
  });

  test("tells a command that would be refused", () => {
    const { rows } = thinking();
    const [first] = rows;
    if (first === undefined) throw new Error("a task has a first commit");
    const body = encodeBody({
      command: { type: "resume", by: "mia" },
      events: [{ type: "taskPaused", by: "mia" }],
    });
    expect(replay([first, { ...ROW, seq: 2, body }], FNS)).toMatchObject({
      equal: false,
      firstDifference: { seq: 2, reason: `rules ${RULES}: the command is refused (task_not_resumable)` },
    });
  });
});

describe("a row that is not one of ours", () => {
  test.each(["7", "null", "{}", '{"command":{}}', '{"command":{},"events":7}'])(
    "%s has nothing to fold",
    (body) => {
      expect(() => decodeBody({ ...ROW, body })).toThrow("commit 9 has no command and events");
    },
  );

  test("folds at least one event", () => {
    const body = encodeBody({ command: { type: "start" }, events: [] });
    expect(() => foldRow(null, { ...ROW, body })).toThrow("at least one event");
  });
});

describe("an event that does not fit its journal is a bug, and throws", () => {
  const fold = (task: TaskUnderTest, event: Event, command: Command = { type: "timerFired" }): unknown =>
    evolve(task.state, event, { seq: task.state.seq + 1, atMs: T0, command });
  const call = "t1.9.9";

  test("a journal begins with its creation, by its command, and once", () => {
    const stamp = { seq: 1, atMs: T0, command: { type: "start" } } as const;
    expect(() => evolve(null, { type: "taskStarted" }, stamp)).toThrow("begins with taskCreated");
    expect(() => evolve(null, { type: "taskCreated" }, stamp)).toThrow("begins with taskCreated");
    expect(() => fold(thinking(), { type: "taskCreated" })).toThrow("created once");
  });

  test.each<[string, () => TaskUnderTest, Event]>([
    ["no turn is open", thinking, { type: "turnEnded", turn: 1 }],
    ["no turn is open", thinking, { type: "joinOpened", join: "findings", calls: [call] }],
    ["no open call", () => acting(["addNote"]), { type: "callReadied", call, interrupted: false }],
    ["no turn is open", thinking, proposedEvent(call)],
    ["no model call is out", () => acting(["addNote"]), { type: "outputStreamed", call, attempt: 1 }],
    ["streamed output comes by its command", thinking, { type: "outputStreamed", call, attempt: 1 }],
    ["an allowance is answered by its command", thinking, { type: "allowanceAnswered" }],
    ["a reply comes by its command", thinking, { type: "modelReplied", call, attempt: 1, used: nothing() }],
    ["by its command", thinking, { type: "modelCallSubmitted", call, attempt: 1, untilMs: T0 }],
    ["that nobody waits for", thinking, { type: "responseDropped", response: "resp_1" }],
    ["only an intended model call", STATES["model held"], { type: "modelCallResent", call, resendAtMs: T0 }],
  ])("%s", (message, made, event) => {
    expect(() => fold(made(), event)).toThrow(message);
  });

  test("a reply that failed is no reply", () => {
    const reply = { stop: "failed", failure: { code: "timeout", message: "", retryable: true } } as const;
    const command = { type: "modelReplied", call, attempt: 1, reply, latencyMs: 1 } as const;
    const event = { type: "modelReplied", call, attempt: 1, used: nothing() } as const;
    expect(() => fold(thinking(), event, command)).toThrow("a reply comes by its command");
  });

  test("a call settles with what its command brought", () => {
    const task = acting(["refund"]);
    const { id } = task.call("refund");
    const settled = { type: "callSettled", call: id, attempt: 1, late: false } as const;
    expect(() => fold(task, settled)).toThrow("a settlement comes by its command");
    expect(() => fold(task, { ...settled, settlement: 0 })).toThrow("a settlement comes by its command");
    const none = { type: "callsSettled", settlements: [] } as const;
    expect(() => fold(task, { ...settled, settlement: 3 }, none)).toThrow(
      "a settlement comes by its command",
    );
    const resent = { type: "callResent", call: id, resendAtMs: T0 } as const;
    expect(() => fold(task, resent)).toThrow("only an intended call");
  });

  test("a stray ends by its child's word", () => {
    expect(() => fold(thinking(), { type: "strayEnded", call: "c1" })).toThrow("by its child's word");
  });

  test("an approval is answered by its command", () => {
    const task = acting(["refund"]);
    const approval = task.openApprovals[0]?.id ?? "";
    expect(() => fold(task, { type: "approvalAnswered", approval })).toThrow("answered by its command");
  });
});

test("a plan is kept as it was revised last", () => {
  const task = thinking();
  const stamp = { seq: 3, atMs: T0, command: { type: "timerFired" } } as const;
  expect(evolve(task.state, { type: "planRevised", plan: ["look", "mend"] }, stamp).plan).toEqual([
    "look",
    "mend",
  ]);
});

test("the state is its own snapshot: plain JSON, and nothing that JSON would lose (J2)", () => {
  const task = acting(["refund", "addNote"]).also((one) => one.settles("add_note", DONE));
  task.answers("approve");
  expect(JSON.parse(JSON.stringify(task.state))).toEqual(task.state);
  const done = thinking().also((one) => one.replies(ends("Done.")));
  expect(JSON.parse(JSON.stringify(done.state))).toStrictEqual(done.state);
});

function nothing(): {
  turns: number;
  toolCalls: number;
  tokens: number;
  wallMs: number;
  costMicroUsd: number;
  children: number;
} {
  return { turns: 0, toolCalls: 0, tokens: 0, wallMs: 0, costMicroUsd: 0, children: 0 };
}

function proposedEvent(call: string): Event {
  const hashes = { argsDigest: "d", proposalHash: "h" };
  return {
    type: "callProposed",
    call,
    index: 0,
    providerCallId: "p",
    tool: "t",
    toolVersion: "v",
    args: null,
    ...hashes,
  };
}
