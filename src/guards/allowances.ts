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
    const name = this.#placeOf(of)?.name;
    const placed = { placed: true, ...(name !== undefined && { place: name }) };
    if (!of.terms.budgets) return { allowance: { ...placed, held: ZERO, counted: ask.counted } };
    const { allowance, againInMs } = await this.#funds(of, ask).catch(async (error: unknown) => {
      await this.#stepsBack(of, seat);
      throw error;
    });
    if (allowance.refused === undefined) return { allowance: { ...allowance, ...placed } };
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
    const { task, tenant, priority, begun } = of;
    const place = this.#placeOf(of);
    if (place === null) return true;
    const one = { task, tenant, priority, begun, n, seat };
    return await this.#doors.admission(place.name).enter(one, place.max);
  }

  async #stepsBack(of: Applicant, seat: string): Promise<void> {
    const place = this.#placeOf(of);
    if (place !== null) await this.#doors.admission(place.name).stepBack(of.task, seat, place.max);
  }

  async #leaves(of: Applicant, { n }: AllowanceAsk): Promise<void> {
    const place = this.#placeOf(of);
    if (place !== null) await this.#doors.admission(place.name).leave(of.task, n, place.max);
  }

  /**
   * Where the task has its place, be that where others no longer ask since another number may be at work by now; else where all ask
   * that are like it. Null where nobody limits it.
   */
  #placeOf({ terms, task, place }: Applicant): { readonly name: string; readonly max: number } | null {
    if (!terms.capacity) return null;
    const now = this.#tasksAtWork === undefined ? null : placeOf(task, this.#tasksAtWork);
    if (place === null || place === now?.name) return now;
    return { name: place, max: 0 };
  }
}

function placeOf(task: string, tasksAtWork: number): { readonly name: string; readonly max: number } {
  const { suffix, max } = shardOf(tasksAtWork, task);
  return { name: `tasks${suffix}`, max };
}
