import { afterEach, describe, expect, test, vi } from "vitest";
import type { JoinRule } from "../../src/contracts/join.ts";
import type { NewTask } from "../../src/contracts/task.ts";
import { CHILD_ASK_MS, CHILD_MISSED_MS } from "../../src/core/delegation.ts";
import type { ModelProvider } from "../../src/model-ports.ts";
import { ASK_RESEARCHER, FAMILY, QUESTION, RESEARCHER } from "../core/fixtures/family.ts";
import { joinOf } from "../core/fixtures/joins.ts";
import { MODEL, orderOf } from "../core/fixtures/order.ts";
import { asks, ends, proposes } from "../core/fixtures/said.ts";
import { replays } from "../replay/fresh-replay.ts";
import { never } from "../simulation/timeline.ts";
import { Household } from "./household.ts";

const ORDER = orderOf({ ...FAMILY, interactive: true });
let household: Household;

/** A parent that asks its questions and then ends, and children that take so long to answer. */
function models(questions: number, childTakesMs = 10): (order: NewTask) => ModelProvider {
  return ({ parent }) => ({
    complete: async ({ messages }) => {
      if (parent === undefined) {
        if (messages.length > 1) return ends("Done.");
        return proposes(
          ...Array.from({ length: questions }, (_, n) =>
            asks(ASK_RESEARCHER, { ...QUESTION, goal: `${n}?` }),
          ),
        );
      }
      if (childTakesMs === Infinity) return await never();
      await household.timeline.sleep(childTakesMs);
      return ends("A customer.");
    },
  });
}

async function live(order = ORDER): Promise<void> {
  await household.home(order).task.create(order);
  await household.timeline.run(100_000);
}

function cancelIt(): void {
  void household.home(ORDER).task.cancel("mia", "enough");
}

afterEach(async () => {
  const journals = new Map([...household.homes].map(([task, { rows }]) => [task, rows] as const));
  expect(await replays(journals)).toEqual([]);
});

test("a parent's children are made, answer, and settle its calls", async () => {
  household = new Household(models(2));
  await live();
  const view = await household.home(ORDER).task.view();
  expect(view).toMatchObject({ status: "completed", answer: "Done." });
  expect(view?.budget.spent.children).toBe(2);
  expect(household.children).toHaveLength(2);
  for (const { order, task } of household.children) {
    expect(await task.view()).toMatchObject({ status: "completed", answer: "A customer." });
    expect(household.commands(order.task).at(-1)).toBe("parentTold");
  }
});

test("the sums of a tree are those of its root (B1)", async () => {
  household = new Household(models(2));
  await live();
  const spent = await Promise.all(
    [...household.homes.values()].map(async ({ task }) => (await task.view())?.budget.spent.tokens ?? 0),
  );
  const [root = 0, ...children] = spent;
  expect(children.every((tokens) => tokens > 0)).toBe(true);
  expect(root).toBe(42 * 2 + children.reduce((sum, tokens) => sum + tokens));
});

test("a child that cannot tell its parent tries until it can", async () => {
  household = new Household(models(1));
  household.away.add(ORDER.task);
  void household.timeline.after(120_000, () => household.away.delete(ORDER.task));
  await live();
  expect(await household.home(ORDER).task.view()).toMatchObject({ status: "completed" });
  const [child] = household.children;
  expect(household.commands(child?.order.task ?? "").at(-1)).toBe("parentTold");
});

test("a parent whose child was never made asks for it again, and has one child", async () => {
  household = new Household(models(1));
  household.losesMessages = true;
  void household.timeline.after(30_000, () => {
    household.losesMessages = false;
  });
  await live();
  expect(await household.home(ORDER).task.view()).toMatchObject({ status: "completed" });
  expect(household.children).toHaveLength(1);
});

test("a parent hears of a child whose word was lost, by asking it", async () => {
  household = new Household(models(1));
  const parent = household.home(ORDER);
  // It is acknowledged, and all the same gone.
  vi.spyOn(parent.task, "childEnded").mockResolvedValueOnce(undefined);
  const startMs = household.timeline.nowMs;
  await live();
  expect(await parent.task.view()).toMatchObject({ status: "completed" });
  expect(household.timeline.nowMs - startMs).toBe(CHILD_MISSED_MS);
});

