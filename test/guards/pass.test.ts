import fc from "fast-check";
import { expect, test } from "vitest";
import { inOrder } from "../../src/core/mutex.ts";
import { type Entry, type Guard, pass } from "../../src/guards/guard.ts";

const FOR_EVER_MS = 1e12;

/** A resource with one place; who may wait, waits without end. */
class Resource {
  holder: string | null = null;
  asked = 0;
  readonly #line: { readonly call: string; readonly enter: (entry: Entry) => void }[] = [];

  guard(rank: string, call: string): Guard {
    return { rank, enter: (waitMs) => this.#enter(call, waitMs) };
  }

  async #enter(call: string, waitMs: number): Promise<Entry> {
    this.asked += 1;
    if (this.holder === null) return this.#give(call);
    if (waitMs === 0) return { in: false, retryAfterMs: 1, down: false };
    return await new Promise((enter) => void this.#line.push({ call, enter }));
  }

  #give(call: string): Entry {
    this.holder = call;
    return {
      in: true,
      leave: () => {
        expect(this.holder).toBe(call);
        this.holder = null;
        const next = this.#line.shift();
        if (next !== undefined) next.enter(this.#give(next.call));
      },
    };
  }
}

const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));

/** Carries out calls, each with what it needs in the order of its arguments. How many of them come to an end. */
async function finished(
  calls: readonly (readonly string[])[],
  rankOf: (resource: string, place: number) => string,
): Promise<number> {
  const resources = new Map<string, Resource>();
  const at = (name: string): Resource => {
    const resource = resources.get(name) ?? new Resource();
    resources.set(name, resource);
    return resource;
  };
  let done = 0;
  const run = async (names: readonly string[], i: number): Promise<void> => {
    const guards = names.map((name, place) => at(name).guard(rankOf(name, place), `c${i}`));
    const passage = await pass(guards, FOR_EVER_MS, () => 0);
    if (!passage.in) throw new Error("turned away from where one may wait for ever");
    expect(names.every((name) => at(name).holder === `c${i}`)).toBe(true);
    await turn();
    passage.leave(null);
    done += 1;
  };
  for (const [i, names] of calls.entries()) void run([...new Set(names)], i);
  for (let turns = 0, before = -1; before !== done || turns % 20 !== 0; turns++) {
    if (turns % 20 === 0) before = done;
    await turn();
  }
  return done;
}

const ofOneOrder = (resource: string): string => resource;
const ofArguments = (_resource: string, place: number): string => String(place);

const calls = fc.array(fc.array(fc.constantFrom("a", "b", "c", "d", "e"), { minLength: 1, maxLength: 4 }), {
  maxLength: 15,
});

test("calls with any overlapping resources all come to an end when they are taken in one order", async () => {
  await fc.assert(
    fc.asyncProperty(calls, async (all) => {
      expect(await finished(all, ofOneOrder)).toBe(all.length);
    }),
    { numRuns: 60 },
  );
});

test("taken in the order of their arguments, they deadlock", async () => {
  const circle = [
    ["a", "b"],
    ["a", "b"],
    ["b", "a"],
  ];
  expect(await finished(circle, ofOneOrder)).toBe(3);
  expect(await finished(circle, ofArguments)).toBe(1);
});

test("where nobody else wants in, each guard is asked once, and all at the same time", async () => {
  const resources = inOrder(["c", "a", "b"]).map((name) => ({ name, resource: new Resource() }));
  const guards = resources.map(({ name, resource }) => resource.guard(name, "c1"));
  const passing = pass(guards, 100, () => 0);
  expect(resources.map(({ resource }) => resource.asked)).toEqual([1, 1, 1]);
  expect((await passing).in).toBe(true);
  expect(resources.map(({ resource }) => resource.asked)).toEqual([1, 1, 1]);
});

test("who is turned away by one guard holds none of the others, and waits no longer than allowed in all", async () => {
  const [one, two] = [new Resource(), new Resource()];
  await two.guard("2", "other").enter(0);
  const waits: number[] = [];
  let nowMs = 0;
  const slow: Guard = {
    rank: "1",
    enter: async (waitMs) => {
      waits.push(waitMs);
      nowMs += 60;
      return await one.guard("1", "c1").enter(0);
    },
  };
  const full: Guard = {
    rank: "2",
    enter: async (waitMs) => {
      waits.push(waitMs);
      return await two.guard("2", "c1").enter(0);
    },
  };
  const passage = await pass([full, slow], 100, () => nowMs);
  expect(passage).toMatchObject({ in: false, down: false });
  expect(one.holder).toBe(null);
  expect(waits).toEqual([0, 0, 100, 40]);
});

test("who may not wait asks each guard once, and keeps nothing of what it got", async () => {
  const [free, taken] = [new Resource(), new Resource()];
  await taken.guard("2", "first").enter(0);
  const passage = await pass([free.guard("1", "second"), taken.guard("2", "second")], 0, () => 0);
  expect(passage).toMatchObject({ in: false, retryAfterMs: 1 });
  expect([free.asked, taken.asked]).toEqual([1, 2]);
  expect([free.holder, taken.holder]).toEqual([null, "first"]);
});
