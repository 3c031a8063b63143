import type { Allowance } from "../contracts/allowance.ts";
import type { AllowanceAsk } from "../core/task/allowance.ts";
import type { AdmissionDoor, Allowances, Applicant, BudgetDoor } from "./allowance-doors.ts";
import { shardOf } from "./shard.ts";

/** A task that stands in line is poked when its turn comes; should that get lost, it asks again after so long. */
const CAPACITY_AGAIN_MS = 60_000;
const ZERO = { costMicroUsd: 0, tokens: 0 } as const;

export interface AllowanceDoors {
  readonly budget: (tenant: string) => BudgetDoor;
  readonly admission: (name: string) => AdmissionDoor;
}

/** A place first, then funds: whoever has none of these does not keep the other. */
export class GuardedAllowances implements Allowances {
  readonly #tasksAtWork: number | undefined;
  readonly #doors: AllowanceDoors;
  readonly #unique: () => string;

  /** `tasksAtWork`: how many may be at a time, in the whole deployment; without it, as many as there are. */
  constructor(tasksAtWork: number | undefined, doors: AllowanceDoors, unique: () => string) {
    this.#tasksAtWork = tasksAtWork;
    this.#doors = doors;
    this.#unique = unique;
  }

  async answer(of: Applicant, ask: AllowanceAsk): ReturnType<Allowances["answer"]> {
    if (ask.wanted === null) return { allowance: await this.#giveBack(of, ask) };
    const seat = this.#unique();
    if (!(await this.#enters(of, ask, seat))) {
      const refused = { why: { kind: "capacity" }, reaction: { kind: "wait" } } as const;
      const allowance = { placed: false, held: ZERO, counted: ask.counted, refused };
      return { allowance, againInMs: CAPACITY_AGAIN_MS };
    }
    if (!of.terms.budgets) return { allowance: { placed: true, held: ZERO, counted: ask.counted } };
    const { allowance, againInMs } = await this.#funds(of, ask).catch(async (error: unknown) => {
      await this.#stepsBack(of, seat);
      throw error;
    });
    if (allowance.refused === undefined) return { allowance: { ...allowance, placed: true } };
    await this.#stepsBack(of, seat);
    return { allowance: { ...allowance, placed: false }, ...(againInMs !== undefined && { againInMs }) };
  }

  async #giveBack(of: Applicant, ask: AllowanceAsk): Promise<Allowance> {
    const funds = of.terms.budgets
      ? (await this.#funds(of, ask)).allowance
      : { held: ZERO, counted: ask.counted };
    await this.#leaves(of, ask);
    return { ...funds, placed: false };
  }

  async #funds(
    of: Applicant,
    ask: AllowanceAsk,
  ): Promise<NonNullable<Awaited<ReturnType<BudgetDoor["answer"]>>>> {
    const { task, principal, priority, queued, askTtlMs } = of;
    const answer = await this.#doors
      .budget(of.tenant)
      .answer({ ...ask, task, principal, priority, queued, askTtlMs });
    if (answer === null) throw new Error("an old asking is not answered");
    return answer;
  }

  async #enters(of: Applicant, { n }: AllowanceAsk, seat: string): Promise<boolean> {
    const { terms, task, tenant, priority, begun } = of;
    const place = this.#place(task);
    if (!terms.capacity || place === null) return true;
    const one = { task, tenant, priority, begun, n, seat };
    return await this.#doors.admission(place.name).enter(one, place.max);
  }

  async #stepsBack({ terms, task }: Applicant, seat: string): Promise<void> {
    const place = this.#place(task);
    if (terms.capacity && place !== null)
      await this.#doors.admission(place.name).stepBack(task, seat, place.max);
  }

  async #leaves({ terms, task }: Applicant, { n }: AllowanceAsk): Promise<void> {
    const place = this.#place(task);
    if (terms.capacity && place !== null) await this.#doors.admission(place.name).leave(task, n, place.max);
  }

  /** A task always asks at the same object. */
  #place(task: string): { readonly name: string; readonly max: number } | null {
    if (this.#tasksAtWork === undefined) return null;
    const { suffix, max } = shardOf(this.#tasksAtWork, task);
    return { name: `tasks${suffix}`, max };
  }
}
