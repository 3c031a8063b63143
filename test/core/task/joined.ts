import type { JoinRule } from "../../../src/contracts/join.ts";
import { NOTHING } from "../../../src/core/budget.ts";
import type { JoinReport } from "../../../src/core/join-report.ts";
import { type Join, openCalls } from "../../../src/core/task/state.ts";
import { ASK_RESEARCHER, FAMILY } from "../fixtures/family.ts";
import { joinOf } from "../fixtures/joins.ts";
import type { OrderWishes } from "../fixtures/order.ts";
import { CONFLICT } from "../fixtures/said.ts";
import { thinking } from "../fixtures/states.ts";
import type { TaskUnderTest } from "../fixtures/task-under-test.ts";
import { ROSA, TOOLS, tool } from "../fixtures/tools.ts";

/** A read that a human must sign. */
export const READ_FILE = tool({ name: "read_file", effect: "read", mode: "human", approval: ROSA });
export const LOOK_UP = tool({ name: "look_up", effect: "read" });
export const USED = { ...NOTHING, turns: 1, toolCalls: 2, tokens: 500, wallMs: 9_000, costMicroUsd: 400 };
const ANSWER = { kind: "done", output: { child: "t2", answer: { n: 1 } } } as const;

const JOINED = ["find_customer", "look_up", "read_file", "ask_researcher"];

export function task(rule: Partial<JoinRule>, wishes: OrderWishes = {}): TaskUnderTest {
  return thinking({
    ...FAMILY,
    tools: [...Object.values(TOOLS), READ_FILE, LOOK_UP, ASK_RESEARCHER],
    joins: [joinOf({ tools: JOINED, ...rule })],
    ...wishes,
  });
}

export function childEnds(
  one: TaskUnderTest,
  result: Parameters<TaskUnderTest["settles"]>[1] = ANSWER,
): string {
  const call = [...one.state.strays, ...openCalls(one.state)].find((open) => open.tool === "ask_researcher");
  return one.put({
    type: "childEnded",
    call: call?.id ?? "",
    result: result.kind === "done" ? ANSWER : CONFLICT,
    used: USED,
  });
}

export function joinsOf({ state }: TaskUnderTest): readonly Join[] {
  const open = state.phase.kind === "acting" ? state.phase.open : state.turns.at(-1);
  return open?.joins ?? [];
}

export function reportOf(one: TaskUnderTest): JoinReport | null {
  return joinsOf(one)[0]?.report ?? null;
}

export const ANY: Partial<JoinRule> = { until: { kind: "any" } };
