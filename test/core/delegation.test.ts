import { describe, expect, test } from "vitest";
import type { Delegation, DelegationCaps } from "../../src/contracts/delegation.ts";
import type { Json } from "../../src/contracts/json.ts";
import { NewTask } from "../../src/contracts/task.ts";
import {
  type Grant,
  childEnd,
  childOrder,
  depthLeft,
  fanOutMax,
  memberOf,
} from "../../src/core/delegation.ts";
import { hasRoomForChild, toolSketches } from "../../src/core/conversation.ts";
import type { Call } from "../../src/core/task/state.ts";
import { FNS } from "./fixtures/core-functions.ts";
import { LIMITED } from "./fixtures/allowance.ts";
import { ASK_RESEARCHER, FAMILY, PARENT, QUESTION, RESEARCHER } from "./fixtures/family.ts";
import { LIMIT, MODEL, T0, orderOf } from "./fixtures/order.ts";
import { PAIR } from "./fixtures/route.ts";
import { CONFLICT, DONE, asks, breaks, ends, proposes } from "./fixtures/said.ts";
import { child, recruiting, thinking } from "./fixtures/states.ts";
import type { TaskUnderTest } from "./fixtures/task-under-test.ts";
import { HOUR_MS, TOOLS } from "./fixtures/tools.ts";

const NAME = `tsk_${"1".repeat(32)}`;

function granted(task: TaskUnderTest): Call & { readonly grant: Grant } {
  const call = task.call("ask_researcher");
  if (call.grant === null) throw new Error("nothing was granted");
  return { ...call, grant: call.grant };
}

function orderFor(task: TaskUnderTest): NewTask {
  const member = memberOf(task.order, ASK_RESEARCHER);
  if (member === null) throw new Error("nobody of that name");
  return childOrder(task.state, granted(task), { member, name: NAME, bodyHash: "c".repeat(64) });
}

function asking(
  question: Partial<Delegation>,
  before: readonly Parameters<typeof asks>[] = [],
): TaskUnderTest {
  const task = thinking(FAMILY);
  for (const [tool, args] of before) {
    task.replies(proposes(asks(tool, args)));
    task.settles(tool.name, DONE);
  }
  return task.also((one) =>
    one.replies(proposes(asks(ASK_RESEARCHER, { ...QUESTION, ...question } as Json))),
  );
}

describe("a child is given", () => {
  test("its share of every ceiling, and no more than its agent may have", () => {
    const { limit } = granted(recruiting()).grant;
    expect(limit).toEqual({
      turns: 5,
      toolCalls: 10,
      tokens: 250_000,
      costMicroUsd: 250_000,
      wallMs: LIMIT.wallMs,
      children: 0,
    });
    const { turns } = granted(recruiting({ limit: { turns: 1_000 } })).grant.limit;
    expect(turns).toBe(RESEARCHER.limits.turns);
  });

  test("what its parent has of a model's latency, and the route of its own agent", () => {
    expect(orderFor(recruiting())).not.toHaveProperty("latencyObjectiveMs");
    const team = [{ agent: RESEARCHER, model: MODEL, route: PAIR }];
    const wishes = { latencyObjectiveMs: 3_000, family: { team } };
    expect(orderFor(recruiting(wishes))).toMatchObject({ latencyObjectiveMs: 3_000, route: PAIR });
  });

  test("what limits a task beside its own budget limits its child, which is as urgent", () => {
    const wishes = { allowance: LIMITED, priority: "low" } as const;
    expect(orderFor(recruiting(wishes))).toMatchObject(wishes);
  });

  test.each<[string, object, number]>([
    ["its parent's wall time", {}, LIMIT.wallMs],
    ["its parent's deadline", { deadlineAtMs: T0 + 2 * HOUR_MS }, 2 * HOUR_MS],
  ])("no more time than %s", (_what, wishes, ms) => {
    expect(granted(recruiting(wishes)).grant.deadlineAtMs).toBe(T0 + ms);
  });

  test("the time that its parent allows it", () => {
    const { deadlineAtMs, limit } = granted(asking({ withinMs: 60_000 })).grant;
    expect([deadlineAtMs, limit.wallMs]).toEqual([T0 + 60_000, 60_000]);
  });

  test("what it was given at first, however often it is asked for", () => {
    const task = recruiting();
    const first = orderFor(task);
    task.passes(60_000).timer();
    task.claims();
    expect(orderFor(task)).toEqual(first);
  });
});

