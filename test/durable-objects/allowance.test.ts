import { afterAll, describe, expect, test } from "vitest";
import type { CommitRow } from "../../src/contracts/journal.ts";
import type { Allowances } from "../../src/guards/allowance-doors.ts";
import { ASKS, FOR_ONE_CALL, LIMITED, NO_PLACE, PLENTY, spentUp } from "../core/fixtures/allowance.ts";
import { BOSS, LEAD } from "../core/fixtures/ladder.ts";
import { orderOf } from "../core/fixtures/order.ts";
import { asks, ends, proposes } from "../core/fixtures/said.ts";
import { HOUR_MS, TOOLS } from "../core/fixtures/tools.ts";
import { replays } from "../replay/fresh-replay.ts";
import { never } from "../simulation/timeline.ts";
import { Hosted } from "./hosted.ts";

const journals = new Map<string, readonly CommitRow[]>();
/** What is answered, and when one that was refused may look again. */
const SAID = {
  full: { allowance: NO_PLACE, againInMs: 60_000 },
  spent: { allowance: spentUp({ kind: "wait" }), againInMs: 15_000 },
  asks: { allowance: spentUp(ASKS), againInMs: 300_000 },
  one: { allowance: FOR_ONE_CALL },
  plenty: { allowance: PLENTY },
};
const NOTHING = { placed: false, held: { costMicroUsd: 0, tokens: 0 } };

afterAll(async () => {
  expect(await replays(journals)).toEqual([]);
});

/** A task under budgets, whose askings are answered so, one after the other; and when each of them came. */
function limited(...answers: readonly ("never" | "down" | "slow" | keyof typeof SAID)[]) {
  const hosted = new Hosted(orderOf({ allowance: LIMITED }));
  const askedAtMs: number[] = [];
  const beganMs = hosted.timeline.nowMs;
  hosted.outside.allowances = {
    answer: async (_of, { counted, wanted }): ReturnType<Allowances["answer"]> => {
      if (wanted === null) return { allowance: { ...NOTHING, counted } };
      const answer = answers[askedAtMs.length] ?? "plenty";
      askedAtMs.push(hosted.timeline.nowMs - beganMs);
      if (answer === "never") return await never();
      if (answer === "down") throw new Error("nobody there");
      if (answer === "slow") await hosted.timeline.sleep(2_000);
      const { allowance, ...again } = SAID[answer === "slow" ? "full" : answer];
      return { allowance: { ...NOTHING, counted, ...allowance }, ...again };
    },
  };
  const run = async () => {
    const view = await hosted.run();
    journals.set(`${journals.size}`, hosted.rows);
    return view;
  };
  return { hosted, askedAtMs, run };
}

describe("whoever gives allowances", () => {
  test("does not answer: nothing is let through, and it is asked again after twenty seconds", async () => {
    const { askedAtMs, run } = limited("never", "plenty");
    expect(await run()).toMatchObject({ status: "completed" });
    expect(askedAtMs).toEqual([0, 21_000]);
  });

  test("cannot be reached: it is asked ever more seldom, and nothing is committed meanwhile", async () => {
    const { hosted, askedAtMs, run } = limited("down", "down", "down", "plenty");
    expect(await run()).toMatchObject({ status: "completed" });
    expect(askedAtMs).toEqual([0, 1_000, 3_000, 7_000]);
    expect(hosted.rows).toHaveLength(4);
  });

  test("says no again and again: the task knows it from one commit, and says what it waits for", async () => {
    const { hosted, askedAtMs, run } = limited("full", "full", "full", "plenty");
    hosted.at(100_000, () => {
      void hosted.task.view().then((view) => {
        expect(view).toMatchObject({ status: "queued", waitsFor: { kind: "capacity" } });
      });
    });
    const view = await run();
    expect(view).toMatchObject({ status: "completed" });
    expect(view).not.toHaveProperty("waitsFor");
    expect(askedAtMs).toEqual([0, 60_000, 120_000, 180_000]);
    expect(hosted.rows).toHaveLength(5);
  });

  test("says no for one reason and then for another: each is news, and each is waited for", async () => {
    const { hosted, askedAtMs, run } = limited("full", "spent", "full", "spent", "plenty");
    expect(await run()).toMatchObject({ status: "completed" });
    expect(askedAtMs).toEqual([0, 60_000, 75_000, 135_000, 150_000]);
    expect(hosted.rows).toHaveLength(8);
  });

  test("says no until a human has said yes: it is asked again at once then", async () => {
    const { hosted, askedAtMs, run } = limited("one", "asks", "plenty");
    let replies = 0;
    hosted.outside.models = {
      complete: async () => (++replies === 1 ? proposes(asks(TOOLS.findCustomer)) : ends("Done.")),
    };
    hosted.at(5_000, async () => {
      const [approval = ""] = (await hosted.task.view())?.openApprovals ?? [];
      await hosted.task.answer({ approval, decision: "approve", by: "otto", assurance: "signedIn" });
    });
    expect(await run()).toMatchObject({ status: "completed" });
    expect(askedAtMs).toEqual([0, 0, 5_000]);
  });

  test("is told for how long the humans of an agent's ladder may be asked", async () => {
    const hosted = new Hosted(orderOf({ allowance: LIMITED, ladder: [LEAD, BOSS] }));
    const told: number[] = [];
    hosted.outside.allowances = {
      answer: async ({ askTtlMs }, { counted, wanted }) => {
        told.push(askTtlMs);
        return { allowance: { ...NOTHING, counted, ...(wanted && PLENTY) } };
      },
    };
    await hosted.run();
    expect(new Set(told)).toEqual(new Set([3 * HOUR_MS]));
  });

  test("pokes a task that waits, which asks at once", async () => {
    const { hosted, askedAtMs, run } = limited("full", "plenty");
    hosted.at(5_000, () => void hosted.task.poke());
    expect(await run()).toMatchObject({ status: "completed" });
    expect(askedAtMs).toEqual([0, 5_000]);
  });

  test("pokes a task that is just being told no, which asks once more as soon as it has heard that", async () => {
    const { hosted, askedAtMs, run } = limited("slow", "slow", "plenty");
    hosted.at(1_000, () => void hosted.task.poke());
    expect(await run()).toMatchObject({ status: "completed" });
    expect(askedAtMs).toEqual([0, 2_000, 64_000]);
  });
});
