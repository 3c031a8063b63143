import { describe, expect, test } from "vitest";
import { plain } from "../../scripts/local/paint.ts";
import { Timeline } from "../../scripts/local/timeline.ts";
import { decodeBody } from "../../src/core/task/commit.ts";
import { joinOf } from "../core/fixtures/joins.ts";
import { orderOf } from "../core/fixtures/order.ts";
import {
  ABSENT,
  BUSY,
  CONFLICT,
  DONE,
  HAPPENED,
  LOST,
  REVOKED,
  asks,
  asksRaw,
  breaks,
  declines,
  ends,
  proposes,
  says,
} from "../core/fixtures/said.ts";
import { STATES, acting, disagree, joining, thinking } from "../core/fixtures/states.ts";
import { TaskUnderTest } from "../core/fixtures/task-under-test.ts";
import { TOOLS } from "../core/fixtures/tools.ts";

/** The whole timeline of a task, as `npm start` tells it. */
function told({ rows }: TaskUnderTest): readonly string[] {
  const timeline = new Timeline(plain);
  return rows.flatMap((row) => {
    const at = new Date(row.atMs).toISOString();
    return timeline.take({ seq: row.seq, at, ...decodeBody(row) });
  });
}

function refunded(): TaskUnderTest {
  const task = acting(["refund"]);
  task.passes(4_200).answers("approve");
  task.readsRights();
  task.settles("refund", DONE);
  task.replies(ends("Refunded."));
  return task;
}

test("a turn is told with its figures, what the model said, its proposals, their verdicts and results", () => {
  const task = thinking();
  task.replies(proposes(says("Who is it?"), asks(TOOLS.findCustomer)), 1_234);
  task.settles("find_customer", DONE);
  expect(told(task)).toEqual([
    "",
    `turn 1${" ".repeat(67)}42 tokens  $0.000042  1.2 s`,
    "  model     Who is it?",
    '  proposal  find_customer {"n":1}',
    "  verdict   allow",
    '  done      find_customer in 50 ms: {"ok":1}',
  ]);
});

test("a join is told with what it did without, and with what is in conflict", () => {
  const rule = joinOf({ until: { kind: "any" }, comparable: ["/n"], onConflict: { kind: "ask" } });
  const lines = told(joining({ joins: [rule] }).also((task) => disagree(task))).map((line) => line.trim());
  expect(lines.join(" ").replaceAll(/\s+/g, " ")).toContain(
    "join findings has what it waits for; without ask_researcher (straggler); in conflict on /n",
  );
  expect(lines.some((line) => line.includes("going on with what the join findings brought"))).toBe(true);
  const lone = joining({ joins: [joinOf({ until: { kind: "quorum", k: 9 } })] });
  expect(told(lone).join()).toContain("findings cannot be satisfied");
});

test("an approval is told with who is asked until when, who answered how, and the gate that runs again", () => {
  expect(told(refunded()).slice(2, 7)).toEqual([
    '  proposal  refund {"n":1}',
    "  verdict   ask: a human must decide (approval)",
    "  approval  refund waits for rosa, until 2023-11-14 23:13 UTC",
    "  approval  approved by rosa, signed in, after 4.2 s",
    "  verdict   allow, judged again with the rights of now",
  ]);
});

test("the end tells the answer, how long it took and waited, and what was spent", () => {
  expect(told(refunded()).slice(-4)).toEqual([
    "",
    "completed after 4.2 s, of which 4.2 s waiting for approvals",
    "  answer    Refunded.",
    "  spent     2 turns, 1 call, 84 tokens, $0.000084",
  ]);
});

test("several proposals of one reply stand each with its own verdict", () => {
  expect(told(acting(["findCustomer", "refund"])).slice(2, 7)).toEqual([
    '  proposal  find_customer {"n":1}',
    "  verdict   allow",
    '  proposal  refund {"n":1}',
    "  verdict   ask: a human must decide (approval)",
    "  approval  refund waits for rosa, until 2023-11-14 23:13 UTC",
  ]);
});

test("a restart is told where it met the task, and nothing is told as done twice", () => {
  const task = acting(["addNote"]);
  task.restarts();
  task.readsRights();
  task.settles("add_note", DONE);
  expect(told(task).slice(4)).toEqual([
    "  restart   the runtime was restarted while add_note was out; it is sent again with the same key",
    "  verdict   allow, judged again with the rights of now",
    '  done      add_note in 50 ms: {"ok":1}',
  ]);
});

test("a restart while the model was asked is told, and the lost reply is paid for", () => {
  const task = thinking();
  task.restarts();
  task.replies(ends("Done."));
  const lines = told(task);
  expect(lines[0]).toBe("  restart   the runtime was restarted while the model was asked; it is asked again");
  expect(lines.at(-1)).not.toContain(" 42 tokens");
});

