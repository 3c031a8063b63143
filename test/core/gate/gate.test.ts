import { describe, expect, test } from "vitest";
import type { Approval } from "../../../src/contracts/approval.ts";
import type { ToolManifest } from "../../../src/contracts/tool.ts";
import { bindingOf } from "../../../src/core/binding.ts";
import { ONE_CALL, openBudget } from "../../../src/core/budget.ts";
import { ASKED_MAX } from "../../../src/core/gate/approval-stage.ts";
import type { GateContext } from "../../../src/core/gate/context.ts";
import { judge } from "../../../src/core/gate/gate.ts";
import { REPEATS_MAX } from "../../../src/core/gate/loops.ts";
import { STAGES } from "../../../src/core/gate/verdict.ts";
import { type Call, isSettled } from "../../../src/core/task/state.ts";
import { FNS } from "../fixtures/core-functions.ts";
import { LIMIT, T0, orderOf } from "../fixtures/order.ts";
import { DONE, LOST, RIGHTS, errorOf } from "../fixtures/said.ts";
import { acting } from "../fixtures/states.ts";
import { ROSA, TOOLS } from "../fixtures/tools.ts";

type Given = Partial<GateContext> & { readonly asking?: Partial<Call> };

/** A call that passes every stage, but for what is given. */
function contextOf({ asking, ...given }: Given = {}): GateContext {
  return {
    order: orderOf(),
    call: { ...acting(["findCustomer"]).call("find_customer"), reserved: null, ...asking },
    tool: TOOLS.findCustomer,
    budget: openBudget(LIMIT),
    elapsedMs: 0,
    recruiting: null,
    settled: [],
    approval: null,
    rights: RIGHTS,
    fns: FNS,
    ...given,
  };
}

function codesOf(given: Given): readonly string[] {
  return judge(contextOf(given)).findings.map(({ stage, code }) => `${stage} ${code}`);
}

/** A call that Rosa has signed. */
function signed(change: Partial<Approval> = {}): Given {
  const { call, openApprovals } = refundHeld();
  const [open] = openApprovals;
  if (open === undefined) throw new Error("a refund is signed by someone");
  return {
    asking: { ...call, approvedBy: open.id },
    tool: TOOLS.refund,
    approval: { ...open, state: "approved", ...change },
  };
}

function refundHeld(): { call: Call; openApprovals: readonly Approval[] } {
  const task = acting(["refund"]);
  return { call: task.call("refund"), openApprovals: task.openApprovals };
}

/** The call, as it settled the last time it was made. */
function twin(result: typeof DONE): Call {
  const task = acting(["sendLetter"]).also((one) => one.settles("send_letter", result));
  if (result.kind === "unknown") task.answers("deny");
  const call = task.state.turns[0]?.calls[0];
  if (call === undefined) throw new Error("the call has settled");
  return call;
}

test("what passes every stage is allowed, and each stage says so", () => {
  const verdict = judge(contextOf());
  expect(verdict.decision).toBe("allow");
  expect(verdict.findings).toEqual(STAGES.map((stage) => ({ stage, code: "ok" })));
});

describe("a refusal ends the gate at its stage", () => {
  test.each<[string, string, Given]>([
    ["known", "not_found", { tool: null }],
    ["schema", "invalid_input", { asking: { args: { n: "one" } } }],
    ["permission", "refused_by_policy", { rights: { ...RIGHTS, authorityActive: false } }],
    ["budget", "budget_exhausted", { budget: openBudget({ ...LIMIT, toolCalls: 0 }) }],
    ["loops", "loop_detected", { settled: Array.from({ length: REPEATS_MAX }, () => contextOf().call) }],
    ["approval", "refused_by_policy", { tool: TOOLS.refund, asking: { asked: ASKED_MAX } }],
  ])("%s: %s", (stage, code, given) => {
    const verdict = judge(contextOf(given));
    expect(verdict).toMatchObject({ decision: "refuse", error: { code } });
    const stages = STAGES.slice(
      0,
      STAGES.findIndex((name) => name === stage),
    );
    expect(codesOf(given)).toEqual([...stages.map((name) => `${name} ok`), `${stage} ${code}`]);
  });
});

describe("known and schema", () => {
  test("an unknown tool is told like one that does not exist (H1)", () => {
    expect(judge(contextOf({ tool: null })).error?.message).not.toContain("find_customer");
  });

  test("issues go back with their places, a few at most", () => {
    const args = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`x${i}`, i]));
    const message = judge(contextOf({ asking: { args } })).error?.message ?? "";
    expect(judge(contextOf({ asking: { args } })).error?.retryable).toBe(true);
    expect(message.match(/;/g)).toHaveLength(7);
    expect(message).toContain("/x0: ");
    expect(judge(contextOf({ asking: { args: 7 } })).error?.message).toContain("/: ");
  });
});

