import { describe, expect, test } from "vitest";
import type { Priority } from "../../src/contracts/allowance.ts";
import { Admission, type Candidate } from "../../src/core/admission.ts";

const DAY_MS = 86_400_000;

function candidate(task: string, of: Partial<Candidate> = {}): Candidate {
  return { task, tenant: "acme", priority: "normal", begun: false, n: 1, seat: "a seat", ...of };
}

/** So many places, all taken by a tenant's tasks. */
function full(max: number): Admission {
  const admission = new Admission();
  for (let n = 0; n < max; n++) admission.enter(candidate(`old-${n}`), max, 0);
  return admission;
}

function next(admission: Admission, max: number, nowMs = 0): readonly string[] {
  return admission.next(max, nowMs).map(({ task }) => task);
}

describe("a task", () => {
  test("has a place at once while there is one, and again when it asks again", () => {
    const admission = new Admission();
    expect(admission.enter(candidate("a"), 1, 0)).toBe(true);
    expect(admission.enter(candidate("a"), 1, 0)).toBe(true);
    expect(admission.enter(candidate("b"), 1, 0)).toBe(false);
    expect(admission.atWork).toBe(1);
  });

  test("is let in when one leaves, before whoever came later", () => {
    const admission = full(1);
    admission.enter(candidate("a"), 1, 1);
    admission.enter(candidate("b"), 1, 2);
    expect(admission.leave("old-0", 1)).toBe(true);
    expect(next(admission, 1, 3)).toEqual(["a"]);
    expect(admission.enter(candidate("b"), 1, 3)).toBe(false);
    expect(admission.enter(candidate("a"), 1, 3)).toBe(true);
  });

  test("that has begun takes its place again, and new ones wait for it", () => {
    const admission = full(1);
    expect(admission.enter(candidate("a", { begun: true }), 1, 0)).toBe(true);
    expect(admission.atWork).toBe(2);
    admission.leave("old-0", 1);
    expect(admission.enter(candidate("b"), 1, 0)).toBe(false);
  });

  test("that has left is not let in by an asking from before, and by a new one is", () => {
    const admission = new Admission();
    admission.enter(candidate("a", { n: 3 }), 1, 0);
    admission.leave("a", 4);
    admission.leave("a", 2);
    expect(admission.enter(candidate("a", { n: 4 }), 1, 0)).toBe(false);
    expect(admission.atWork).toBe(0);
    expect(admission.enter(candidate("a", { n: 5 }), 1, 0)).toBe(true);
  });

  test("that asked again after it left keeps its place, whenever its leaving arrives", () => {
    const admission = new Admission();
    admission.enter(candidate("a", { n: 1 }), 1, 0);
    admission.enter(candidate("a", { n: 3 }), 1, 0);
    expect(admission.leave("a", 2)).toBe(false);
    expect(admission.atWork).toBe(1);
    expect(admission.leave("a", 3)).toBe(true);
    expect(admission.atWork).toBe(0);
  });

  test("that steps back may come with the same asking, and then has another place", () => {
    const admission = new Admission();
    admission.enter(candidate("a", { seat: "first" }), 1, 0);
    expect(admission.stepBack("a", "first")).toBe(true);
    expect(admission.enter(candidate("a", { seat: "second" }), 1, 0)).toBe(true);
    expect(admission.enter(candidate("a", { seat: "third" }), 1, 0)).toBe(true);
    expect(admission.stepBack("a", "second")).toBe(false);
    expect(admission.atWork).toBe(1);
    expect(admission.stepBack("a", "third")).toBe(true);
  });

  test("that is at work goes on with a later asking, and not with an earlier one", () => {
    const admission = new Admission();
    admission.enter(candidate("a", { n: 3 }), 1, 0);
    expect(admission.enter(candidate("a", { n: 2 }), 1, 1)).toBe(false);
    expect(admission.placeOf("a")).toMatchObject({ n: 3, sinceMs: 0 });
    expect(admission.enter(candidate("a", { n: 3 }), 1, 2)).toBe(true);
    expect(admission.placeOf("a")).toMatchObject({ n: 3, sinceMs: 0 });
    expect(admission.enter(candidate("a", { n: 4 }), 1, 5)).toBe(true);
    expect(admission.placeOf("a")).toMatchObject({ n: 4, sinceMs: 5 });
    expect(admission.sweep(DAY_MS + 4)).toEqual([]);
    expect(admission.placeOf("b")).toBeNull();
  });

  test("that never was at work may leave", () => {
    expect(new Admission().leave("a", 1)).toBe(false);
  });

  test("that has not asked for five minutes is passed over, and one that works for more than a day is no longer counted", () => {
    const admission = full(1);
    admission.enter(candidate("a"), 1, 0);
    admission.enter(candidate("b"), 1, 300_000);
    admission.leave("old-0", 1);
    expect(next(admission, 1, 300_001)).toEqual(["b"]);
    admission.enter(candidate("b"), 1, 300_001);
    expect(admission.sweep(300_001 + DAY_MS)).toEqual([]);
    expect(admission.sweep(300_002 + DAY_MS)).toEqual(["b"]);
    expect(admission.atWork).toBe(0);
  });
});

