import { expect, test } from "vitest";
import { RULES } from "../../src/core/task/decide.ts";
import type { Command } from "../../src/core/task/command.ts";
import { orderOf } from "../core/fixtures/order.ts";
import { OneObject } from "./one-object.ts";

const CREATE: Command = { type: "create", order: orderOf() };

/** An object whose journal is long enough for a snapshot, with one that says something else: that tells whether it was believed. */
function withSnapshot(head: (own: { seq: number; hash: string }) => string, text: (state: string) => string) {
  const object = new OneObject();
  const { commit, log, store } = object.live();
  commit(CREATE);
  for (let n = 0; n < 35; n++) commit({ type: "pause", by: "mia" }, { type: "resume", by: "mia" });
  log.saveSnapshot();
  const lies = text(JSON.stringify({ ...log.state, messageBytes: 77 }));
  const kept = `${head(log.head)}\n${lies}`;
  expect(store.snapshot?.head).toEqual(log.head);
  object.sqlite.all("UPDATE kept SET value = ? WHERE key = 'snapshot'", [kept]);
  const again = object.live().log;
  expect(again.head).toEqual(log.head);
  return {
    believed: again.state?.messageBytes === 77,
    equal: JSON.stringify(again.state) === JSON.stringify(log.state),
  };
}

const own = ({ seq, hash }: { seq: number; hash: string }) => `${seq} ${hash}`;
const ruled = (rules: number) => (state: string) => `{"rules":${rules},"state":${state}}`;

test("a snapshot of this journal and these rules spares the folding", () => {
  expect(withSnapshot(own, ruled(RULES))).toEqual({ believed: true, equal: false });
});

test.each([
  ["of other rules", own, ruled(RULES - 1)],
  ["of another journal", ({ seq }: { seq: number }) => `${seq} ${"0".repeat(64)}`, ruled(RULES)],
  ["that cannot be read", own, (state: string) => state.slice(0, -5)],
  ["that is something else", own, () => "null"],
])("one %s is dropped, and the journal folded (J2)", (_, head, text) => {
  expect(withSnapshot(head, text)).toEqual({ believed: false, equal: true });
});
