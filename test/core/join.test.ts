import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JoinRule } from "../../src/contracts/join.ts";
import type { ErrorCode, Outcome } from "../../src/contracts/outcome.ts";
import { type Closing, type Part, joined } from "../../src/core/join.ts";
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
      expect(closing).toEqual(reference(rule, given, isDue));
      met.add(
        `${rule.until.kind} ${closing === null ? "open" : closing.satisfied ? "satisfied" : "unsatisfied"}`,
      );
    }),
    { numRuns: 5_000 },
  );
  expect(met.size).toBe(15);
});

/**
 * The reference model: lets one part after the other settle, those of one commit in the order of the proposals, and looks after each,
 * and before the first, whether the join's own sentence has become true or can no longer become so.
 */
function reference(rule: JoinRule, given: readonly Part[], isDue: boolean): Closing | null {
  const seqs = [...new Set(given.flatMap(({ settled }) => settled?.seq ?? []))].toSorted((a, b) => a - b);
  const order = seqs.flatMap((seq) =>
    [...given.keys()].filter((place) => given[place]?.settled?.seq === seq),
  );
  for (let n = 0; n <= order.length; n++) {
    const seen = given.map((part, place) =>
      order.slice(0, n).includes(place) ? part : { ...part, settled: null },
    );
    if (seen.some((part) => isFatal(rule, part))) return { satisfied: false, chosen: [] };
    const closing = SENTENCES[rule.until.kind](seen, rule);
    if (closing !== null) return closing;
  }
  if (rule.until.kind !== "bestEffort" || !isDue) return null;
  return { satisfied: given.every((part) => isThere(part) || mayMiss(rule, part)), chosen: [] };
}

type Sentence = (seen: readonly Part[], rule: JoinRule) => Closing | null;

const NO: Closing = { satisfied: false, chosen: [] };

/** Every way in which the open parts may yet end: well, or not. */
function endings(seen: readonly Part[]): readonly (readonly boolean[])[] {
  return seen.reduce<readonly (readonly boolean[])[]>(
    (all, part) => {
      const ends = part.settled === null ? [true, false] : [part.settled.outcome.ok];
      return all.flatMap((before) => ends.map((end) => [...before, end]));
    },
    [[]],
  );
}

const SENTENCES: Readonly<Record<JoinRule["until"]["kind"], Sentence>> = {
  all: (seen, rule) => {
    const holds = (ends: readonly boolean[]) =>
      seen.every((part, i) => ends[i] === true || mayMiss(rule, part));
    if (!endings(seen).some(holds)) return NO;
    return seen.every(({ settled }) => settled !== null) ? { satisfied: true, chosen: [] } : null;
  },
  any: (seen) => atLeast(1, seen),
  quorum: (seen, { until }) => atLeast(until.kind === "quorum" ? until.k : Number.NaN, seen),
  firstValid: (seen) => {
    // The one that comes first is the same whatever becomes of those that are open.
    const firsts = new Set(endings(seen).map((ends) => ends.indexOf(true)));
    const [first = -1] = firsts;
    if (firsts.size > 1) return null;
    if (first === -1) return NO;
    return seen[first]?.settled === null ? null : { satisfied: true, chosen: [first] };
  },
  bestEffort: (seen, rule) =>
    seen.every(({ settled }) => settled !== null)
      ? { satisfied: seen.every((part) => isThere(part) || mayMiss(rule, part)), chosen: [] }
      : null,
};

function atLeast(k: number, seen: readonly Part[]): Closing | null {
  const there = [...seen.keys()].filter((place) => seen[place] !== undefined && isThere(seen[place]));
  if (there.length === k) return { satisfied: true, chosen: there };
  return endings(seen).some((ends) => ends.filter(Boolean).length >= k) ? null : NO;
}

function isThere({ settled }: Part): boolean {
  return settled?.outcome.ok === true;
}

function mayMiss(rule: JoinRule, { tool }: Part): boolean {
  return rule.mayMiss.includes(tool);
}

function isFatal(rule: JoinRule, { settled }: Part): boolean {
  if (settled === null || settled.outcome.ok) return false;
  const kinds: Partial<Record<ErrorCode, keyof JoinRule["parts"]>> = {
    timeout: "timedOut",
    output_invalid: "malformed",
  };
  return rule.parts[kinds[settled.outcome.error.code] ?? "failed"] === "fatal";
}

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