describe("a free place goes", () => {
  const inLine = (of: readonly [string, string, Priority][]) => {
    const admission = full(2);
    for (const [i, [task, tenant, priority]] of of.entries())
      admission.enter(candidate(task, { tenant, priority }), 2, i);
    return admission;
  };

  test("to the tenant with the fewest tasks at work, however many another has in line and whatever these claim", () => {
    const admission = inLine([
      ["a1", "acme", "high"],
      ["a2", "acme", "high"],
      ["g1", "globex", "low"],
    ]);
    admission.leave("old-0", 1);
    expect(next(admission, 2, 9)).toEqual(["g1"]);
    admission.leave("old-1", 1);
    expect(next(admission, 2, 9)).toHaveLength(2);
  });

  test("among equals to the tenant served longest ago", () => {
    const admission = new Admission();
    admission.enter(candidate("g0", { tenant: "globex" }), 2, 0);
    admission.enter(candidate("a0"), 2, 0);
    admission.enter(candidate("a1"), 2, 1);
    admission.enter(candidate("g1", { tenant: "globex" }), 2, 2);
    admission.leave("g0", 1);
    admission.leave("a0", 1);
    expect(next(admission, 1, 3)).toEqual(["g1"]);
  });

  test("within a tenant by priority, then to who came first, then by name", () => {
    const admission = inLine([
      ["low", "acme", "low"],
      ["late", "acme", "normal"],
      ["high", "acme", "high"],
    ]);
    admission.enter(candidate("same", { priority: "normal" }), 2, 1);
    admission.enter(candidate("last", { priority: "normal" }), 2, 1);
    expect(next(admission, 9, 9)).toEqual(["high", "last", "late", "same", "low"]);
  });
});

test("a tenant's line is bounded: whoever comes beyond it comes back later", () => {
  const admission = full(1);
  for (let n = 0; n < 2_001; n++) admission.enter(candidate(`t${n}`), 1, 1);
  expect(next(admission, 3_000, 1)).toHaveLength(2_000);
  admission.leave("old-0", 1);
  expect(admission.enter(candidate("other", { tenant: "globex" }), 1, 1)).toBe(true);
});

test("of tenants that were served long ago nothing is remembered", () => {
  const admission = new Admission();
  const of = (tenant: string) => candidate(tenant, { tenant });
  for (let n = 0; n < 1_001; n++) {
    admission.enter(of(`t${n}`), 1, 0);
    admission.leave(`t${n}`, 1);
  }
  admission.enter(candidate("x", { tenant: "other" }), 1, 0);
  admission.enter(candidate("b", { tenant: "t2" }), 1, 1);
  admission.enter(candidate("a", { tenant: "t0" }), 1, 2);
  admission.leave("x", 1);
  expect(next(admission, 1, 3)).toEqual(["a"]);
});

test("of tasks that left long ago nothing is remembered", () => {
  const admission = new Admission();
  admission.leave("first", 5);
  for (let n = 0; n < 2_000; n++) admission.leave(`t${n}`, 1);
  expect(admission.enter(candidate("first", { n: 1 }), 1, 0)).toBe(true);
});

test("places that were written down are taken", () => {
  const admission = new Admission([["a", { tenant: "acme", sinceMs: 0, n: 1, seat: null }]]);
  expect(admission.enter(candidate("b"), 1, 0)).toBe(false);
});
