import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Candidate, CandidateHealth, PinnedRoute } from "../../src/contracts/route.ts";
import { type Routed, type RoutingFacts, route, stepOfTurn, tooDear } from "../../src/core/routing.ts";
import { candidateOf, routeOf } from "./fixtures/route.ts";

const FACTS: RoutingFacts = {
  step: "answer",
  inputBytes: 3_000,
  needsTools: false,
  affords: () => true,
  costOf: ({ price }) => price.input,
  latencyObjectiveMs: undefined,
  health: null,
  tried: [],
};
const TABLE = routeOf([candidateOf("a"), candidateOf("b"), candidateOf("c")]);

function said(routed: Routed): string {
  const passed = routed.ok ? routed.choice.passed : routed.passed;
  const over = passed.map(({ candidate, why }) => `${candidate} ${why}`).join(", ");
  if (!routed.ok) return `nobody (${over})`;
  const { candidate, probe } = routed.choice;
  return `${candidate}${probe ? " as a probe" : ""}${routed.well ? "" : " though ill"} (${over})`;
}

describe("the first candidate that can and is well serves", () => {
  test.each<[string, Partial<RoutingFacts>, PinnedRoute, string]>([
    ["nothing is known", {}, TABLE, "0 ()"],
    ["the first is out", { health: [{ standing: "out" }] }, TABLE, "1 (0 out)"],
    ["two ail", { health: [{ standing: "out" }, { standing: "ailing" }] }, TABLE, "2 (0 out, 1 ailing)"],
    ["one has failed in this call", { tried: [{ candidate: 0, again: true }] }, TABLE, "1 (0 failed)"],
    ["one may be tried again", { health: [{ standing: "ailing", probe: true }] }, TABLE, "0 as a probe ()"],
    [
      "one behind it may be tried again",
      { health: [{ standing: "well" }, { standing: "ailing", probe: true }] },
      TABLE,
      "0 ()",
    ],
    [
      "the probe itself has failed",
      { health: [{ standing: "ailing", probe: true }], tried: [{ candidate: 0, again: true }] },
      TABLE,
      "1 (0 ailing)",
    ],
    [
      "all ail: the one that ails least",
      { health: [{ standing: "out" }, { standing: "ailing" }, { standing: "out" }] },
      TABLE,
      "1 though ill (0 out)",
    ],
    [
      "all failed: the one that failed least often",
      { tried: [0, 1, 2, 0, 1].map((candidate) => ({ candidate, again: true })) },
      TABLE,
      "2 though ill (0 failed, 1 failed)",
    ],
    [
      "one is slower than the task wants, as known or as declared",
      { latencyObjectiveMs: 500, health: [{ standing: "well", p95Ms: 501 }] },
      routeOf([candidateOf("a"), candidateOf("b", { latencyObjectiveMs: 900 }), candidateOf("c")]),
      "2 (0 slow, 1 slow)",
    ],
    [
      "all are slower than the task wants",
      { latencyObjectiveMs: 500 },
      routeOf([candidateOf("a", { latencyObjectiveMs: 900 })]),
      "0 ()",
    ],
    [
      "tools are needed",
      { needsTools: true },
      routeOf([candidateOf("a", { capabilities: [] }), candidateOf("b")]),
      "1 (0 capability)",
    ],
    [
      "the input is too long for one",
      { inputBytes: 3_001 },
      routeOf([candidateOf("a", { contextTokens: 1_100 }), candidateOf("b")]),
      "1 (0 context)",
    ],
    ["the budget is too small for one", { affords: ({ model }) => model !== "a" }, TABLE, "1 (0 budget)"],
    [
      "the step names others",
      { step: "code" },
      routeOf(TABLE.candidates, { code: { order: [2, 1] } }),
      "2 ()",
    ],
    [
      "the step has a ceiling",
      {},
      routeOf([candidateOf("a", {}, 5), candidateOf("b", {}, 2)], {
        answer: { order: [0, 1], priceMax: { input: 2, output: 2 } },
      }),
      "1 (0 price)",
    ],
  ])("%s", (_, facts, table, wanted) => {
    expect(said(route(table, { ...FACTS, ...facts }))).toBe(wanted);
  });
});

describe("nobody can", () => {
  test("and money is not what is in the way", () => {
    const tried = [0, 1, 2].map((candidate) => ({ candidate, again: false }));
    const routed = route(TABLE, { ...FACTS, tried });
    expect(said(routed)).toBe("nobody (0 failed, 1 failed, 2 failed)");
    expect(routed).toMatchObject({ cheapest: null });
  });

  test("for want of budget: the cheapest is named", () => {
    const table = routeOf([candidateOf("a", {}, 3), candidateOf("b", {}, 1), candidateOf("c", {}, 2)]);
    const routed = route(table, { ...FACTS, affords: () => false });
    expect(routed).toMatchObject({ ok: false, cheapest: { model: "b" } });
  });

  test("a table without a default step is none", () => {
    expect(() => route({ ...TABLE, steps: {} }, FACTS)).toThrow("default step");
  });
});

