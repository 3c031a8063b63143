import { calendarAt } from "../../durable-objects/calendar.ts";
import type { AccountTerms, Funds, Priority, WaitsFor } from "../../src/contracts/allowance.ts";
import type { NewTask } from "../../src/contracts/task.ts";
import { type Account, limitsOf } from "../../src/core/account.ts";
import { type BookTerms, NO_TERMS } from "../../src/core/account-asking.ts";
import { AccountBook, WHOLE } from "../../src/core/account-book.ts";
import { Admission } from "../../src/core/admission.ts";
import type { AdmissionDoor, Allowances, BudgetDoor } from "../../src/guards/allowance-doors.ts";
import { GuardedAllowances } from "../../src/guards/allowances.ts";
import type { Report } from "./checks/witness.ts";
import { Random } from "./random.ts";
import { Weather } from "./weather.ts";
import type { World } from "./world.ts";

/** The share of tasks that need an allowance. */
const LIMITED = 0.5;
/** So many tasks may be at work, of all tenants. */
const AT_WORK = 1;

/** What limits a task beside its own budget: that follows from its name, in hexadecimal. */
export function limitedBy(key: string): Pick<NewTask, "allowance" | "priority"> {
  const random = new Random(Number.parseInt(key.slice(16, 24), 16));
  if (!random.chance(LIMITED)) return {};
  const allowance = random.pick([
    { budgets: true, capacity: true },
    { budgets: true, capacity: false },
    { budgets: false, capacity: true },
  ]);
  const priority = random.pick<Priority | null>(["high", "low", null]);
  return { allowance, ...(priority !== null && { priority }) };
}

/** Where planted faults get in. */
export interface AllowanceSeams {
  readonly budget?: (door: BudgetDoor) => BudgetDoor;
  readonly admission?: (door: AdmissionDoor) => AdmissionDoor;
}

/**
 * Budgets and places as production keeps them, which lose nothing; what is said to them and what they say is late, lost, and twice
 * at times. Once the world is calm, nothing is limited any more.
 */
export class SimulatedAllowances implements Allowances {
  readonly books = new Map<string, AccountBook>();
  readonly admission = new Admission();
  readonly #world: World;
  readonly #report: Report;
  readonly #random: Random;
  readonly #weather: Weather;
  readonly #terms: BookTerms;
  readonly #guarded: GuardedAllowances;

  constructor(
    world: World,
    { random, report, seams }: { random: Random; report: Report; seams: AllowanceSeams },
  ) {
    this.#world = world;
    this.#report = report;
    this.#random = random;
    this.#weather = new Weather(world, { chance: 0.2, withinMs: 120_000, lastsMs: 20_000 }, random);
    const [tenant, principal] = [makeTerms(random), makeTerms(random)];
    this.#terms = { tenant, principal: () => principal };
    const doors = {
      budget: (name: string) => seams.budget?.(this.#budget(name)) ?? this.#budget(name),
      admission: () => seams.admission?.(this.#places()) ?? this.#places(),
    };
    let seats = 0;
    this.#guarded = new GuardedAllowances(AT_WORK, doors, () => `seat ${++seats}`);
  }

  async answer(...asked: Parameters<Allowances["answer"]>): ReturnType<Allowances["answer"]> {
    const answer = await this.#guarded.answer(...asked);
    const why = answer.allowance.refused;
    if (why !== undefined) this.#world.meet(`turned away: ${named(why.why)}, ${why.reaction.kind}`);
    return answer;
  }

  book(tenant: string): AccountBook {
    const book = this.books.get(tenant) ?? new AccountBook();
    this.books.set(tenant, book);
    return book;
  }

  #budget(tenant: string): BudgetDoor {
    return {
      answer: (asked) =>
        this.#through(() => {
          const { nowMs } = this.#world.timeline;
          const calendar = calendarAt(nowMs);
          const answer = this.book(tenant).answer(asked, this.#termsNow(), { calendar, nowMs });
          this.#staysWithin(tenant, asked.principal);
          return answer;
        }),
      termsChanged: async () => undefined,
      accounts: async () => [],
    };
  }

  #places(): AdmissionDoor {
    const max = this.#world.isCalm ? 1_000 : AT_WORK;
    return {
      enter: (one) => this.#through(() => this.admission.enter(one, max, this.#world.timeline.nowMs)),
      leave: (task, n) => this.#through(() => void this.admission.leave(task, n)),
      stepBack: (task, seat) => this.#through(() => void this.admission.stepBack(task, seat)),
    };
  }

  /** Said twice at times, and answered late, or so late that nobody hears it. */
  async #through<T>(work: () => T): Promise<T> {
    const { timeline } = this.#world;
    await timeline.sleep(this.#networkMs());
    if (this.#weather.isDown) throw new Error("no allowances now");
    const isTwice = !this.#world.isCalm && this.#random.chance(0.1);
    const value = work();
    if (isTwice) void timeline.after(this.#random.int(0, 3_000), () => void work());
    const isLost = !this.#world.isCalm && this.#random.chance(0.05);
    await timeline.sleep(this.#networkMs());
    if (isLost) throw new Error("the answer was lost");
    return value;
  }

  #networkMs(): number {
    return this.#random.chance(0.9) ? this.#random.int(0, 3) : this.#random.int(4, 2_000);
  }

  #termsNow(): BookTerms {
    return this.#world.isCalm ? { tenant: NO_TERMS, principal: () => NO_TERMS } : this.#terms;
  }

  /** B1. Whatever is said to a book, spent and held stay within each ceiling. */
  #staysWithin(tenant: string, principal: string): void {
    const calendar = calendarAt(this.#world.timeline.nowMs);
    const terms = this.#termsNow();
    const book = this.book(tenant);
    for (const [name, of] of [
      [WHOLE, terms.tenant],
      [principal, terms.principal(principal)],
    ] as const)
      for (const what of exceeded(book.account(name, calendar), of)) this.#report("B1", `${tenant}: ${what}`);
  }
}

function named(why: WaitsFor): string {
  return why.kind === "budget" && why.shared ? "shared" : why.kind;
}

function exceeded(account: Account, terms: AccountTerms): readonly string[] {
  return limitsOf(account, terms).flatMap(({ period, dimension, limit }) => {
    const [spent, held] = [account[period].spent[dimension], account.held[dimension]];
    const isWithin = spent >= 0 && held >= 0 && spent + held <= limit;
    return isWithin ? [] : [`${period} ${dimension}: ${spent} spent, ${held} held, of ${limit}`];
  });
}

/** Ceilings that a few calls reach, or none. */
function makeTerms(random: Random): AccountTerms {
  const onLimit = random.pick(["fail", "ask", "ask"] as const);
  const low: Funds = { costMicroUsd: random.int(2_000, 24_000), tokens: random.int(2_000, 24_000) };
  return {
    onLimit,
    ...(random.chance(0.5) && { approver: "ana" }),
    ...(random.chance(0.6) && {
      day: random.chance(0.5) ? { costMicroUsd: low.costMicroUsd } : { tokens: low.tokens },
    }),
    ...(random.chance(0.4) && { month: { costMicroUsd: low.costMicroUsd * 2, tokens: low.tokens * 2 } }),
  };
}
