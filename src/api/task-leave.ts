import type { TenantTerms } from "../core/tenant-account.ts";
import type { Answer, Clock, TenantDoor } from "../ports.ts";

/** Tenants whose leave an isolate remembers. One that is forgotten is asked for again, and counted until it lapses. */
const TENANTS_MAX = 1_000;

interface GivenLeave {
  readonly id: string;
  readonly tasks: string[];
  left: number;
  readonly untilMs: number;
  readonly terms: TenantTerms;
}

/**
 * Which tasks a tenant may make. Its guard gives leave for some more with each answer, so that most of them ask nobody; what was made
 * of it is reported with the next question.
 */
export class TaskLeave {
  readonly #guardOf: (tenant: string) => TenantDoor;
  readonly #clock: Clock;
  readonly #given = new Map<string, GivenLeave[]>();

  constructor(guardOf: (tenant: string) => TenantDoor, clock: Clock) {
    this.#guardOf = guardOf;
    this.#clock = clock;
  }

  /** Resolves to what the task is to pin. */
  async admit(tenant: string, task: string): Promise<Answer<TenantTerms>> {
    const taken = this.#take(tenant, task);
    if (taken !== null) return { ok: true, value: taken.terms };
    const used = (this.#given.get(tenant) ?? []).map(({ id, tasks }) => ({ leave: id, tasks }));
    this.#given.delete(tenant);
    const answer = await this.#guardOf(tenant).admit({ task, used });
    if (!answer.ok) return answer;
    const { tasks, forMs, delegation, budgets } = answer.value;
    const terms = { delegation, budgets };
    const untilMs = this.#clock.nowMs() + forMs;
    if (tasks > 0) this.#keep(tenant, { id: task, tasks: [], left: tasks, untilMs, terms });
    return { ok: true, value: terms };
  }

  #take(tenant: string, task: string): GivenLeave | null {
    const nowMs = this.#clock.nowMs();
    const leave = this.#given.get(tenant)?.find(({ left, untilMs }) => left > 0 && nowMs < untilMs);
    if (leave === undefined) return null;
    leave.left -= 1;
    leave.tasks.push(task);
    return leave;
  }

  /** Others may have asked at the same time. */
  #keep(tenant: string, leave: GivenLeave): void {
    const given = this.#given.get(tenant);
    if (given !== undefined) return void given.push(leave);
    const [oldest] = this.#given.size < TENANTS_MAX ? [] : this.#given.keys();
    if (oldest !== undefined) this.#given.delete(oldest);
    this.#given.set(tenant, [leave]);
  }
}