test("a child that takes long is asked how it is, and waited for", async () => {
  household = new Household(models(1, CHILD_ASK_MS + 1_000));
  const patient = { agent: RESEARCHER, model: { ...MODEL, timeoutMs: 2 * CHILD_ASK_MS } };
  await live(orderOf({ ...FAMILY, interactive: true, family: { team: [patient] } }));
  expect(await household.home(ORDER).task.view()).toMatchObject({ status: "completed" });
  expect(household.commands(ORDER.task).filter((type) => type === "readBackEnded").length).toBeGreaterThan(0);
  expect(household.children).toHaveLength(1);
});

test("the end of a parent ends its children, and is confirmed", async () => {
  household = new Household(models(2, Infinity));
  void household.timeline.after(5_000, cancelIt);
  await live();
  expect(await household.home(ORDER).task.view()).toMatchObject({ status: "canceled" });
  for (const { task } of household.children) expect(await task.view()).toMatchObject({ status: "canceled" });
  expect(household.commands(ORDER.task).filter((type) => type === "childEnded")).toHaveLength(2);
});

test("a child that is out of reach when its parent ends is ended when it is back", async () => {
  household = new Household(models(1, Infinity));
  void household.timeline.after(5_000, () => {
    for (const { order } of household.children) household.away.add(order.task);
    cancelIt();
  });
  const heard: unknown[] = [];
  const ask = async (): Promise<void> => void heard.push(await household.home(ORDER).task.howItIs());
  void household.timeline.after(15_000, () => void ask());
  void household.timeline.after(20_000, () => household.away.clear());
  await live();
  const [child] = household.children;
  expect(await child?.task.view()).toMatchObject({ status: "canceled" });
  // B1. Whoever asks how it ended waits until it knows what its child used.
  await ask();
  expect(heard[0]).toBe("alive");
  expect(heard[1]).toMatchObject({ used: { children: 1 } });
});

test("a child that was never made is not made after its parent's end", async () => {
  household = new Household(models(1));
  household.losesMessages = true;
  void household.timeline.after(5_000, cancelIt);
  await live();
  expect(household.children).toEqual([]);
});

test("a child that is made after its parent's end finds itself ended", async () => {
  household = new Household(models(1));
  household.makesWithinMs = 60_000;
  void household.timeline.after(5_000, cancelIt);
  await live();
  const [child] = household.children;
  expect(await child?.task.view()).toMatchObject({ status: "canceled" });
  expect(household.commands(child?.order.task ?? "")).not.toContain("modelReplied");
});

describe("a join of children", () => {
  const team = (rule: Partial<JoinRule>) =>
    orderOf({ ...FAMILY, interactive: true, joins: [joinOf({ until: { kind: "any" }, ...rule })] });

  /** Each child answers its own goal after so long. */
  const answering =
    (takesMs: readonly number[]) =>
    (order: NewTask): ModelProvider => ({
      complete: async (request, signal) => {
        if (order.parent === undefined) return await models(takesMs.length)(order).complete(request, signal);
        const n = Number(order.input.text?.[0]);
        await household.timeline.sleep(takesMs[n] ?? 0);
        return ends(`Customer ${n}.`);
      },
    });

  test("closes with the first that answers; the other is ended, and gives back what it did not use (B1)", async () => {
    household = new Household(answering([5_000, 86_000_000]));
    const order = team({});
    await live(order);
    const view = await household.home(order).task.view();
    expect(view).toMatchObject({
      status: "completed",
      answer: "Done.",
      missing: [{ join: "findings", tool: "ask_researcher", why: "straggler" }],
    });
    const ended = await Promise.all(household.children.map(async ({ task }) => (await task.view())?.status));
    expect(ended).toEqual(["completed", "canceled"]);
    expect(household.commands(order.task).filter((type) => type === "childEnded")).toHaveLength(2);
  });

  test("may let the other finish, which is ended with its parent if it has not by then", async () => {
    household = new Household(answering([5_000, 5_010]));
    const order = team({ stragglers: "finish" });
    await live(order);
    const ended = await Promise.all(household.children.map(async ({ task }) => (await task.view())?.status));
    expect([...ended, (await household.home(order).task.view())?.status]).toEqual([
      "completed",
      "canceled",
      "completed",
    ]);
  });

  test("says in its task's view what is missing of it, and nothing before it has closed", async () => {
    household = new Household(answering([5_000, 6_000]));
    const order = team({ until: { kind: "bestEffort", withinMs: 60_000 } });
    await household.home(order).task.create(order);
    expect(await household.home(order).task.view()).not.toHaveProperty("missing");
    await household.timeline.run(100_000);
    expect(await household.home(order).task.view()).toMatchObject({ status: "completed", missing: [] });
  });
});
