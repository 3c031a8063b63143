import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JoinRule } from "../../src/contracts/join.ts";
import type { ErrorCode, Outcome } from "../../src/contracts/outcome.ts";
import { type Part, joined } from "../../src/core/join.ts";
import { closingOf } from "./fixtures/join-reference.ts";
import { joinOf } from "./fixtures/joins.ts";
import { errorOf } from "./fixtures/said.ts";

const TOOLS = ["orders", "payments", "messages"] as const;

const rules: fc.Arbitrary<JoinRule> = fc
  .record({
    until: fc.oneof(
      fc.constantFrom<JoinRule["until"]>({ kind: "all" }, { kind: "any" }, { kind: "firstValid" }),
      fc.integer({ min: 1, max: 6 }).map((k) => ({ kind: "quorum", k }) as const),
      fc.constant({ kind: "bestEffort", withinMs: 1_000 } as const),
    ),
    parts: fc.record({ failed: meaning(), timedOut: meaning(), malformed: meaning() }),
    mayMiss: fc.subarray([...TOOLS]),
  })
  .map((wishes) => joinOf({ ...wishes, tools: TOOLS }));

function meaning(): fc.Arbitrary<"missing" | "fatal"> {
  return fc.nat(3).map((n) => (n === 0 ? "fatal" : "missing"));
}

const OUTCOMES: readonly Outcome[] = [
  { ok: true, output: { n: 1 } },
  { ok: true, output: null },
  { ok: false, error: errorOf("timeout") },
  { ok: false, error: errorOf("output_invalid") },
  { ok: false, error: errorOf("unavailable") },
  // What a text says moves nothing.
  { ok: false, error: { ...errorOf("conflict"), message: "timeout output_invalid ok" } },
];

const parts: fc.Arbitrary<readonly Part[]> = fc.array(
  fc.record({
    tool: fc.constantFrom(...TOOLS),
    settled: fc.option(
      fc.record({ outcome: fc.constantFrom(...OUTCOMES), seq: fc.integer({ min: 1, max: 4 }) }),
      {
        nil: null,
        freq: 4,
      },
    ),
  }),
  { minLength: 1, maxLength: 6 },
);

test("a join closes as its reference model says, whatever its rule and however its parts end", () => {
  const met = new Set<string>();
  fc.assert(
    fc.property(rules, parts, fc.boolean(), (rule, given, isDue) => {
      const closing = joined(rule, given, isDue);
      expect(closing).toEqual(closingOf(rule, given, isDue));
      met.add(
        `${rule.until.kind} ${closing === null ? "open" : closing.satisfied ? "satisfied" : "unsatisfied"}`,
      );
    }),
    { numRuns: 5_000 },
  );
  expect(met.size).toBe(15);
});

describe("a join", () => {
  const part = (end: "well" | ErrorCode | null, seq = 1, tool = "orders"): Part => ({
    tool,
    settled:
      end === null
        ? null
        : { seq, outcome: end === "well" ? { ok: true, output: 1 } : { ok: false, error: errorOf(end) } },
  });

  test("of any takes the first that ends well; of several in one commit, the first proposed", () => {
    const any = joinOf({ until: { kind: "any" } });
    expect(joined(any, [part("well", 2), part("well", 1)], false)).toEqual({ satisfied: true, chosen: [1] });
    expect(joined(any, [part("well", 1), part("well", 1)], false)).toEqual({ satisfied: true, chosen: [0] });
  });

  test("of the first valid waits for those that were proposed before", () => {
    const first = joinOf({ until: { kind: "firstValid" } });
    expect(joined(first, [part(null), part("well")], false)).toBeNull();
    expect(joined(first, [part("timeout", 2), part("well", 1)], false)).toEqual({
      satisfied: true,
      chosen: [1],
    });
  });

  test("of a quorum that the turn has too few calls for is out of reach at once", () => {
    const three = joinOf({ until: { kind: "quorum", k: 3 } });
    expect(joined(three, [part(null), part(null)], false)).toEqual({ satisfied: false, chosen: [] });
  });

  test("closes unsatisfied at a fatal part, unless it was satisfied before that", () => {
    const any = joinOf({
      until: { kind: "any" },
      parts: { failed: "fatal", timedOut: "missing", malformed: "missing" },
    });
    expect(joined(any, [part("conflict"), part(null)], false)).toEqual({ satisfied: false, chosen: [] });
    expect(joined(any, [part("timeout"), part(null)], false)).toBeNull();
    expect(joined(any, [part("well", 1), part("conflict", 1)], false)).toEqual({
      satisfied: true,
      chosen: [0],
    });
    expect(joined(any, [part("conflict", 1), part("well", 1)], false)).toEqual({
      satisfied: false,
      chosen: [],
    });
  });

  test("of best effort takes what is there when its time is over", () => {
    const best = joinOf({ until: { kind: "bestEffort", withinMs: 1 }, mayMiss: ["payments"] });
    const open = part(null, 1, "payments");
    expect(joined(best, [part("well"), open], false)).toBeNull();
    expect(joined(best, [part("well"), open], true)).toEqual({ satisfied: true, chosen: [] });
    expect(joined(best, [part(null), open], true)).toEqual({ satisfied: false, chosen: [] });
  });
});
