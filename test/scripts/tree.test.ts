import { expect, test } from "vitest";
import type { Branch } from "../../src/api/tree.ts";
import { givenOptions } from "../../scripts/local/option.ts";
import { plain } from "../../scripts/local/paint.ts";
import { treeLines } from "../../scripts/local/tree.ts";

const amounts = { turns: 0, toolCalls: 0, tokens: 0, wallMs: 0, costMicroUsd: 0, children: 0 };
const branch = (agent: string, depth: number, of: Partial<Branch> = {}): Branch => ({
  id: agent,
  depth,
  agent,
  status: "completed",
  budget: {
    limit: { ...amounts, tokens: 5_000 },
    spent: { ...amounts, turns: 1, tokens: 1_200 },
    reserved: amounts,
    overrun: amounts,
  },
  ...of,
});

test("a tree is drawn with a stroke for each generation, and who is last of them", () => {
  const items = [
    branch("lead", 0),
    branch("planner", 1),
    branch("booker", 2),
    branch("clerk", 1, { status: "failed", error: "timeout" }),
    { id: "x", depth: 2, tool: "ask_new_one" },
  ];
  const drawn = treeLines(items, plain).map((line) => line.slice(0, 60).trimEnd());
  expect(drawn).toEqual([
    "  lead                            completed",
    "  ├─ planner                      completed",
    "  │  └─ booker                    completed",
    "  └─ clerk                        failed (timeout)",
    "     └─ new-one                   queued",
  ]);
});

test("each says what it spent of what it may", () => {
  const [line = ""] = treeLines([branch("lead", 0)], plain);
  expect(line).toMatch(/ 1 turn, 1,200 of 5,000 tokens, \$0\.0000$/);
  expect(line).toHaveLength(100);
});

const WAYS = [["--kill"], ["--team"], ["--team", "--fail"]];

test("options are given as one of the ways", () => {
  expect([...givenOptions([], WAYS)]).toEqual([]);
  expect([...givenOptions(["--fail", "--team"], WAYS)].toSorted()).toEqual(["--fail", "--team"]);
});

test.each([
  [["--fail"], "--fail cannot be given like that. There is only --kill, --team, --team --fail."],
  [["--kill", "--team"], "--kill --team cannot be given like that."],
  [["--kil"], "Unknown option --kil. There is only --kill, --team, --team --fail."],
])("%j is told in one line", (args, message) => {
  expect(() => givenOptions(args, WAYS)).toThrow(message);
});
