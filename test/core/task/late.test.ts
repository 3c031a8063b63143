import { describe, expect, test } from "vitest";
import type { Attempt } from "../../../src/contracts/outcome.ts";
import { ABSENT, BUSY, CONFLICT, DONE, LOST, UNTOLD, ends } from "../fixtures/said.ts";
import { acting, outOfTime, thinking } from "../fixtures/states.ts";
import { HOUR_MS } from "../fixtures/tools.ts";
import type { TaskUnderTest } from "../fixtures/task-under-test.ts";

const ENDINGS = [
  ["canceled", (task: TaskUnderTest) => task.also((one) => one.cancel())],
  ["failed", outOfTime],
] as const;

describe.each(ENDINGS)("what comes after a task was %s", (status, ended) => {
  test.each<[string, Attempt]>([
    ["a result", DONE],
    ["a failure", CONFLICT],
    ["a failure that might be tried again", BUSY],
  ])("%s of a call is recorded once, and changes no status and no budget (E1)", (_, result) => {
    const task = ended(acting(["addNote"]));
    const { budget } = task.state;
    expect(task.settles("add_note", result)).toBe("callSettled");
    expect(task.status).toBe(status);
    expect(task.state.budget).toEqual(budget);
    expect(task.settles("add_note", DONE)).toBe("nothing");
  });

  test("a word that nobody knows the outcome is no outcome", () => {
    const task = ended(acting(["sendLetter"]));
    expect(task.settles("send_letter", LOST)).toBe("nothing");
    expect(task.settles("send_letter", DONE)).toBe("callSettled");
  });

  test("a read-back that tells of nothing done is not acted on", () => {
    const task = acting(["setAddress"]).also((one) => one.settles("set_address", LOST));
    ended(task);
    expect(task.findsBack("set_address", ABSENT)).toBe("nothing");
    expect(task.findsBack("set_address", UNTOLD)).toBe("nothing");
  });

  test("a result of a call that a human was asked about is recorded, and the question stays closed", () => {
    const task = acting(["sendLetter"], { limit: { wallMs: HOUR_MS } });
    task.settles("send_letter", LOST);
    ended(task);
    expect(task.settles("send_letter", DONE)).toBe("callSettled");
    expect(task.state.approvals).toMatchObject([{ state: "closed" }]);
  });

  test("a result of a call that never left is nobody's", () => {
    const task = ended(acting(["refund", "addNote"]));
    expect(task.settles("refund", DONE)).toBe("nothing");
  });

  test("nothing is claimed, started, read or interrupted any more", () => {
    const task = acting(["addNote", "refund"], { placement: "queued" });
    const { id } = task.call("add_note");
    ended(task);
    const rights = { authorityActive: false, entitledApprovers: [] };
    expect(task.put({ type: "claim", claims: [{ id, attempt: 1 }], rights })).toBe("nothing");
    expect(task.readsRights(rights)).toBe("nothing");
    expect(task.start()).toBe("nothing");
    expect(task.restarts()).toBe("nothing");
  });
});

test("a reply to a task that was canceled meanwhile is dropped, and what was set aside for it counts as spent (B1)", () => {
  const task = thinking();
  const { id, reserved } = task.model;
  task.cancel();
  const reply = { type: "modelReplied", call: id, attempt: 1, reply: ends("Done."), latencyMs: 5 } as const;
  expect(task.put(reply)).toBe("nothing");
  expect(task.state.budget).toMatchObject({
    reserved: { tokens: 0 },
    spent: { turns: 1, tokens: reserved.tokens },
  });
});