describe("budget", () => {
  const full = openBudget({ ...LIMIT, toolCalls: 0 });

  test("a call that is set aside already needs no more room (B1)", () => {
    expect(judge(contextOf({ budget: full, asking: { reserved: ONE_CALL } })).decision).toBe("allow");
  });

  test("asks where the agent says so, and lets a human be asked one thing at a time", () => {
    const order = orderOf({ onLimit: "ask" });
    expect(judge(contextOf({ order, budget: full }))).toMatchObject({
      decision: "ask",
      ask: { kind: "budget", dimension: "toolCalls" },
    });
    const both = judge(contextOf({ order, budget: full, tool: TOOLS.refund }));
    expect(both.ask).toEqual({ kind: "budget", dimension: "toolCalls" });
    expect(both.findings.map(({ code }) => code)).toEqual([
      "ok",
      "ok",
      "ok",
      "ok",
      "ask_budget",
      "ok",
      "ask_call",
    ]);
  });

  test("is not asked for what would be refused anyway", () => {
    const order = orderOf({ onLimit: "ask" });
    const settled = Array.from({ length: REPEATS_MAX }, () => contextOf().call);
    expect(judge(contextOf({ order, budget: full, settled }))).toMatchObject({ decision: "refuse" });
  });
});

describe("loops", () => {
  test("counts only the last calls, and only the same ones", () => {
    const same = contextOf().call;
    const row = Array.from({ length: REPEATS_MAX }, () => same);
    const other = { ...same, argsDigest: "other" };
    expect(codesOf({ settled: row.slice(1) })).toContain("loops ok");
    expect(codesOf({ settled: [...row.slice(1), other] })).toContain("loops ok");
    expect(codesOf({ settled: [other, ...row] })).toContain("loops loop_detected");
  });

  test("a write whose twin has no known outcome, or no readable one, is refused under whatever key (E2)", () => {
    const unknown = twin(LOST);
    const again = { asking: { ...unknown, id: "t1.9.1" }, tool: TOOLS.sendLetter };
    expect(codesOf({ ...again, settled: [unknown] })).toContain("loops outcome_unknown");
    const unread = twin({ kind: "failed", error: errorOf("output_invalid") });
    expect(codesOf({ ...again, settled: [unread] })).toContain("loops outcome_unknown");
    expect(codesOf({ ...again, settled: [twin({ kind: "failed", error: errorOf("conflict") })] })).toContain(
      "loops ok",
    );
    expect(codesOf({ ...again, settled: [twin(DONE)] })).toContain("loops ok");
    const other = { ...unknown, argsDigest: "other" };
    expect(codesOf({ ...again, settled: [other] })).toContain("loops ok");
    expect(codesOf({ ...again, tool: TOOLS.findCustomer, settled: [unknown] })).toContain("loops ok");
    expect(isSettled(unknown)).toBe(true);
  });
});

describe("approval", () => {
  test.each<[string, ToolManifest, string]>([
    ["auto leaves", TOOLS.addNote, "approval ok"],
    ["human asks", TOOLS.refund, "approval ask_call"],
    ["guarded asks, until a policy can decide", TOOLS.closeAccount, "approval ask_call"],
  ])("%s", (_, tool, told) => {
    expect(codesOf({ tool })).toContain(told);
  });

  test("a signature holds for what it was given for (A1)", () => {
    expect(judge(contextOf(signed())).decision).toBe("allow");
  });

  test.each<[string, () => Given]>([
    ["it was denied", () => signed({ state: "denied" })],
    [
      "it is about a budget",
      () => signed({ question: { kind: "budget", dimension: "turns", limit: 1, proposed: 2 } }),
    ],
    ["its binding is of something else", () => signed({ binding: "f".repeat(64) })],
    ["it was given until another time", () => signed({ expiresAtMs: T0 })],
    ["the arguments are others", () => ({ ...signed(), asking: { ...signed().asking, args: { n: 2 } } })],
    ["the proposal is another", () => ({ ...signed(), asking: { ...signed().asking, proposalHash: "0" } })],
    [
      "someone else has to sign now",
      () => ({ ...signed(), tool: { ...TOOLS.refund, approval: { ...ROSA, approver: "otto" } } }),
    ],
    ["less was asked of the one who signed", () => rebound({ assurance: "link" })],
    [
      "whoever signed may sign no more",
      () => ({ ...signed(), rights: { ...RIGHTS, entitledApprovers: ["otto"] } }),
    ],
    [
      "nobody was asked who may sign",
      () => ({ ...signed(), rights: { ...RIGHTS, entitledApprovers: null } }),
    ],
  ])("a signature does not hold when %s", (_, given) => {
    expect(judge(contextOf(given())).ask).toEqual({ kind: "call" });
  });
});

/** A signature that was given under other terms. */
function rebound(change: Partial<Approval>): Given {
  const { approval, ...rest } = signed(change);
  if (approval === null || approval === undefined) throw new Error("it is signed");
  return { ...rest, approval: { ...approval, binding: bindingOf(approval, FNS) } };
}
