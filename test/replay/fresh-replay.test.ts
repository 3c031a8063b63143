import { expect, test } from "vitest";
import type { CommitRow } from "../../src/contracts/journal.ts";
import { simulate } from "../simulation/simulate.ts";
import { replays } from "./fresh-replay.ts";

const { journals } = await simulate(1);
const [[task, rows] = ["", []]] = journals;

/** The same journal with a commit whose text says something else. */
function changed(at: number, from: string | RegExp, to: string): ReadonlyMap<string, readonly CommitRow[]> {
  const other = rows.map((row, n) => (n === at ? { ...row, body: row.body.replace(from, to) } : row));
  expect(other).not.toEqual(rows);
  return new Map([[task, other]]);
}

test("journals as they were stored are decided in the same way again", async () => {
  expect(await replays(journals)).toEqual([]);
});

test("an event that another rule would have decided is found, with its place", async () => {
  const faults = await replays(changed(1, /"attempt":1/, '"attempt":2'));
  expect(faults).toEqual([
    expect.stringMatching(new RegExp(`^${task} differs at 2: .*other events are decided`)),
  ]);
});

test("a journal that cannot be folded is a difference", async () => {
  expect(await replays(changed(0, /.*/s, "{}"))).toEqual([expect.stringContaining(`${task} differs at 0`)]);
});

test("where there was no journal, nothing was shown", async () => {
  expect(await replays(new Map())).toEqual(["no journal was handed over"]);
});
