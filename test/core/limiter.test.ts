import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  LINE_MAX,
  Limiter,
  type LimiterTerms,
  PLACE_LEASE_MS,
  type Seating,
  REMEMBERED_MAX,
} from "../../src/core/limiter.ts";
import { placeAgainAtMs } from "../../src/core/retry.ts";

const TERMS: LimiterTerms = { max: 2, waitMsMax: 1_000 };

const seat = (name: string, tenant = "acme", id = name) => ({ seat: name, id, tenant, turnedAway: 0 });

/** Takes all places, so that whoever comes waits. */
function full(terms = TERMS): Limiter {
  const limiter = new Limiter();
  for (let i = 0; i < terms.max; i++) limiter.ask(seat(`held${i}`, "holder"), terms, 0);
  return limiter;
}

function seated(seatings: readonly Seating[]): readonly string[] {
  return seatings.filter(({ given }) => given).map((one) => one.seat);
}

describe("a place", () => {
  test("is given at once while there is one, and stays with its holder while less than half are taken", () => {
    const limiter = new Limiter();
    expect(limiter.ask(seat("a"), TERMS, 0)).toEqual({ seat: "a", given: true, kept: true });
    expect(limiter.ask(seat("b"), TERMS, 0)).toEqual({ seat: "b", given: true, kept: false });
    expect(limiter.ask(seat("c"), TERMS, 0)).toBe(null);
    expect(limiter.nextDueMs()).toBe(1_000);
  });

  test("is free again when its holder says nothing until its lease ends", () => {
    const limiter = full();
    limiter.ask(seat("a"), { ...TERMS, waitMsMax: 10_000 }, 10);
    expect(limiter.renew("held1", "holder", 10)).toBe(true);
    expect(limiter.nextDueMs()).toBe(PLACE_LEASE_MS);
    expect(limiter.seatings(TERMS, PLACE_LEASE_MS - 1)).toEqual([]);
    expect(limiter.seatings(TERMS, PLACE_LEASE_MS)).toEqual([{ seat: "a", given: true, kept: false }]);
    expect(limiter.lent).toBe(2);
    expect(limiter.nextDueMs()).toBe(Infinity);
  });

  test("comes back to a holder who renews it after a restart", () => {
    const limiter = new Limiter();
    expect(limiter.renew("a", "acme", 0)).toBe(false);
    expect(limiter.lent).toBe(1);
    limiter.giveBack("a", 10);
    limiter.giveBack("a", 10);
    expect(limiter.lent).toBe(0);
  });
});

