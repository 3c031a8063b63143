import { beforeEach, expect, test } from "vitest";
import type { Command } from "../../src/core/task/command.ts";
import { T0, orderOf } from "../core/fixtures/order.ts";
import { asks, proposes } from "../core/fixtures/said.ts";
import { TOOLS } from "../core/fixtures/tools.ts";
import { OneObject } from "./one-object.ts";

let object: OneObject;

beforeEach(() => {
  object = new OneObject();
});

const CREATE: Command = { type: "create", order: orderOf() };
const CANCEL: Command = { type: "cancel", by: "mia" };
const sentSeqs = () => object.batches.map(({ commits }) => commits.map(({ seq }) => seq));
const reads = () => object.statements.filter((query) => query.startsWith("SELECT seq"));

test("the tail goes out in one batch, from memory, with the index as of its last row", async () => {
  const { tail, commit } = object.live();
  commit(CREATE, { type: "start" });
  const readBefore = reads().length;
  await tail.flush();
  commit(CANCEL);
  await tail.flush();
  expect(sentSeqs()).toEqual([[1, 2], [3]]);
  expect(object.batches[0]?.entry).toMatchObject({ seq: 2, status: "running" });
  expect([reads().length - readBefore, tail.dueMs(false)]).toEqual([0, null]);
});

test("what was acknowledged is noted, and not sent again in another life", async () => {
  const first = object.live();
  first.commit(CREATE, { type: "start" });
  await first.tail.flush();
  first.commit({ type: "pause", by: "mia" });
  await object.live().tail.flush();
  expect(sentSeqs()).toEqual([[1, 2], [3]]);
});

test("the tail is never more than two minutes behind, however often the object is born again", async () => {
  const first = object.live();
  first.commit(CREATE, { type: "start" });
  expect(first.tail.dueMs(false)).toBe(T0 + 2_000);
  await first.tail.flush();
  object.nowMs += 5_000;
  first.commit({ type: "pause", by: "mia" });
  object.nowMs += 30_000;
  const second = object.live();
  second.commit({ type: "resume", by: "mia" });
  expect(second.tail.dueMs(false)).toBe(T0 + 125_000);
  expect(second.tail.dueMs(true)).toBeLessThan(object.nowMs);
});

test("a task that ends notes nothing: a further life would send what stands in the log already", async () => {
  const first = object.live();
  first.commit(CREATE, CANCEL);
  await first.tail.flush();
  expect(object.statements.some((query) => query.includes("kept ("))).toBe(false);
  await object.live().tail.flush();
  expect(sentSeqs()).toEqual([
    [1, 2],
    [1, 2],
  ]);
});

test("a log that is down is tried again later and later, and then gets everything", async () => {
  const { tail, commit } = object.live();
  const up = object.audit.append;
  object.audit.append = () => Promise.reject(new Error("D1_ERROR"));
  commit(CREATE);
  const delays: (number | null)[] = [];
  for (let n = 0; n < 8; n++) {
    await tail.flush();
    delays.push((tail.dueMs(true) ?? 0) - object.nowMs);
  }
  expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  object.audit.append = up;
  commit({ type: "start" });
  await tail.flush();
  expect(sentSeqs()).toEqual([[1, 2]]);
});

test("what is asked of a human, and what became of it, is in the inbox at once, whatever else goes on", async () => {
  const { tail, commit, log } = object.live();
  commit(CREATE, { type: "start" });
  const reply = proposes(asks(TOOLS.refund), asks(TOOLS.addNote));
  const model = log.state?.phase.kind === "thinking" ? log.state.phase.model : null;
  commit({ type: "modelReplied", call: model?.id ?? "", attempt: 1, reply, latencyMs: 100 });
  expect(log.state?.approvals).toMatchObject([{ state: "open" }]);
  expect(tail.dueMs(false)).toBe(0);
  await tail.flush();
  const [approval] = object.batches.flatMap(({ approvals }) => approvals);
  expect([approval?.state, tail.dueMs(false)]).toEqual(["open", null]);
  commit(CANCEL);
  expect(tail.dueMs(false)).toBe(0);
});
