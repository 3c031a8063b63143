import { describe, expect, test } from "vitest";
import { orderOf } from "../core/fixtures/order.ts";
import { TIMEOUT_MS, Tasks } from "./tasks.ts";

const CALLS = ["a", "b", "c", "d", "e", "f", "g", "h"] as const;

describe("a batch", () => {
  test("is claimed once and settled once a task, when its calls are over soon", async () => {
    const tasks = new Tasks((call) => (call === "a" ? 30 : 20));
    await tasks.consume(["one", ["a", "b"]], ["two", ["c"]], ["one", ["d"]]);
    expect(tasks.log).toEqual([
      "0: claim 3 of one",
      "0: claim 1 of two",
      "20: done b",
      "20: done d",
      "20: done c",
      "20: settle 1 of two",
      "20: ack 1",
      "30: done a",
      "30: settle 3 of one",
      "30: ack 0",
      "30: ack 2",
      "30: over",
    ]);
  });

  test("goes on without what is no message, and without a task that cannot be or be reached now", async () => {
    const tasks = new Tasks(() => 20);
    tasks.away.add("away");
    await tasks.consume({ v: 2 }, ["", ["a"]], ["away", ["b"]], ["here", ["c"]]);
    expect(tasks.log).toEqual([
      "0: ack 0",
      "0: claim 1 of here",
      "0: retry 1 in 15 s",
      "0: retry 2 in 15 s",
      "20: done c",
      "20: settle 1 of here",
      "20: ack 3",
      "20: over",
    ]);
  });
});

describe("time", () => {
  test("begins for a call when the platform has a connection for it", async () => {
    const tasks = new Tasks(() => Infinity);
    await tasks.consume(["one", CALLS]);
    const stops = tasks.log.filter((line) => line.includes("stopped"));
    expect(stops).toEqual([
      ...CALLS.slice(0, 6).map((call) => `${TIMEOUT_MS}: stopped ${call}`),
      ...CALLS.slice(6).map((call) => `${2 * TIMEOUT_MS}: stopped ${call}`),
    ]);
    const latencies = tasks.settled.flatMap(({ settlements }) => settlements.map((one) => one.latencyMs));
    expect(latencies).toEqual(CALLS.map(() => TIMEOUT_MS));
  });

  test("does not run out for what is done, behind what is not: it is settled within its lease", async () => {
    const tasks = new Tasks((call) => (call === "h" ? TIMEOUT_MS - 1 : 50));
    await tasks.consume(["one", CALLS]);
    expect(tasks.settled.map(({ atMs, settlements }) => [atMs, settlements.length])).toEqual([
      [5_050, 7],
      [TIMEOUT_MS - 1, 1],
    ]);
  });

  test("of other tasks is nobody's loss: a task is claimed from when one of its calls can begin (N1)", async () => {
    const tasks = new Tasks((call) => (call === "z" ? 50 : Infinity));
    await tasks.consume(["slow", CALLS], ["quick", ["z"]]);
    expect(tasks.log).toContain(`${TIMEOUT_MS}: claim 1 of quick`);
    expect(tasks.log).toContain(`${TIMEOUT_MS + 50}: done z`);
  });
});

describe("the end of a task", () => {
  test("takes back what is out for it", async () => {
    const tasks = new Tasks(() => Infinity);
    tasks.at(23_000, () => tasks.ended.add("one"));
    await tasks.consume(["one", ["a"]], ["two", ["b"]]);
    expect(tasks.log).toEqual([
      "0: claim 1 of one",
      "0: claim 1 of two",
      "20000: listens one",
      "20000: listens two",
      "23000: stopped a",
      "23000: settle 1 of one",
      "23000: ack 0",
      `${TIMEOUT_MS}: stopped b`,
      `${TIMEOUT_MS}: settle 1 of two`,
      `${TIMEOUT_MS}: ack 1`,
      `${TIMEOUT_MS}: over`,
    ]);
  });
});

describe("a child", () => {
  const consuming = async (prepare: (tasks: Tasks) => void): Promise<Tasks> => {
    const tasks = new Tasks(() => 50);
    tasks.children.set("a", orderOf({ task: "child-of-a" }));
    prepare(tasks);
    await tasks.consume(["one", ["a", "b"]]);
    return tasks;
  };

  const settledIds = ({ settled }: Tasks): readonly string[] =>
    settled.flatMap(({ settlements }) => settlements.map(({ id }) => id));

  test("is made, and nothing is settled for it: it does that itself when it ends", async () => {
    const tasks = await consuming(() => undefined);
    expect(tasks.log).toContain("0: make child-of-a");
    expect(settledIds(tasks)).toEqual(["b"]);
    expect(tasks.log).toContain("50: ack 0");
  });

  test("that cannot be made is a failure of its call", async () => {
    const tasks = await consuming(({ refuses }) => refuses.add("child-of-a"));
    const [settlement] = tasks.settled.flatMap(({ settlements }) => settlements);
    expect(settlement).toMatchObject({
      id: "a",
      attempt: 1,
      result: { kind: "failed", error: { code: "internal" } },
    });
  });

  test("that cannot be reached is left to be found missing", async () => {
    const tasks = await consuming(({ away }) => away.add("child-of-a"));
    expect([settledIds(tasks), tasks.log.includes("50: ack 0")]).toEqual([["b"], true]);
  });
});