describe("who waits", () => {
  test("is turned away in time, with a time, and sooner when nobody may wait", () => {
    const limiter = full();
    expect(limiter.ask(seat("a"), { ...TERMS, waitMsMax: 0 }, 0)).toMatchObject({ given: false });
    expect(limiter.ask(seat("b"), TERMS, 0)).toBe(null);
    expect(limiter.seatings(TERMS, 999)).toEqual([]);
    const [gone] = limiter.seatings(TERMS, 1_000);
    expect(gone).toMatchObject({ seat: "b", given: false, retryAfterMs: 250 });
    expect(limiter.waiting).toBe(0);
  });

  test("learns from how long places are taken when to come back", () => {
    const limiter = full();
    for (let i = 0; i < 100; i++) {
      limiter.giveBack("held0", i * 4_000 + 4_000);
      limiter.renew("held0", "holder", i * 4_000 + 4_000);
    }
    const answer = limiter.ask(seat("a"), { max: 1, waitMsMax: 0 }, 400_000);
    expect(answer?.given === false && answer.retryAfterMs).toBeGreaterThan(3_000);
  });

  test("is not overtaken by one who asks without waiting, nor by one of its tenant who came later", () => {
    const limiter = full();
    limiter.ask(seat("a"), TERMS, 0);
    limiter.ask(seat("b"), TERMS, 1);
    limiter.giveBack("held0", 2);
    expect(limiter.ask(seat("c"), { ...TERMS, waitMsMax: 0 }, 2)).toMatchObject({ given: false });
    expect(seated(limiter.seatings(TERMS, 2))).toEqual(["a"]);
  });

  test("keeps its rank when it was turned away and asks again", () => {
    const limiter = full();
    limiter.ask(seat("old", "acme", "call-1"), TERMS, 0);
    limiter.seatings(TERMS, 1_000);
    limiter.ask(seat("young", "acme", "call-2"), TERMS, 1_500);
    limiter.ask(seat("old again", "acme", "call-1"), TERMS, 1_600);
    limiter.giveBack("held0", 1_700);
    expect(seated(limiter.seatings(TERMS, 1_700))).toEqual(["old again"]);
  });

  test("has no rank any more when it does not come again in time, nor when too many had one", () => {
    const limiter = full();
    for (const name of ["missed", "in time"]) limiter.ask(seat(name), TERMS, 0);
    limiter.seatings(TERMS, 1_000);
    for (const held of ["held0", "held1"]) limiter.renew(held, "holder", 6_000);
    limiter.ask(seat("in time again", "acme", "in time"), TERMS, 6_000);
    limiter.seatings(TERMS, 7_000);
    limiter.ask(seat("young"), { ...TERMS, waitMsMax: 9_000 }, 10_000);
    limiter.ask(seat("missed again", "acme", "missed"), { ...TERMS, waitMsMax: 9_000 }, 10_001);
    limiter.ask(seat("in time once more", "acme", "in time"), { ...TERMS, waitMsMax: 9_000 }, 10_002);
    for (const held of ["held0", "held1"]) limiter.giveBack(held, 10_003);
    expect(seated(limiter.seatings(TERMS, 10_003))).toEqual(["in time once more", "young"]);

    const crowded = full();
    const none = { ...TERMS, waitMsMax: 0 };
    for (let i = 0; i <= REMEMBERED_MAX; i++) crowded.ask(seat(`x${i}`), none, 0);
    crowded.ask(seat("young"), TERMS, 1);
    crowded.ask(seat("old", "acme", "x0"), TERMS, 2);
    crowded.giveBack("held0", 3);
    expect(seated(crowded.seatings(TERMS, 3))).toEqual(["young"]);
  });

  test("is not expected again when it was turned away too often", () => {
    const limiter = full();
    limiter.ask({ ...seat("last try", "globex"), turnedAway: 39 }, { ...TERMS, waitMsMax: 0 }, 0);
    expect(limiter.renew("held0", "holder", 1)).toBe(false);
  });

  test("leaves a free place to one that is about to come again, and for no longer than it may be late", () => {
    const limiter = full();
    const none = { ...TERMS, waitMsMax: 0 };
    const long = { ...TERMS, waitMsMax: 60_000 };
    const asked = seat("queued", "globex");
    expect(limiter.ask(asked, none, 0)).toMatchObject({ given: false });
    const againAtMs = placeAgainAtMs(asked, 0, 250) ?? 0;
    limiter.ask(seat("a"), long, 1);
    limiter.ask(seat("b"), long, 2);
    limiter.giveBack("held0", 10);
    expect(seated(limiter.seatings(TERMS, 10))).toEqual(["a"]);
    limiter.giveBack("held1", againAtMs);
    expect(limiter.seatings(TERMS, againAtMs)).toEqual([]);
    expect(limiter.nextDueMs()).toBeLessThanOrEqual(againAtMs + 5_000);
    limiter.renew("a", "acme", againAtMs + 4_000);
    expect(limiter.seatings(TERMS, againAtMs + 4_999)).toEqual([]);
    expect(seated(limiter.seatings(TERMS, againAtMs + 5_000))).toEqual(["b"]);
  });

  test("is expected again however many another tenant has that were turned away", () => {
    const limiter = new Limiter();
    for (const name of ["f0", "f1"]) limiter.ask(seat(name, "flood"), TERMS, 0);
    const none = { ...TERMS, waitMsMax: 0 };
    const quiet = seat("queued", "globex");
    limiter.ask(quiet, none, 0);
    for (let i = 0; i <= REMEMBERED_MAX; i++) limiter.ask(seat(`away${i}`, "flood"), none, 0);
    limiter.ask(seat("waits", "flood"), { ...TERMS, waitMsMax: 60_000 }, 0);
    const againAtMs = placeAgainAtMs(quiet, 0, 250) ?? 0;
    limiter.giveBack("f0", againAtMs);
    expect(limiter.seatings(TERMS, againAtMs)).toEqual([]);
    expect(limiter.ask(quiet, none, againAtMs)).toMatchObject({ given: true });
  });

  test("is one of so many of its tenant at most", () => {
    const limiter = full();
    for (let i = 0; i < LINE_MAX; i++) limiter.ask(seat(`w${i}`), TERMS, 0);
    expect(limiter.ask(seat("of another", "globex"), TERMS, 0)).toBe(null);
    expect(limiter.ask(seat("one more"), TERMS, 0)).toMatchObject({ given: false });
    expect(limiter.waiting).toBe(LINE_MAX + 1);
  });
});

