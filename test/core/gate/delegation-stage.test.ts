import { describe, expect, test } from "vitest";
import type { Delegation } from "../../../src/contracts/delegation.ts";
import type { Json } from "../../../src/contracts/json.ts";
import { ASK_RESEARCHER, FAMILY, PARENT, QUESTION, RESEARCHER, recruits } from "../fixtures/family.ts";
import { type OrderWishes, MODEL, T0, agentOf } from "../fixtures/order.ts";
import { asks, proposes } from "../fixtures/said.ts";
import { thinking } from "../fixtures/states.ts";
import type { TaskUnderTest } from "../fixtures/task-under-test.ts";
import { TOOLS } from "../fixtures/tools.ts";

/** What the gate says of asking the researcher. */
function asked(wishes: OrderWishes = {}, question: Partial<Delegation> = {}): TaskUnderTest {
  return thinking({ ...FAMILY, ...wishes }).also((task) =>
    task.replies(proposes(asks(ASK_RESEARCHER, { ...QUESTION, ...question } as Json))),
  );
}

function errorsOf(task: TaskUnderTest): readonly string[] {
  return task.state.turns
    .flatMap(({ calls }) => calls)
    .flatMap(({ progress }) =>
      progress.at === "settled" && !progress.outcome.ok ? [progress.outcome.error.code] : [],
    );
}

test("a delegation within its agent's rule is let through, to a queue", () => {
  expect(asked().call("ask_researcher").progress).toMatchObject({ at: "intended", placement: "queued" });
});

const capped = (caps: object): OrderWishes => ({
  family: { ...FAMILY.family, delegationCaps: { depth: 9, fanOut: 9, children: 9, ...caps } },
});

describe("refused is a delegation", () => {
  test.each<[string, OrderWishes, Partial<Delegation>, string]>([
    ["of an agent that has no rule for it", { delegation: undefined }, {}, "refused_by_policy"],
    ["below the last generation", { family: { ...FAMILY.family, parent: PARENT } }, {}, "refused_by_policy"],
    ["deeper than its tenant may go", capped({ depth: 0 }), {}, "refused_by_policy"],
    ["of a tenant that may recruit nobody in a turn", capped({ fanOut: 0 }), {}, "refused_by_policy"],
    ["to nobody of the team", { family: { team: [] } }, {}, "not_found"],
    [
      "to an agent with a tool that the task has not, and does not hold (C1)",
      { tools: [TOOLS.addNote, ASK_RESEARCHER] },
      {},
      "refused_by_policy",
    ],
    ["with a share of nothing", {}, { share: 0.000_000_01 }, "invalid_input"],
    ["with a share that is none", {}, { share: 2 }, "invalid_input"],
    [
      "whose answer is to fit a schema with patterns",
      {},
      { answerSchema: { properties: { a: [{ pattern: "(a+)+$" }] } } },
      "invalid_input",
    ],
    [
      "that hands over too much to be told",
      { limit: { tokens: 2 * 10 ** 6, costMicroUsd: 2 * 10 ** 6 } },
      { handoff: { known: "x".repeat(1_000_000) } },
      "invalid_input",
    ],
    ["that would take more than what is left", { limit: { children: 0 } }, {}, "budget_exhausted"],
  ])("%s", (_what, wishes, question, code) => {
    const task = asked(wishes, question);
    expect(errorsOf(task)).toEqual([code]);
    expect(task.status).toBe("running");
    expect(task.state.budget.reserved.children).toBe(0);
  });

  test("whose order would not fit into a commit, be it for the schema of its answer or for its team", () => {
    const wordy = { limit: { tokens: 2 * 10 ** 6, costMicroUsd: 2 * 10 ** 6 } };
    const answerSchema = { description: "x".repeat(950_000) };
    const handoff = { known: "x".repeat(950_000) };
    expect(errorsOf(asked(wordy, { answerSchema, handoff }))).toEqual(["invalid_input"]);
    expect(errorsOf(asked(wordy, { handoff }))).toEqual([]);
    const instructions = "x".repeat(480_000);
    const team = [{ agent: { ...RESEARCHER, instructions }, model: MODEL }];
    expect(errorsOf(asked({ ...wordy, family: { team } }, { handoff }))).toEqual(["invalid_input"]);
  });

  test("beyond the number of one turn", () => {
    const task = thinking({ ...FAMILY, limit: { children: 4 } });
    const ask = (n: number) => asks(ASK_RESEARCHER, { goal: `${n}`, share: 0.25 });
    task.replies(proposes(ask(1), ask(2), ask(3)));
    const { calls } = task.state.phase.kind === "acting" ? task.state.phase.open : { calls: [] };
    expect(calls.map(({ progress }) => progress.at)).toEqual(["intended", "intended", "settled"]);
  });

  test("when there is no time left", () => {
    const task = thinking({ ...FAMILY, deadlineAtMs: T0 + 10_000 }).passes(10_000);
    task.replies(proposes(asks(ASK_RESEARCHER, QUESTION)));
    expect(errorsOf(task)).toEqual(["timeout"]);
  });
});

test("a tool that the task holds may be its child's, although it does not see it itself", () => {
  const task = asked({ tools: [ASK_RESEARCHER], holds: [TOOLS.findCustomer] });
  expect(task.call("ask_researcher").progress.at).toBe("intended");
});

test("what a child holds for its own children must be its parent's as well (C1)", () => {
  const holder = {
    ...agentOf({ name: "holder", tools: [], holds: [TOOLS.refund] }),
    version: "e".repeat(64),
  };
  const ask = recruits(holder);
  const task = thinking({
    ...FAMILY,
    tools: [ask, TOOLS.findCustomer],
    family: { team: [{ agent: holder, model: MODEL }] },
  });
  task.replies(proposes(asks(ask, QUESTION)));
  expect(errorsOf(task)).toEqual(["refused_by_policy"]);
});

test("a human is asked for more time where the agent says so, and the child has what they gave", () => {
  const task = thinking({ ...FAMILY, onLimit: "ask", limit: { wallMs: 10_000 } }).passes(10_000);
  task.replies(proposes(asks(ASK_RESEARCHER, QUESTION)));
  expect(task.openApprovals).toMatchObject([{ question: { kind: "budget", dimension: "wallMs" } }]);
  task.answers("approve");
  task.readsRights();
  expect(task.call("ask_researcher").grant?.limit.wallMs).toBe(10_000);
});

test("a human is asked for more where the agent says so", () => {
  const task = asked({ onLimit: "ask", limit: { children: 0 } });
  expect(task.openApprovals).toMatchObject([{ question: { kind: "budget", dimension: "children" } }]);
  task.answers("approve");
  task.readsRights();
  expect(task.call("ask_researcher").progress.at).toBe("intended");
});

test("the team's agents are known by their version", () => {
  const other = { ...RESEARCHER, version: "f".repeat(64) };
  expect(errorsOf(asked({ family: { team: [{ agent: other, model: MODEL }] } }))).toEqual(["not_found"]);
});
