import fc from "fast-check";
import { expect, test } from "vitest";
import { FREE, type MutexState, inOrder, release, take } from "../../src/core/mutex.ts";

test("who takes it has it until its lease ends, and others are told for how long", () => {
  const taken = take(FREE, "c1", { nowMs: 0, leaseMs: 100 });
  expect(taken).toEqual({
    taken: true,
    fence: 1,
    state: { fence: 1, holder: { call: "c1", untilMs: 100 } },
  });
  if (!taken.taken) throw new Error("not taken");
  expect(take(taken.state, "c2", { nowMs: 40, leaseMs: 100 })).toEqual({ taken: false, freeInMs: 60 });
  expect(take(taken.state, "c2", { nowMs: 100, leaseMs: 100 })).toMatchObject({ taken: true, fence: 2 });
});

test("a call that asks anew has it again, with a higher fence: what it held before is void", () => {
  const held: MutexState = { fence: 4, holder: { call: "c1", untilMs: 100 } };
  expect(take(held, "c1", { nowMs: 10, leaseMs: 50 })).toMatchObject({ taken: true, fence: 5 });
});

test("only who holds it gives it back, and once; its fence stays", () => {
  const held: MutexState = { fence: 4, holder: { call: "c1", untilMs: 100 } };
  expect(release(held, 3)).toBe(null);
  expect(release(held, 4)).toEqual({ fence: 4, holder: null });
  expect(release({ fence: 4, holder: null }, 4)).toBe(null);
});

test("all calls take their resources in one order, each once", () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 5 }), (names) => {
      const ordered = inOrder(names);
      expect(new Set(ordered)).toEqual(new Set(names));
      expect(ordered.every((name, i) => i === 0 || (ordered[i - 1] ?? "") < name)).toBe(true);
    }),
  );
});

/** A tool that keeps the highest fence that it has seen, and what was written last. */
class FencedTool {
  #highest = 0;
  writes: string[] = [];

  write(fence: number, what: string): boolean {
    if (fence < this.#highest) return false;
    this.#highest = fence;
    this.writes.push(what);
    return true;
  }
}

test("a tool that checks fences refuses whoever lost the resource, however late they come", () => {
  const happenings = fc.array(
    fc.record({ call: fc.nat({ max: 3 }), passMs: fc.nat({ max: 150 }), late: fc.boolean() }),
    { maxLength: 40 },
  );
  fc.assert(
    fc.property(happenings, (life) => {
      let state = FREE;
      let nowMs = 0;
      const tool = new FencedTool();
      const old: number[] = [];
      for (const { call, passMs, late } of life) {
        nowMs += passMs;
        const taken = take(state, `c${call}`, { nowMs, leaseMs: 100 });
        if (!taken.taken) continue;
        expect(taken.fence).toBeGreaterThan(state.fence);
        ({ state } = taken);
        expect(tool.write(taken.fence, `c${call}`)).toBe(true);
        if (late) for (const fence of old) expect(tool.write(fence, "late")).toBe(false);
        old.push(taken.fence);
      }
      expect(tool.writes).not.toContain("late");
    }),
  );
});