describe("a child's order", () => {
  test("is an order, on behalf of the same principal, of its own agent and model", () => {
    const task = recruiting();
    const order = orderFor(task);
    expect(NewTask.parse(order)).toEqual(order);
    const { tenant, principal, keyId, traceparent } = task.order;
    expect(order).toMatchObject({ task: NAME, tenant, principal, keyId, traceparent });
    expect(order).toMatchObject({ agent: RESEARCHER, model: MODEL, interactive: false });
    expect(order.parent).toEqual({ task: "t1", call: granted(task).id, root: "t1", depth: 1, depthLeft: 0 });
    expect(order.input).toEqual({ text: "Who is Mia?" });
  });

  test("of a child that recruits itself counts on from its parent", () => {
    const parent = { ...PARENT, depth: 2, depthLeft: 2 };
    const wishes = { delegation: { depth: 8, fanOut: 1 }, family: { ...FAMILY.family, parent } };
    expect(orderFor(recruiting(wishes)).parent).toMatchObject({ root: "t0", depth: 3, depthLeft: 1 });
  });

  test("carries what its tenant may recruit", () => {
    expect(orderFor(recruiting({ ...FAMILY, ...capped({}) })).delegationCaps).toEqual(CAPS);
  });

  test("brings what its parent hands over, and earlier results by their ids", () => {
    const handoff = { known: { name: "Mia" }, tried: ["the phone book"], asked: "her address" };
    const task = asking({ handoff, results: ["p-find_customer", "p-unheard-of"] }, [[TOOLS.findCustomer]]);
    expect(orderFor(task).input.json).toEqual({ handoff, results: { "p-find_customer": { ok: 1 } } });
  });

  test("tells of a result that failed no more than why", () => {
    const task = thinking(FAMILY);
    task.replies(proposes(asks(TOOLS.findCustomer)));
    task.settles("find_customer", CONFLICT);
    task.replies(proposes(asks(ASK_RESEARCHER, { ...QUESTION, results: ["p-find_customer"] })));
    expect(orderFor(task).input.json).toEqual({ results: { "p-find_customer": { error: "conflict" } } });
  });

  test("brings the last result of an id that its model used again", () => {
    const task = thinking(FAMILY);
    for (const result of [CONFLICT, DONE]) {
      task.replies(proposes(asks(TOOLS.findCustomer)));
      task.settles("find_customer", result);
    }
    task.replies(proposes(asks(ASK_RESEARCHER, { ...QUESTION, results: ["p-find_customer"] })));
    expect(orderFor(task).input.json).toEqual({ results: { "p-find_customer": { ok: 1 } } });
  });

  test("brings the result that its model has seen, whatever settles beside it under the same id", () => {
    const task = thinking(FAMILY);
    task.replies(proposes(asks(TOOLS.findCustomer)));
    task.settles("find_customer", DONE);
    const results = { ...QUESTION, results: ["p-find_customer"] };
    task.replies(proposes(asks(TOOLS.findCustomer), asks(ASK_RESEARCHER, results)));
    const first = orderFor(task);
    expect(first.input.json).toEqual({ results: { "p-find_customer": { ok: 1 } } });
    task.settles("find_customer", CONFLICT);
    expect(orderFor(task)).toEqual(first);
  });

  test("carries on the place and the schema that go with it", () => {
    const schema = { type: "object" };
    const task = asking({ answerSchema: schema, handoff: {} });
    expect(orderFor(task)).toMatchObject({ answerSchema: schema, input: { json: { handoff: {} } } });
    const far = recruiting({
      family: Object.assign({ jurisdiction: "eu", origin: "https://a.example" }, FAMILY.family),
    });
    expect(orderFor(far)).toMatchObject({ jurisdiction: "eu", origin: "https://a.example" });
  });
});

