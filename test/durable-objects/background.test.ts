import { afterAll, describe, expect, test } from "vitest";
import type { CommitRow } from "../../src/contracts/journal.ts";
import type { ModelReply } from "../../src/contracts/model.ts";
import type { Working } from "../../src/model-ports.ts";
import { orderOf } from "../core/fixtures/order.ts";
import { ends } from "../core/fixtures/said.ts";
import { HOUR_MS } from "../core/fixtures/tools.ts";
import { replays } from "../replay/fresh-replay.ts";
import { never } from "../simulation/timeline.ts";
import { Hosted } from "./hosted.ts";

const journals = new Map<string, readonly CommitRow[]>();

afterAll(async () => {
  expect(await replays(journals)).toEqual([]);
});

/** A task whose provider works at its reply for so long, and when it was asked how that is, and told to stop. */
function working(
  doneAfterMs: number,
  answer: () => Promise<ModelReply | Working> = async () => ({ stop: "working" }),
) {
  const hosted = new Hosted(orderOf({ backgroundMs: HOUR_MS }));
  const { timeline, outside } = hosted;
  const beganMs = timeline.nowMs;
  const polledAtMs: number[] = [];
  const droppedAtMs: number[] = [];
  let submissions = 0;
  outside.models = {
    complete: async () => ({ stop: "submitted", response: `resp_${++submissions}` }),
  };
  outside.background = {
    poll: async () => {
      const sinceMs = timeline.nowMs - beganMs;
      polledAtMs.push(sinceMs);
      return sinceMs >= doneAfterMs ? ends("Done.") : await answer();
    },
    drop: async () => {
      droppedAtMs.push(timeline.nowMs - beganMs);
      if (droppedAtMs.length < 3) throw new Error("nobody there");
    },
  };
  const run = async () => {
    const view = await hosted.run();
    journals.set(`${journals.size}`, hosted.rows);
    return view;
  };
  return { hosted, polledAtMs, droppedAtMs, run, submissions: () => submissions };
}

describe("what a provider works at in the background", () => {
  test("is asked for ever more rarely, and nothing is committed before it is done", async () => {
    const { hosted, polledAtMs, run } = working(600_000);
    expect(await run()).toMatchObject({ status: "completed" });
    expect(hosted.told.map((line) => line.split(":")[0])).toEqual([
      "create",
      "start",
      "modelSubmitted",
      "modelReplied",
    ]);
    const pauses = polledAtMs.map((ms, i) => ms - (polledAtMs[i - 1] ?? 0));
    expect(Math.min(...pauses)).toBe(2_000);
    expect(Math.max(...pauses)).toBe(30_000);
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
  });

  test("is not asked for before its provider says that it is worth it", async () => {
    const { polledAtMs, run } = working(50_000, async () => ({ stop: "working", againInMs: 20_000 }));
    expect(await run()).toMatchObject({ status: "completed" });
    expect(polledAtMs).toEqual([2_000, 22_000, 42_000, 62_000]);
  });

  test("is asked for at once when its provider says that it is done", async () => {
    const { hosted, polledAtMs, run } = working(25_000, async () => ({ stop: "working", againInMs: 30_000 }));
    hosted.at(25_000, () => void hosted.task.poke());
    expect(await run()).toMatchObject({ status: "completed" });
    expect(polledAtMs).toEqual([2_000, 25_000]);
  });

  test("leaves its object idle meanwhile: nothing runs in it between two looks", async () => {
    const { hosted, run } = working(100_000);
    const atWork: (boolean | undefined)[] = [];
    for (let ms = 20_500; ms < 90_000; ms += 1_000)
      hosted.at(ms, () => void hosted.task.endAtWork().then((end) => atWork.push(end === null)));
    await run();
    expect(atWork.length).toBeGreaterThan(60);
    expect(new Set(atWork)).toEqual(new Set([true]));
  });

  test("is taken for still at work while nobody says anything of it", async () => {
    const { polledAtMs, run } = working(30_000, () => never());
    expect(await run()).toMatchObject({ status: "completed" });
    expect(polledAtMs).toEqual([2_000, 24_000, 47_000]);
  });

  test("is dropped when the task is canceled, however often that has to be told", async () => {
    const { hosted, droppedAtMs, run } = working(Infinity);
    hosted.at(10_500, () => void hosted.task.cancel("mia", undefined));
    expect(await run()).toMatchObject({ status: "canceled" });
    expect(droppedAtMs).toEqual([10_500, 11_500, 13_500]);
    expect(hosted.told.at(-1)).toBe("responseDropped: responseDropped");
  });

  test("is given up when its time is over, and asked for anew", async () => {
    const { hosted, submissions, run } = working(HOUR_MS + 60_000);
    expect(await run()).toMatchObject({ status: "completed" });
    expect(submissions()).toBe(2);
    expect(hosted.told).toContain("timerFired: modelCallFailed");
    expect(hosted.told).toContain("responseDropped: responseDropped");
  });
});
