import { afterAll, describe, expect, test } from "vitest";
import { AUTHORITY_FRESH_MS } from "../../src/core/authority.ts";
import type { CommitRow } from "../../src/contracts/journal.ts";
import type { TaskView } from "../../src/contracts/task.ts";
import type { ModelReply } from "../../src/contracts/model.ts";
import type { ModelProvider } from "../../src/model-ports.ts";
import { orderOf } from "../core/fixtures/order.ts";
import { DONE, REVOKED, RIGHTS, asks, breaks, ends, proposes } from "../core/fixtures/said.ts";
import { TOOLS } from "../core/fixtures/tools.ts";
import { replays } from "../replay/fresh-replay.ts";
import { never } from "../simulation/timeline.ts";
import { Hosted } from "./hosted.ts";

/** Every journal of these tests, decided again at the end. */
const journals = new Map<string, readonly CommitRow[]>();

async function run(hosted: Hosted): Promise<TaskView | null> {
  const view = await hosted.run();
  journals.set(`${journals.size}`, hosted.rows);
  return view;
}

afterAll(async () => {
  expect(await replays(journals)).toEqual([]);
});

async function rosaAgrees(hosted: Hosted): Promise<void> {
  const approval = (await hosted.task.view())?.openApprovals[0] ?? "";
  await hosted.task.answer({ approval, decision: "approve", by: "rosa", assurance: "signedIn" });
}

/** A model that gives these replies one after the other, each after so long. */
function replying(hosted: Hosted, ...replies: readonly (readonly [afterMs: number, reply: ModelReply])[]) {
  let next = 0;
  hosted.outside.models = {
    complete: async () => {
      const [afterMs, reply] = replies[next++] ?? [0, ends("Done.")];
      await hosted.timeline.sleep(afterMs);
      return reply;
    },
  };
}

/** A model that says something now and then, and then ends in its own way when it is aborted. */
function streaming(hosted: Hosted, texts: readonly (readonly [atMs: number, text: string])[]): ModelProvider {
  return {
    complete: async (_request, signal, onText) => {
      for (const [atMs, text] of texts) hosted.at(atMs, () => onText?.(text));
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return breaks("aborted", { retryable: false });
    },
  };
}

describe("while one call is out for long", () => {
  const tools = [{ ...TOOLS.findCustomer, timeoutMs: 90_000 }, TOOLS.refund];

  test("what a human has agreed to meanwhile is carried out at once", async () => {
    const hosted = new Hosted(orderOf({ tools }));
    replying(hosted, [10, proposes(asks(TOOLS.findCustomer), asks(TOOLS.refund))]);
    const begun: [string, number][] = [];
    hosted.outside.tools.execute = async ({ tool }) => {
      begun.push([tool.name, hosted.timeline.nowMs - startMs]);
      await hosted.timeline.sleep(tool.name === "refund" ? 10 : 60_000);
      return DONE;
    };
    const startMs = hosted.timeline.nowMs;
    hosted.at(40_000, () => rosaAgrees(hosted));
    expect(await run(hosted)).toMatchObject({ status: "completed" });
    expect(begun).toEqual([
      ["find_customer", 10],
      ["refund", 40_000],
    ]);
  });
});

describe("who waits at the object itself", () => {
  const asking = (hosted: Hosted, atMs: number): { at: number; end: unknown }[] => {
    const heard: { at: number; end: unknown }[] = [];
    const startMs = hosted.timeline.nowMs;
    hosted.at(atMs, async () => {
      const end: unknown = JSON.parse((await hosted.task.endAtWork()) ?? "null");
      heard.push({ at: hosted.timeline.nowMs - startMs, end });
    });
    return heard;
  };

  test("is told of the end as it comes, before the audit log is written", async () => {
    const hosted = new Hosted();
    replying(hosted, [1_000, ends("Done.")]);
    hosted.outside.audit = { append: () => hosted.timeline.sleep(500) };
    const heard = asking(hosted, 100);
    const view = await run(hosted);
    expect(heard).toEqual([{ at: 1_000, end: view }]);
  });

  test("may come before the task has begun", async () => {
    const hosted = new Hosted();
    await hosted.task.create(hosted.order);
    const end = hosted.task.endAtWork();
    await hosted.timeline.run(100_000);
    expect(JSON.parse((await end) ?? "null")).toMatchObject({ status: "completed" });
    journals.set(`${journals.size}`, hosted.rows);
  });

  test("of a task that has ended is told at once", async () => {
    const hosted = new Hosted();
    const view = await run(hosted);
    expect(JSON.parse((await hosted.task.endAtWork()) ?? "")).toEqual(view);
  });

  test("is sent away as soon as the task waits for something else", async () => {
    const hosted = new Hosted(orderOf({ tools: [TOOLS.refund] }));
    replying(hosted, [1_000, proposes(asks(TOOLS.refund))]);
    const [atWork, atRest] = [asking(hosted, 100), asking(hosted, 5_000)];
    hosted.at(60_000, () => rosaAgrees(hosted));
    const atEnd = asking(hosted, 60_001);
    expect(await run(hosted)).toMatchObject({ status: "completed" });
    expect([...atWork, ...atRest].map(({ at, end }) => [at, end])).toEqual([
      [1_000, null],
      [5_000, null],
    ]);
    expect(atEnd).toMatchObject([{ end: { status: "completed" } }]);
  });

  test("of a task that was never made is told nothing", async () => {
    expect(await new Hosted().task.endAtWork()).toBeNull();
  });
});

