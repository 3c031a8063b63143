import type { DelegationCaps } from "../contracts/delegation.ts";

/** What a task of the tenant pins: what it may recruit, and whether budgets of its tenant or principals hold for it. */
export interface TenantTerms {
  readonly delegation: DelegationCaps;
  readonly budgets: boolean;
}

/** Ceilings of a tenant. Cost is in micro-USD a day (UTC). */
export interface TenantCaps {
  readonly liveTasks: number;
  readonly costMicroUsdPerDay: number;
  readonly openApprovals: number;
  readonly delegation: DelegationCaps;
}

/** Generous for one team, small enough that a runaway loop of tasks is noticed. */
export const DEFAULT_CAPS: TenantCaps = {
  liveTasks: 2_000,
  costMicroUsdPerDay: 200_000_000,
  openApprovals: 1_000,
  delegation: { depth: 4, fanOut: 100, children: 1_000 },
};

/** What counts against the caps, as the task index tells it: it lags behind the tasks themselves. */
export interface TenantLoad {
  readonly caps: TenantCaps;
  readonly live: ReadonlySet<string>;
  /** Of the tasks asked about, those that the index has. */
  readonly known: ReadonlySet<string>;
  readonly openApprovals: number;
  /** Whether any of its accounts has a budget. */
  readonly budgets: boolean;
  readonly spentMicroUsd: number;
  /** When the reading began. */
  readonly readAtMs: number;
}

/** Tasks that may be made without asking again, and for how long. */
export interface Leave extends TenantTerms {
  readonly tasks: number;
  readonly forMs: number;
}

/** A task that is to be made, and what became of earlier leave: each is known by the task with which it was given. */
export interface Admission {
  readonly task: string;
  readonly used: readonly { readonly leave: string; readonly tasks: readonly string[] }[];
}

export type Admitted = { readonly reached: string } | { readonly leave: Leave };

/** An admitted task that is not in the index after this long was never made. */
const UNKNOWN_MS_MAX = 300_000;

const LEAVE_MS = 5_000;
/** Leave that nobody has reported by then is forgotten: what was made on it is in the index, which lists a new task within seconds. */
const LEAVE_COUNTED_MS = 15_000;
const LEAVE_TASKS_MAX = 40;
/** Of what is left of a cap, so much goes on leave at once; and of the whole cap, so much together. */
const LEAVE_SHARE = 1 / 50;
const ON_LEAVE_SHARE = 1 / 10;

/** How often the index is read: seldom while every cap is far away. */
const FAR_MS = 60_000;
const NEAR_MS = 1_000;
const NEAR_SHARE = 4 / 5;

/** Counts a tenant's tasks between two readings of the index: what was admitted since counts for live until the index has it. */
export class TenantAccount {
  #load: TenantLoad;
  readonly #admittedAtMs = new Map<string, number>();
  readonly #leaves = new Map<string, { readonly tasks: number; readonly atMs: number }>();

  constructor(load: TenantLoad) {
    this.#load = load;
  }

  /** Which cap is reached, or with how much leave one more task fits. Asking again for a task that lives takes no further place. */
  admit({ task, used }: Admission, nowMs: number): Admitted {
    this.#settle(used, nowMs);
    const { caps, budgets } = this.#load;
    const none = { tasks: 0, forMs: LEAVE_MS, delegation: caps.delegation, budgets };
    if (this.#admittedAtMs.has(task) || this.#load.live.has(task)) return { leave: none };
    const reached = this.#reached();
    if (reached !== null) return { reached };
    this.#admittedAtMs.set(task, nowMs);
    const tasks = this.#isNear() ? 0 : this.#leaveFits();
    if (tasks > 0) this.#leaves.set(task, { tasks, atMs: nowMs });
    return { leave: { ...none, tasks } };
  }

  /** Whether what is known of the index is too old to go on with. */
  isStale(nowMs: number): boolean {
    return nowMs - this.#load.readAtMs >= (this.#isNear() ? NEAR_MS : FAR_MS);
  }

  /** The tasks that the next reading has to be asked about. */
  tracked(): readonly string[] {
    return [...this.#admittedAtMs.keys()];
  }

  /** Takes over a reading; what it knows of need not be tracked any more. */
  reconcile(load: TenantLoad): void {
    this.#load = load;
    for (const [task, atMs] of this.#admittedAtMs) {
      if (load.known.has(task) || load.readAtMs - atMs > UNKNOWN_MS_MAX) this.#admittedAtMs.delete(task);
    }
  }

  #settle(used: Admission["used"], nowMs: number): void {
    for (const { leave, tasks } of used) {
      this.#leaves.delete(leave);
      for (const task of tasks) if (!this.#load.live.has(task)) this.#admittedAtMs.set(task, nowMs);
    }
    for (const [leave, { atMs }] of this.#leaves) {
      if (nowMs - atMs > LEAVE_COUNTED_MS) this.#leaves.delete(leave);
    }
  }

  #leaveFits(): number {
    const { liveTasks } = this.#load.caps;
    const share = (liveTasks - this.#liveTasks()) * LEAVE_SHARE;
    const together = liveTasks * ON_LEAVE_SHARE - this.#onLeave();
    return Math.max(0, Math.floor(Math.min(LEAVE_TASKS_MAX, share, together)));
  }

  #onLeave(): number {
    return [...this.#leaves.values()].reduce((sum, { tasks }) => sum + tasks, 0);
  }

  #liveTasks(): number {
    return this.#load.live.size + this.#admittedAtMs.size + this.#onLeave();
  }

  #isNear(): boolean {
    return this.#fills(NEAR_SHARE) !== null;
  }

  #reached(): string | null {
    return this.#fills(1);
  }

  #fills(share: number): string | null {
    const { caps, openApprovals, spentMicroUsd } = this.#load;
    if (this.#liveTasks() >= caps.liveTasks * share) return `${caps.liveTasks} live tasks`;
    if (spentMicroUsd >= caps.costMicroUsdPerDay * share) return `${caps.costMicroUsdPerDay} micro-USD a day`;
    return openApprovals >= caps.openApprovals * share ? `${caps.openApprovals} open approvals` : null;
  }
}
