import { describe, expect, test } from "vitest";
import type { Command } from "../../../src/core/task/command.ts";
import { STATES } from "../fixtures/states.ts";
import { focusOf, sayingsOf } from "../fixtures/variants.ts";
import { violations } from "../fixtures/violations.ts";
import { ALLOWANCE } from "./matrix/allowance.ts";
import { ASKING } from "./matrix/asking.ts";
import { BACKGROUND } from "./matrix/background.ts";
import { CALLS } from "./matrix/calls.ts";
import { CONTROLS } from "./matrix/controls.ts";
import { CREATING } from "./matrix/creating.ts";
import { FAMILY } from "./matrix/family.ts";
import { MODEL } from "./matrix/model.ts";
import { TIMING } from "./matrix/timing.ts";

/**
 * One table for each command: a row for each place in which a task can be, a column for each way in which the command can be meant.
 * A cell tells the events in their order, or the refusal, or `-` when nothing comes of it and nothing is committed.
 */
const MATRIX: { readonly [T in Command["type"]]: string } = {
  ...CREATING,
  ...CONTROLS,
  ...MODEL,
  ...BACKGROUND,
  ...CALLS,
  ...FAMILY,
  ...ALLOWANCE,
  ...ASKING,
  ...TIMING,
};

const NAMES = Object.keys(STATES);

describe.each(Object.entries(MATRIX))("%s", (type, text) => {
  const table = tableOf(text);
  const variants = sayingsOf(type);

  test("has a cell for every state and every way of saying it", () => {
    expect(table.columns).toEqual(Object.keys(variants));
    expect(table.rows.map(({ state }) => state)).toEqual(NAMES);
    expect(table.rows.filter(({ cells }) => cells.length !== table.columns.length)).toEqual([]);
  });

  test.each(table.rows)("$state", ({ state, cells }) => {
    const made = Object.entries(STATES).find(([name]) => name === state)?.[1]();
    if (made === undefined) throw new Error(`there is no state ${state}`);
    const told = Object.values(variants).map((saying) => {
      const task = made.branch();
      const { command, atMs } = saying(focusOf(task.state, task.nowMs));
      const answer = task.passes(Math.max(0, (atMs ?? 0) - task.nowMs)).put(command);
      expect(violations(task.rows)).toEqual([]);
      return answer === "nothing" ? "-" : answer;
    });
    expect(told).toEqual(cells);
  });
});

interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly { readonly state: string; readonly cells: readonly string[] }[];
}

function tableOf(text: string): Table {
  const [head, ...lines] = text
    .trim()
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()));
  const rows = lines.map(([state, ...cells]) => ({ state: state ?? "", cells }));
  return { columns: head?.slice(1) ?? [], rows };
}