describe("what goes wrong is told", () => {
  test.each<readonly [name: string, task: () => TaskUnderTest, line: string]>([
    [
      "arguments that are no JSON",
      () => thinking().also((task) => task.replies(proposes(asksRaw(TOOLS.findCustomer, "{")))),
      "  error     find_customer: invalid_input: The arguments are not acceptable JSON",
    ],
    [
      "a tool that nobody knows",
      () => thinking().also((task) => task.replies(proposes(asks({ name: "fly" })))),
      "  verdict   refuse: not_found: ",
    ],
    [
      "a failing model",
      () => thinking().also((task) => task.replies(breaks("overloaded"))),
      "  model     failed: overloaded: overloaded.",
    ],
    [
      "a call that failed",
      () => acting(["addNote"]).also((task) => task.settles("add_note", CONFLICT)),
      "  error     add_note in 50 ms: conflict: conflict.",
    ],
    [
      "a call that is tried again",
      () => acting(["addNote"]).also((task) => task.settles("add_note", BUSY)),
      "  retry     add_note: rate_limited: rate_limited.",
    ],
    [
      "an unknown outcome that is read back",
      () => acting(["setAddress"]).also((task) => task.settles("set_address", LOST)),
      "  recovery  set_address: nobody knows whether it took effect, so it is read back",
    ],
    [
      "an unknown outcome that a human resolves",
      () => acting(["sendLetter"]).also((task) => task.settles("send_letter", LOST)),
      "  approval  nobody knows whether send_letter took effect: sending it again waits for otto",
    ],
    [
      "a denial",
      () => acting(["refund"]).also((task) => task.answers("deny")),
      "  approval  denied by rosa, signed in, after 0 ms",
    ],
    [
      "an approval that nobody answered",
      () => acting(["refund"]).also((task) => task.timer()),
      "  approval  expired: not_answered_in_time",
    ],
    [
      "a limit and the question to raise it",
      STATES["model held"],
      "  approval  raising the limit of turns from 1 to 2 waits for otto",
    ],
    [
      "rights that were lost",
      () => acting(["refund"]).also((task) => task.answers("approve", REVOKED)),
      "  rights    the task's API key is no longer valid",
    ],
    ["a pause", STATES["model inline, paused"], "  paused    by mia"],
    [
      "a model that declines",
      STATES["failed, declined"],
      "  reason    refused_by_policy: The model declined the task.",
    ],
    ["a cancellation", STATES.canceled, "canceled after 0 ms"],
    [
      "a late result",
      STATES["canceled, calls settled"],
      '  done      add_note in 50 ms, after the task had ended: {"ok":1}',
    ],
  ])("%s", (_name, task, line) => {
    expect(told(task()).filter((text) => text.startsWith(line))).toHaveLength(1);
  });

  test("a read-back that found the write", () => {
    const task = STATES["call reading back"]();
    task.findsBack("set_address", HAPPENED);
    expect(told(task)).toContain('  done      set_address: {"ok":2}');
  });

  test("a write that is not found yet", () => {
    const task = STATES["call reading back"]();
    task.findsBack("set_address", ABSENT);
    expect(told(task).join("\n")).toMatch(/recovery {2}set_address was not found; it may still take effect/);
  });

  test("what the model says when it declines", () => {
    const task = thinking();
    task.replies(declines("I must not."));
    expect(told(task)).toContain("  model     I must not.");
  });
});

test("a limit that was raised, a pause that was lifted and a failed task that goes on are told", () => {
  const held = STATES["model held"]();
  held.answers("approve");
  expect(told(held)).toContain("  limit     turns: raised to 2");
  const paused = STATES["resting, paused"]();
  paused.resume();
  expect(told(paused)).toContain("  goes on   by mia");
  const failed = STATES["failed, declined"]();
  failed.resume();
  expect(told(failed).some((line) => line.startsWith("  resumed   by mia, from checkpoint "))).toBe(true);
});

test.each(Object.keys(STATES))("no line of a task that is %s is wider than 100 columns", (name) => {
  const make = Object.entries(STATES).find(([state]) => state === name)?.[1];
  const lines = make === undefined ? [] : told(make());
  expect(make).toBeDefined();
  expect(lines.filter((line) => line.length > 100)).toEqual([]);
});

test("a long result is cut after four lines", () => {
  const task = acting(["findCustomer"]);
  task.settles("find_customer", { kind: "done", output: { text: "word ".repeat(500) } });
  const lines = told(task).slice(4);
  expect(lines).toHaveLength(4);
  expect(lines.at(-1)).toMatch(/ …$/);
  expect(lines.every((line) => line.length <= 100)).toBe(true);
});

test("a task with an order of its own pays by its own prices", () => {
  const order = orderOf();
  const task = TaskUnderTest.created({
    ...order,
    model: { ...order.model, price: { ...order.model.price, output: 5_000 } },
  });
  task.start();
  task.replies(ends("Done."));
  expect(told(task).at(-1)).toBe("  spent     1 turn, 0 calls, 42 tokens, $0.0100");
});
