import { expect, test } from "vitest";
import { RecentRows } from "../../durable-objects/recent-rows.ts";
import type { CommitRow } from "../../src/contracts/journal.ts";

const row = (seq: number, characters = 10): CommitRow => ({
  seq,
  atMs: seq,
  rules: 1,
  body: "x".repeat(characters),
  salt: "s",
  digest: "d",
  hash: `h${seq}`,
});

function rowsOf(...rows: readonly CommitRow[]): RecentRows {
  const recent = new RecentRows();
  for (const one of rows) recent.add(one);
  return recent;
}

test("rows are there in order, from the one that is wanted on", () => {
  expect(rowsOf(row(3), row(4)).after(2)).toEqual([row(3), row(4)]);
});

test("when one of those that are wanted is missing, none are given", () => {
  const recent = rowsOf(row(3), row(4));
  expect([recent.after(1), recent.after(3), rowsOf().after(0)]).toEqual([null, null, null]);
});

test("what was sent is dropped, and the rest stays", () => {
  const recent = rowsOf(row(1), row(2), row(3));
  recent.dropUntil(2);
  expect(recent.after(2)).toEqual([row(3)]);
  recent.dropUntil(3);
  expect(recent.after(3)).toBeNull();
});

test("what is given does not change when a further row comes", () => {
  const recent = rowsOf(row(1));
  const given = recent.after(0);
  recent.add(row(2));
  expect(given).toEqual([row(1)]);
});

test("too much is forgotten as a whole; a gap is never passed over", () => {
  const recent = rowsOf(row(1), row(2, 300_000), row(3));
  expect([recent.after(0), recent.after(1), recent.after(2)]).toEqual([null, null, [row(3)]]);
});
