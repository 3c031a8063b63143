import { expect, test } from "vitest";
import { NOTHING } from "../../src/core/budget.ts";
import { type UsageByDay, withModelUse, withToolUse } from "../../src/core/usage.ts";
import { CONFLICT, DONE, LOST, ends } from "./fixtures/said.ts";
import { acting, thinking } from "./fixtures/states.ts";
import type { TaskUnderTest } from "./fixtures/task-under-test.ts";

const DAY_MS = 86_400_000;
const used = (tokens: number, costMicroUsd: number) => ({ ...NOTHING, turns: 1, tokens, costMicroUsd });

test("use is summed up by day, and by model and tool", () => {
  const steps: readonly ((usage: UsageByDay) => UsageByDay)[] = [
    (usage) => withModelUse(usage, 3 * DAY_MS - 1, "openai/a", used(10, 1)),
    (usage) => withModelUse(usage, 3 * DAY_MS - 1, "openai/a", used(5, 2)),
    (usage) => withModelUse(usage, 3 * DAY_MS - 1, "openai/b", used(1, 0)),
    (usage) => withModelUse(usage, 3 * DAY_MS, "openai/a", used(7, 7)),
    (usage) => withToolUse(usage, 3 * DAY_MS, "look", true),
    (usage) => withToolUse(usage, 3 * DAY_MS, "look", false),
  ];
  expect(steps.reduce<UsageByDay>((usage, step) => step(usage), {})).toEqual({
    2: {
      models: {
        "openai/a": { calls: 2, tokens: 15, costMicroUsd: 3 },
        "openai/b": { calls: 1, tokens: 1, costMicroUsd: 0 },
      },
      tools: {},
    },
    3: {
      models: { "openai/a": { calls: 1, tokens: 7, costMicroUsd: 7 } },
      tools: { look: { calls: 2, failed: 1 } },
    },
  });
});

test("what cost nothing and used no token is no use", () => {
  expect(withModelUse({}, 0, "openai/a", used(0, 0))).toEqual({});
});

const dayOf = ({ state }: TaskUnderTest) => Object.values(state.usage)[0];

test("a task sums up its own calls, once each, however often they were tried", () => {
  const task = acting(["findCustomer", "addNote"]);
  task.settles("find_customer", LOST);
  task.passes(10_000).timer();
  task.readsRights();
  task.settles("find_customer", DONE);
  task.settles("add_note", CONFLICT);
  expect(dayOf(task)?.tools).toMatchObject({ find_customer: { calls: 1, failed: 0 } });
  task.replies(ends("Done."));
  const [model] = Object.values(dayOf(task)?.models ?? {});
  expect(model?.calls).toBe(2);
  expect(model?.tokens).toBe(task.state.budget.spent.tokens);
});

test("what is out when a task ends is used, for it counts as spent", () => {
  const task = thinking();
  task.cancel();
  const [model] = Object.values(dayOf(task)?.models ?? {});
  expect(model).toMatchObject({ calls: 1, tokens: task.state.budget.spent.tokens });
  expect(model?.tokens).toBeGreaterThan(0);
});