test("a step's kind follows from the turn and its tools", () => {
  const agent = { steps: { read_page: "extract", toString: "code" } };
  expect(stepOfTurn(agent, 1, ["read_page"])).toBe("plan");
  expect(stepOfTurn(agent, 2, ["note", "read_page"])).toBe("extract");
  expect(stepOfTurn(agent, 2, ["constructor"])).toBe("answer");
  expect(stepOfTurn({}, 3, ["read_page"])).toBe("answer");
});

test("what a step may not reach is found when it is declared, dear only for long prompts or not", () => {
  const long = { aboveInputTokens: 10, input: 9, cachedInput: 9, cacheWrite: 9, output: 9 };
  const dear = candidateOf("dear", { price: { ...candidateOf("a").price, long } });
  const table = routeOf([candidateOf("a"), dear], {
    code: { order: [0, 1], priceMax: { input: 2, output: 2 } },
  });
  expect(tooDear(table, "code")).toBe(dear);
  expect(tooDear(table, "default")).toBeNull();
});

const candidates: fc.Arbitrary<Candidate> = fc
  .record({
    price: fc.integer({ min: 1, max: 9 }),
    contextTokens: fc.integer({ min: 1, max: 3_000 }),
    tools: fc.boolean(),
    latencyObjectiveMs: fc.integer({ min: 1, max: 1_000 }),
  })
  .map(({ price, contextTokens, tools, latencyObjectiveMs }) =>
    candidateOf("m", { contextTokens, latencyObjectiveMs, capabilities: tools ? ["tools"] : [] }, price),
  );
const healths: fc.Arbitrary<CandidateHealth> = fc
  .record({
    standing: fc.constantFrom("well" as const, "ailing" as const, "out" as const),
    probe: fc.boolean(),
  })
  .map(({ standing, probe }) => (probe && standing === "ailing" ? { standing, probe } : { standing }));
const cases = fc.record({
  candidates: fc.array(candidates, { minLength: 1, maxLength: 6 }),
  health: fc.option(fc.array(healths, { maxLength: 6 })),
  tried: fc.array(fc.record({ candidate: fc.nat(5), again: fc.boolean() }), { maxLength: 4 }),
  inputBytes: fc.integer({ min: 0, max: 6_000 }),
  needsTools: fc.boolean(),
  purse: fc.integer({ min: 0, max: 9 }),
  ceiling: fc.integer({ min: 0, max: 9 }),
});

test("whatever is asked, the chosen one can serve, the same is chosen again, and nothing well was passed over", () => {
  fc.assert(
    fc.property(cases, ({ candidates: all, purse, ceiling, ...asked }) => {
      const priceMax = { input: ceiling, output: ceiling };
      const table = routeOf(all, { code: { order: all.map((_, n) => n).toReversed(), priceMax } });
      const facts = {
        ...FACTS,
        ...asked,
        step: "code",
        affords: ({ price }: Candidate) => price.input <= purse,
      };
      const routed = route(table, facts);
      expect(route(structuredClone(table), facts)).toEqual(routed);
      const fits = (one: Candidate, place: number): boolean =>
        one.price.input <= Math.min(purse, ceiling) &&
        (!facts.needsTools || one.capabilities.includes("tools")) &&
        Math.ceil(facts.inputBytes / 3) + one.maxOutputTokens <= one.contextTokens &&
        facts.tried.every(({ candidate, again }) => again || candidate !== place);
      const fitting = [...all.keys()].filter((n) => all.slice(n, n + 1).every((one) => fits(one, n)));
      expect(routed.ok).toBe(fitting.length > 0);
      if (!routed.ok) return;
      const { candidate, passed } = routed.choice;
      expect(fitting).toContain(candidate);
      // The order is the other way round: what is preferred has a higher number.
      const preferred = fitting.filter((n) => n > candidate);
      const isWell = (n: number): boolean =>
        (facts.health?.[n]?.standing ?? "well") === "well" && facts.tried.every((one) => one.candidate !== n);
      expect(preferred.filter(isWell)).toEqual([]);
      expect(passed.map((one) => one.candidate)).toEqual(
        [...all.keys()].filter((n) => n > candidate).toReversed(),
      );
    }),
    { numRuns: 500 },
  );
});