describe("text that was streamed", () => {
  const texts = [
    [500, "Good "],
    [2_500, "morning"],
    [3_000, ", Mia"],
  ] as const;

  test("is kept to the last when the task is canceled", async () => {
    const hosted = new Hosted();
    hosted.outside.models = streaming(hosted, texts);
    hosted.at(3_500, () => hosted.task.cancel("mia", undefined));
    expect(await run(hosted)).toMatchObject({ status: "canceled", partial: "Good morning, Mia" });
    expect(hosted.told.filter((one) => one.startsWith("outputStreamed"))).toHaveLength(2);
  });

  test("is kept to the last when its call fails", async () => {
    const hosted = new Hosted(orderOf({ modelRetry: { attemptsMax: 1, delayMsFirst: 1, delayMsMax: 1 } }));
    hosted.outside.models = streaming(hosted, texts);
    expect(await run(hosted)).toMatchObject({ status: "failed", partial: "Good morning, Mia" });
  });

  test("is kept when a queue's consumer streams it, and only for the attempt that is out", async () => {
    const hosted = new Hosted(orderOf({ placement: "queued" }));
    hosted.at(100, async () => {
      const { id, attempt } = { id: "t1.2.1", attempt: 1 };
      expect(await hosted.task.claim([{ id, attempt }])).toMatchObject([{ kind: "model", streamed: true }]);
      await hosted.task.partial(id, attempt, "Good ");
      await hosted.task.partial("t1.2.9", attempt, "evening ");
      await hosted.task.partial(id, attempt, "morning");
    });
    hosted.at(3_000, () => hosted.task.partial("t1.2.1", 1, "."));
    hosted.at(4_000, () => hosted.task.cancel("mia", undefined));
    expect(await run(hosted)).toMatchObject({ partial: "morning." });
  });
});

describe("the key that vouches for a task", () => {
  const QUESTION = proposes(asks(TOOLS.addNote));

  function countedRights(hosted: Hosted, active: () => boolean): number[] {
    const readAt: number[] = [];
    hosted.outside.rights = {
      read: async () => {
        readAt.push(hosted.timeline.nowMs);
        return active() ? RIGHTS : REVOKED;
      },
    };
    return readAt;
  }

  test("is not read for a task that is over soon after it was made", async () => {
    const hosted = new Hosted();
    replying(hosted, [100, QUESTION]);
    const readAt = countedRights(hosted, () => true);
    expect(await run(hosted)).toMatchObject({ status: "completed" });
    expect(readAt).toEqual([]);
  });

  test("is read while the model thinks, and stops what it proposes and the task", async () => {
    const hosted = new Hosted();
    replying(hosted, [20_000, QUESTION], [20_000, QUESTION], [20_000, QUESTION]);
    let reads = 0;
    const readAt = countedRights(hosted, () => ++reads < 2);
    expect(await run(hosted)).toMatchObject({ status: "failed", error: { code: "refused_by_policy" } });
    expect(readAt).toHaveLength(2);
    expect(hosted.told.filter((one) => one.includes("callIntended"))).toHaveLength(2);
    expect(hosted.told.filter((one) => one.startsWith("rightsRead"))).toEqual([]);
  });

  test("is read before a queued model call is let go, once what is known is old", async () => {
    const hosted = new Hosted(orderOf({ placement: "queued" }));
    const readAt = countedRights(hosted, () => false);
    hosted.at(AUTHORITY_FRESH_MS, () => hosted.task.claim([{ id: "t1.2.1", attempt: 1 }]));
    expect(await run(hosted)).toMatchObject({ status: "failed", error: { code: "refused_by_policy" } });
    expect(readAt).toHaveLength(1);
  });

  test("does not keep the model waiting when it cannot be read; what the model proposes waits", async () => {
    const hosted = new Hosted(orderOf({ placement: "queued" }));
    let isDown = true;
    hosted.outside.rights = { read: async () => (isDown ? Promise.reject(new Error("down")) : RIGHTS) };
    hosted.at(AUTHORITY_FRESH_MS + 1, async () => {
      const claimed = await hosted.task.claim([{ id: "t1.2.1", attempt: 1 }]);
      expect(claimed).toHaveLength(1);
      const settled = { kind: "model", id: "t1.2.1", attempt: 1, latencyMs: 1, reply: QUESTION } as const;
      await hosted.task.settle([settled]);
    });
    hosted.at(AUTHORITY_FRESH_MS * 2, () => {
      expect(hosted.told.at(-1)).toBe("modelReplied: modelReplied callProposed");
      isDown = false;
    });
    hosted.at(AUTHORITY_FRESH_MS * 2 + 2_000, () => hosted.task.cancel("mia", undefined));
    await run(hosted);
    expect(hosted.told).toContain("rightsRead: callJudged callIntended");
  });
});

test("a service that never answers is asked again", async () => {
  const hosted = new Hosted(orderOf({ tools: [TOOLS.refund] }));
  replying(hosted, [10, proposes(asks(TOOLS.refund))]);
  let asked = 0;
  hosted.outside.rights = { read: () => (++asked === 2 ? never() : Promise.resolve(RIGHTS)) };
  let appended = 0;
  hosted.outside.audit = { append: () => (++appended === 1 ? never() : Promise.resolve()) };
  hosted.at(1_000, () => rosaAgrees(hosted));
  expect(await run(hosted)).toMatchObject({ status: "completed" });
  expect([asked, appended > 1]).toEqual([3, true]);
});
