import { describe, expect, test } from "vitest";
import type { JoinRule } from "../../../src/contracts/join.ts";
import { openCalls } from "../../../src/core/task/state.ts";
import { ASK_RESEARCHER, QUESTION, RESEARCHER } from "../fixtures/family.ts";
import { DONE, asks, errorOf, proposes } from "../fixtures/said.ts";

import { TOOLS } from "../fixtures/tools.ts";
import { violations } from "../fixtures/violations.ts";
import { ANY, LOOK_UP, READ_FILE, childEnds, reportOf, task } from "./joined.ts";

const TIMED_OUT = { kind: "failed", error: errorOf("timeout") } as const;

describe("a report", () => {
  test("has the parts in the order of the proposals, with where they come from and why they are missing", () => {
    const one = task({ until: { kind: "quorum", k: 2 } });
    one.replies(
      proposes(asks(ASK_RESEARCHER, QUESTION), asks(LOOK_UP), asks(READ_FILE), asks(TOOLS.findCustomer)),
    );
    one.claims();
    one.settles("find_customer", DONE);
    one.settles("look_up", TIMED_OUT);
    childEnds(one);
    const [child, lookUp, file, customer] = one.state.turns[0]?.calls ?? [];
    const agent = { agent: "researcher", version: RESEARCHER.version };
    const of = (call: typeof child, toolVersion: string) => ({
      call: call?.id,
      providerCallId: call?.providerCallId,
      tool: call?.tool,
      toolVersion,
    });
    expect(reportOf(one)).toEqual({
      join: "findings",
      turn: 1,
      satisfied: true,
      joined: [
        { ...of(child, ASK_RESEARCHER.version), child: { ...agent, task: "t2" } },
        { ...of(lookUp, LOOK_UP.version), why: "timeout" },
        { ...of(file, READ_FILE.version), why: "straggler" },
        of(customer, TOOLS.findCustomer.version),
      ],
      chosen: [child?.id, customer?.id],
      conflicts: [],
    });
    expect(one.state.messages.at(-1)).toEqual({
      role: "user",
      text: `What came of these calls together: ${JSON.stringify({
        join: "findings",
        satisfied: true,
        missing: [
          { call: "p-look_up", tool: "look_up", why: "timeout" },
          { call: "p-read_file", tool: "read_file", why: "straggler" },
        ],
        chosen: ["p-ask_researcher", "p-find_customer"],
        conflicts: [],
      })}`,
    });
  });

  test("names the agent of a child that is missing, and of one that brought something else, but no task", () => {
    const one = task(ANY);
    one.replies(proposes(asks(TOOLS.findCustomer), asks(ASK_RESEARCHER, QUESTION)));
    one.settles("find_customer", DONE);
    expect(reportOf(one)?.joined[1]?.child).toEqual({ agent: "researcher", version: RESEARCHER.version });
  });

  const compared = (
    rule: Partial<JoinRule>,
    ...outputs: readonly { [key: string]: number | string | null }[]
  ) => {
    const one = task({ comparable: ["/n", "/m"], ...rule });
    one.replies(proposes(...outputs.map((_, n) => asks(n === 0 ? LOOK_UP : TOOLS.findCustomer, { n }))));
    const settlements = openCalls(one.state).map(({ id: call, attempt }, n) => {
      const result = { kind: "done", output: outputs[n] ?? null } as const;
      return { call, attempt, result, latencyMs: 1 };
    });
    one.put({ type: "callsSettled", settlements });
    return one;
  };

  test("flags fields on which parts disagree, with all values; who lacks the field says nothing of it", () => {
    const one = compared({}, { n: 1, m: 5 }, { n: 2, m: 5 }, { m: 5 });
    const [first, second] = one.state.turns[0]?.calls ?? [];
    expect(reportOf(one)?.conflicts).toEqual([
      {
        field: "/n",
        values: [
          { call: first?.id, tool: "look_up", value: 1 },
          { call: second?.id, tool: "find_customer", value: 2 },
        ],
      },
    ]);
    expect(one.effects).toEqual(["callModel"]);
    expect(JSON.stringify(one.state.messages.at(-1))).toContain("p-look_up");
  });

  test("compares what a child answered, and takes the same value for the same however it is written", () => {
    const one = task({ comparable: ["/answer/n"] });
    one.replies(proposes(asks(ASK_RESEARCHER, QUESTION), asks(LOOK_UP)));
    one.settles("look_up", { kind: "done", output: { answer: { m: 0, n: 1 } } });
    one.claims();
    childEnds(one);
    expect(reportOf(one)).toMatchObject({ satisfied: true, conflicts: [] });
  });

  test("says whose value is to be taken, where the rule ranks the tools", () => {
    const prefer = (...rank: readonly string[]) => ({ onConflict: { kind: "prefer", rank } }) as const;
    const one = compared(prefer("read_file", "find_customer", "look_up"), { n: 1 }, { n: 2 }, { n: 3 });
    const [, second] = one.state.turns[0]?.calls ?? [];
    expect(reportOf(one)?.conflicts[0]?.preferred).toBe(second?.id);
    expect(JSON.stringify(one.state.messages.at(-1))).toContain('preferred\\":\\"p-find_customer');
    expect(reportOf(compared(prefer("read_file"), { n: 1 }, { n: 2 }))?.conflicts[0]).not.toHaveProperty(
      "preferred",
    );
  });

  test("tells the beginning of what is long, and the model no more than so much", () => {
    const long = compared({}, { n: "a".repeat(30_000), m: "b".repeat(30_000) }, { n: "", m: "" });
    const [conflict] = reportOf(long)?.conflicts ?? [];
    expect(conflict?.values[0]).toMatchObject({ value: `"${"a".repeat(399)}`, cut: true });
    expect(conflict?.values[1]).toMatchObject({ value: "" });
    const many = compared({}, ...Array.from({ length: 39 }, (_, n) => ({ n: `${n}${"é".repeat(800)}` })));
    expect(JSON.stringify(reportOf(many)).length).toBeLessThan(40_000);
    const message = many.state.messages.at(-1);
    expect(message?.role === "user" && message.text.length).toBeLessThanOrEqual(20_000);
    expect(violations(many.rows)).toEqual([]);
  });
});
