import { describe, expect, test } from "vitest";
import { ZERO } from "../../src/core/account.ts";
import { NO_TERMS } from "../../src/core/account-asking.ts";
import { Admission } from "../../src/core/admission.ts";
import type { AllowanceAsk } from "../../src/core/task/allowance.ts";
import type { Applicant } from "../../src/guards/allowance-doors.ts";
import { type AllowanceDoors, GuardedAllowances } from "../../src/guards/allowances.ts";
import { BookUnderTest, cents, daily } from "../core/fixtures/book.ts";

const TASK: Applicant = {
  tenant: "acme",
  task: "t1",
  principal: "mia",
  priority: "normal",
  terms: { budgets: true, capacity: true },
  queued: true,
  begun: false,
  askTtlMs: 1_000,
  place: null,
};
const ASK: AllowanceAsk = { n: 1, used: ZERO, counted: ZERO, wanted: cents(100), answered: null };

/** One place and one book, either of which may be out of reach. */
function reached(terms = NO_TERMS) {
  const under = new BookUnderTest(terms);
  const admissions = new Map<string, Admission>();
  const admissionOf = (name: string): Admission => {
    const admission = admissions.get(name) ?? new Admission();
    admissions.set(name, admission);
    return admission;
  };
  const down = { budget: false };
  const late: { stepBack: PromiseWithResolvers<void> | null; begun: PromiseWithResolvers<void> } = {
    stepBack: null,
    begun: Promise.withResolvers<void>(),
  };
  let seats = 0;
  const doors: AllowanceDoors = {
    budget: () => ({
      answer: async (asked) => {
        if (down.budget) throw new Error("nobody there");
        return under.book.answer(asked, under.terms, under);
      },
      termsChanged: async () => undefined,
      accounts: async () => [],
    }),
    admission: (name) => ({
      enter: async (one, max) => admissionOf(name).enter(one, max, under.nowMs),
      leave: async (task, n) => void admissionOf(name).leave(task, n),
      stepBack: async (task, seat) => {
        late.begun.resolve();
        await late.stepBack?.promise;
        admissionOf(name).stepBack(task, seat);
      },
    }),
  };
  /** As a deployment has them that lets so many tasks be at work. */
  const deployed = (max: number | undefined) => new GuardedAllowances(max, doors, () => `seat ${++seats}`);
  return {
    allowances: deployed(1),
    deployed,
    admission: admissionOf("tasks"),
    admissions,
    under,
    down,
    late,
  };
}

test("a place that was given up late stays with the asking that took it again", async () => {
  const { allowances, admission, down, late } = reached();
  down.budget = true;
  late.stepBack = Promise.withResolvers<void>();
  const first = allowances.answer(TASK, ASK);
  await late.begun.promise;
  down.budget = false;
  expect(await allowances.answer(TASK, ASK)).toMatchObject({ allowance: { placed: true } });
  late.stepBack.resolve();
  await expect(first).rejects.toThrow("nobody there");
  expect(admission.atWork).toBe(1);
});

describe("a place is kept by nobody", () => {
  test("who is refused funds, and the same asking may come again", async () => {
    const { allowances, admission, under } = reached(daily(50));
    const { allowance, againInMs } = await allowances.answer(TASK, { ...ASK, wanted: cents(40) });
    expect(allowance).toMatchObject({ placed: true, held: cents(40) });
    expect(againInMs).toBeUndefined();
    const other = { ...TASK, task: "t2" };
    await allowances.answer(TASK, { ...ASK, n: 2, wanted: null });
    under.asks("t3", cents(40));
    const refused = await allowances.answer(other, { ...ASK, wanted: cents(40) });
    expect(refused).toMatchObject({ allowance: { placed: false, refused: {} }, againInMs: 15_000 });
    expect(admission.atWork).toBe(0);
    under.asks("t3", null);
    expect(await allowances.answer(other, { ...ASK, wanted: cents(40) })).toMatchObject({
      allowance: { placed: true, held: cents(40) },
    });
  });

  test("whose funds cannot be asked for, and the same asking may come again", async () => {
    const { allowances, admission, down } = reached();
    down.budget = true;
    await expect(allowances.answer(TASK, ASK)).rejects.toThrow("nobody there");
    expect(admission.atWork).toBe(0);
    down.budget = false;
    expect(await allowances.answer(TASK, ASK)).toMatchObject({ allowance: { placed: true } });
    expect(admission.atWork).toBe(1);
  });
});

test.each([300, 1, undefined])(
  "a task keeps its place, and gives it back where it took it, when %s may be at work by then",
  async (max) => {
    const { deployed, admissions } = reached();
    const atWork = () =>
      [...admissions].filter(([, of]) => of.atWork > 0).map(([name, of]) => [name, of.atWork]);
    const { allowance } = await deployed(500).answer(TASK, ASK);
    const { place = null } = allowance;
    expect(atWork()).toEqual([[place, 1]]);
    const again = await deployed(max).answer({ ...TASK, place }, { ...ASK, n: 2 });
    expect(again.allowance).toMatchObject({ placed: true, place });
    expect(atWork()).toEqual([[place, 1]]);
    const back = await deployed(max).answer({ ...TASK, place }, { ...ASK, n: 3, wanted: null });
    expect(back.allowance).toEqual({ placed: false, held: ZERO, counted: ZERO });
    expect(atWork()).toEqual([]);
  },
);