describe("a child's end", () => {
  const schema = { type: "object", required: ["name"], properties: { name: { type: "string" } } };
  const endOf = (task: TaskUnderTest) => {
    const { phase } = task.state;
    if (phase.kind !== "ended") throw new Error("it lives");
    return childEnd(task.state, phase.end, FNS);
  };
  const answering = (answer: string, answerSchema?: typeof schema) =>
    endOf(child(answerSchema && { family: { answerSchema } }).also((task) => task.replies(ends(answer))))
      .result;

  test("is its answer, with what it used", () => {
    const task = child().also((one) => one.replies(ends("A customer.")));
    expect(endOf(task)).toEqual({
      result: { kind: "done", output: { child: "t1", answer: "A customer." } },
      used: task.state.budget.spent,
    });
    expect(endOf(task).used.turns).toBe(1);
  });

  test("is its answer as JSON, where a schema was asked for and it fits", () => {
    expect(answering('{"name":"Mia"}', schema)).toEqual({
      kind: "done",
      output: { child: "t1", answer: { name: "Mia" } },
    });
  });

  test.each([
    ["is no JSON", "Mia"],
    ["does not fit", '{"name":1}'],
    ["lacks something", "{}"],
  ])("is a failure where a schema was asked for, and the answer %s", (_what, answer) => {
    expect(answering(answer, schema)).toMatchObject({ kind: "failed", error: { code: "output_invalid" } });
  });

  test("is a failure of its own kind when it failed, and counts what went over", () => {
    const task = child().also((one) => one.replies(breaks("unauthorized", { retryable: false })));
    expect(endOf(task).result).toMatchObject({
      kind: "failed",
      error: { code: "unavailable", retryable: false },
    });
  });

  test("is a cancellation when it was canceled", () => {
    const task = child().also((one) => one.cancel());
    expect(endOf(task).result).toMatchObject({ kind: "failed", error: { code: "canceled" } });
  });

  test("says no more than a thousand characters of why", () => {
    const long = "x".repeat(5_000);
    const { state } = child();
    const end = {
      status: "failed",
      error: { code: "internal", message: long, retryable: false },
      partial: "",
    } as const;
    const { result } = childEnd(state, end, FNS);
    expect(result.kind === "failed" && result.error.message.length).toBe(1_000);
  });
});

const CAPS = { depth: 9, fanOut: 9, children: 9 };
const capped = (caps: Partial<DelegationCaps>) => ({
  family: { ...FAMILY.family, delegationCaps: { ...CAPS, ...caps } },
});

describe("room for a child", () => {
  test.each<[string, object, boolean]>([
    ["there is", {}, true],
    ["there is none without a rule", { delegation: undefined }, false],
    ["there is none below the last generation", { family: { ...FAMILY.family, parent: PARENT } }, false],
    ["there is none when all have been recruited", { limit: { children: 0 } }, false],
    ["there is none where its tenant may not go so deep", capped({ depth: 0 }), false],
    ["there is none where its tenant may recruit nobody", capped({ fanOut: 0 }), false],
  ])("%s, and the model sees the tool accordingly", (_what, wishes, room) => {
    const { state, order } = thinking({ ...FAMILY, ...wishes });
    expect(hasRoomForChild(state)).toBe(room);
    const names = toolSketches(order, hasRoomForChild(state)).map(({ name }) => name);
    expect(names.includes("ask_researcher")).toBe(room);
  });

  test("is what its parent left it, and what its agent's rule says", () => {
    const rule = { delegation: { depth: 3, fanOut: 1 } };
    expect(depthLeft(orderOf(rule))).toBe(3);
    expect(depthLeft(orderOf({ ...rule, family: { parent: { ...PARENT, depthLeft: 1 } } }))).toBe(1);
    expect(depthLeft(orderOf())).toBe(0);
    const delegationCaps = { depth: 2, fanOut: 5, children: 9 };
    expect(depthLeft(orderOf({ ...rule, family: { delegationCaps } }))).toBe(2);
    expect(fanOutMax(orderOf({ delegation: { depth: 3, fanOut: 9 }, family: { delegationCaps } }))).toBe(5);
    expect(fanOutMax(orderOf())).toBe(0);
  });

  test("is for those of the team alone", () => {
    expect(memberOf(orderOf(FAMILY), ASK_RESEARCHER)?.agent).toEqual(RESEARCHER);
    expect(memberOf(orderOf(FAMILY), TOOLS.refund)).toBeNull();
    expect(memberOf(orderOf(), ASK_RESEARCHER)).toBeNull();
  });
});
