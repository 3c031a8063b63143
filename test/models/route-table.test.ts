import { describe, expect, test } from "vitest";
import { nameOf } from "../../src/contracts/route.ts";
import {
  type RouteCandidate,
  type RouteTable,
  objectivesOf,
  pinnedRoutes,
} from "../../src/models/route-table.ts";

const able: RouteCandidate = {
  provider: "anthropic",
  model: "claude-sonnet-5-5",
  contextTokens: 200_000,
  latencyObjectiveMs: 20_000,
  concurrency: 8,
};
const plain: RouteCandidate = {
  provider: "openai",
  model: "gpt-5-nano",
  contextTokens: 400_000,
  streamed: false,
};
const TABLE: RouteTable = {
  candidates: { able, plain },
  steps: {
    default: ["able", "plain"],
    summarize: { candidates: ["plain"], priceMax: { input: 0.1, output: 1 } },
  },
};

function pinned(table: RouteTable): ReturnType<typeof pinnedRoutes>[string] {
  return pinnedRoutes({ desk: table })["desk"] ?? null;
}

test("a table is pinned with prices, places and a version of its content", () => {
  const route = pinned(TABLE)?.route;
  expect(route?.candidates.map(nameOf)).toEqual(["anthropic/claude-sonnet-5-5", "openai/gpt-5-nano"]);
  expect(route?.candidates[1]).toMatchObject({
    price: { input: 0.05 },
    capabilities: ["tools"],
    streamed: false,
  });
  expect(route?.steps).toEqual({
    default: { order: [0, 1] },
    summarize: { order: [1], priceMax: { input: 0.1, output: 1 } },
  });
  expect(pinned(structuredClone(TABLE))?.route?.version).toBe(route?.version);
  const other = { ...TABLE, steps: { default: ["plain", "able"] } };
  expect(pinned(other)?.route?.version).not.toBe(route?.version);
});

test("its first candidate is the task's model, as a model alone would be", () => {
  const { candidates, steps } = TABLE;
  const { provider, model } = able;
  const alone = { provider, model, concurrency: 8 } as const;
  expect(pinned(TABLE)?.model).toEqual(pinnedRoutes({ desk: alone })["desk"]?.model);
  expect(pinned({ candidates, steps: { ...steps, default: ["plain"] } })?.model.model).toBe("gpt-5-nano");
});

test("a table with one candidate is a model alone, and costs no more", () => {
  const one = pinned({ candidates: { plain }, steps: { default: ["plain"] } });
  expect(one).toEqual(
    pinnedRoutes({ desk: { provider: "openai", model: "gpt-5-nano", streamed: false } })["desk"],
  );
  expect(one).not.toHaveProperty("route");
});

test("a model alone without a price serves nobody", () => {
  const unknown = { provider: "openai-compatible", model: "x" } as const;
  expect(pinnedRoutes({ desk: unknown })).toEqual({ desk: null });
});

describe("a table that contradicts itself is refused when it is declared", () => {
  test.each<[string, RouteTable, string]>([
    [
      "a trivial step that reaches what is too dear",
      {
        ...TABLE,
        steps: {
          default: ["able"],
          summarize: { candidates: ["plain", "able"], priceMax: { input: 1, output: 1 } },
        },
      },
      "Route desk: anthropic/claude-sonnet-5-5 costs more than the step summarize allows.",
    ],
    [
      "a step that names nobody",
      { ...TABLE, steps: { default: ["best"] } },
      "names best, which is no candidate",
    ],
    ["a step without candidates", { ...TABLE, steps: { default: [] } }, "Route desk:"],
    [
      "a candidate without a price",
      { ...TABLE, candidates: { able, plain: { ...plain, provider: "openai-compatible" } } },
      "nobody knows what plain costs",
    ],
    [
      "a context window of nothing",
      { ...TABLE, candidates: { able, plain: { ...plain, contextTokens: 0 } } },
      "Route desk:",
    ],
    [
      "a kind of step that is no name",
      { ...TABLE, steps: { default: ["able"], "To Plan": ["able"] } },
      "Route desk:",
    ],
  ])("%s", (_, table, message) => {
    expect(() => pinned(table)).toThrow(message);
    expect(() => pinned(table)).toThrow(RangeError);
  });
});

test("models that routes choose between are watched, by the strictest objective; others are not", () => {
  const hasty = { ...able, latencyObjectiveMs: 5_000 };
  const routes = pinnedRoutes({
    desk: TABLE,
    hasty: { ...TABLE, candidates: { able: hasty, plain } },
    alone: { provider: "openai", model: "gpt-5" },
  });
  expect([...objectivesOf(routes)]).toEqual([
    ["anthropic/claude-sonnet-5-5", 5_000],
    ["openai/gpt-5-nano", undefined],
  ]);
});