test("tenants who hold the same take turns, however many each has waiting, and the one with less comes first", () => {
  const limiter = new Limiter();
  const terms = { max: 2, waitMsMax: 100_000 };
  limiter.ask(seat("f0", "flood"), terms, 0);
  limiter.ask(seat("f1", "flood"), terms, 0);
  for (let i = 2; i < 20; i++) limiter.ask(seat(`f${i}`, "flood"), terms, 1);
  limiter.ask(seat("q0", "quiet"), terms, 2);
  limiter.ask(seat("q1", "quiet"), terms, 2);
  limiter.giveBack("f0", 3);
  expect(seated(limiter.seatings(terms, 3))).toEqual(["q0"]);
  limiter.giveBack("q0", 4);
  expect(seated(limiter.seatings(terms, 4))).toEqual(["q1"]);
  limiter.giveBack("q1", 5);
  expect(seated(limiter.seatings(terms, 5))).toEqual(["f2"]);
});

test("among tenants who hold nothing, the one served longest ago is first", () => {
  const limiter = new Limiter();
  const terms = { max: 1, waitMsMax: 100_000 };
  for (let i = 0; i < REMEMBERED_MAX + 5; i++) {
    limiter.ask(seat(`s${i}`, `t${i}`), terms, i);
    limiter.giveBack(`s${i}`, i);
  }
  const last = `t${REMEMBERED_MAX + 4}`;
  const before = `t${REMEMBERED_MAX + 3}`;
  limiter.ask(seat("held", "holder"), terms, 2_000);
  limiter.ask(seat("served last", last), terms, 2_000);
  limiter.ask(seat("served before", before), terms, 2_000);
  limiter.giveBack("held", 2_001);
  expect(seated(limiter.seatings(terms, 2_001))).toEqual(["served before"]);
});

type Step =
  | { readonly do: "ask"; readonly tenant: number }
  | { readonly do: "giveBack"; readonly which: number }
  | { readonly do: "pass"; readonly ms: number };

const steps = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant("ask" as const), tenant: fc.nat({ max: 3 }) }),
    fc.record({ do: fc.constant("giveBack" as const), which: fc.nat() }),
    fc.record({ do: fc.constant("pass" as const), ms: fc.nat({ max: 1_500 }) }),
  ),
  { maxLength: 80 },
);

/** What must be true of every limiter, kept with nothing but lists. */
class Reference {
  readonly terms: LimiterTerms;
  readonly held: { seat: string; untilMs: number }[] = [];
  readonly waiting: { seat: string; tenant: string; untilMs: number }[] = [];
  nowMs = 0;
  #n = 0;
  readonly #limiter = new Limiter();

  constructor(max: number) {
    this.terms = { max, waitMsMax: 1_000 };
  }

  put(step: Step): void {
    if (step.do === "ask") this.#ask(`t${step.tenant}`);
    else if (step.do === "pass") this.nowMs += step.ms;
    else this.#giveBack(step.which);
    for (const seating of this.#limiter.seatings(this.terms, this.nowMs)) this.#seated(seating);
    this.#check();
  }

  #ask(tenant: string): void {
    const asked = seat(`s${this.#n++}`, tenant);
    this.#drop();
    const seating = this.#limiter.ask(asked, this.terms, this.nowMs);
    this.waiting.push({ seat: asked.seat, tenant, untilMs: this.nowMs + this.terms.waitMsMax });
    if (seating !== null) this.#seated(seating);
  }

  #giveBack(which: number): void {
    const one = this.held[which % Math.max(1, this.held.length)];
    if (one === undefined) return;
    this.held.splice(this.held.indexOf(one), 1);
    this.#limiter.giveBack(one.seat, this.nowMs);
  }

  #seated({ seat: name, given }: Seating): void {
    const at = this.waiting.findIndex((one) => one.seat === name);
    const [one] = this.waiting.splice(at, 1);
    expect(one?.seat).toBe(name);
    expect(this.waiting.slice(0, at).some(({ tenant }) => given && tenant === one?.tenant)).toBe(false);
    if (given) this.held.push({ seat: name, untilMs: this.nowMs + PLACE_LEASE_MS });
    else expect(one?.untilMs).toBeLessThanOrEqual(this.nowMs);
  }

  #drop(): void {
    for (const one of this.held.filter(({ untilMs }) => untilMs <= this.nowMs))
      this.held.splice(this.held.indexOf(one), 1);
  }

  #check(): void {
    this.#drop();
    expect(this.#limiter.lent).toBe(this.held.length);
    expect(this.#limiter.waiting).toBe(this.waiting.length);
    expect(this.held.length).toBeLessThanOrEqual(this.terms.max);
    // Nobody waits while there is room, nor longer than may be waited.
    expect(this.waiting.length === 0 || this.held.length === this.terms.max).toBe(true);
    expect(this.waiting.every(({ untilMs }) => untilMs > this.nowMs)).toBe(true);
  }
}

test("whatever happens, no more are in than may be, nobody waits beside a free place, and nobody is overtaken by their own", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), steps, (max, life) => {
      const reference = new Reference(max);
      for (const step of life) reference.put(step);
    }),
    { numRuns: 300 },
  );
});
