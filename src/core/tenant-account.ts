/** Ceilings of a tenant. Cost is in micro-USD a day (UTC). */
export interface TenantCaps {
  readonly liveTasks: number;
  readonly costMicroUsdPerDay: number;
  readonly openApprovals: number;
}

/** Generous for one team, small enough that a runaway loop of tasks is noticed. */
export const DEFAULT_CAPS: TenantCaps = {
  liveTasks: 2_000,
  costMicroUsdPerDay: 200_000_000,
  openApprovals: 1_000,
};

/** What counts against the caps, as the task index tells it: it lags behind the tasks themselves. */
export interface TenantLoad {
  readonly caps: TenantCaps;
  readonly live: ReadonlySet<string>;
  /** Of the tasks asked about, those that the index has. */
  readonly known: ReadonlySet<string>;
  readonly openApprovals: number;
  readonly spentMicroUsd: number;
}

/** An admitted task that is not in the index after this long was never made. */
const UNKNOWN_MS_MAX = 300_000;

/** Counts a tenant's tasks between two readings of the index: what was admitted and what ended since is added until the index has it. */
export class TenantAccount {
  #load: TenantLoad;
  readonly #admittedAtMs = new Map<string, number>();
  readonly #endedSpent = new Map<string, number>();

  constructor(load: TenantLoad) {
    this.#load = load;
  }

  /** Null when one more task fits, else which cap is reached. Asking again for a task that lives changes nothing. */
  admit(task: string, nowMs: number): string | null {
    if (this.#isLive(task)) return null;
    const reached = this.#reached();
    if (reached !== null) return reached;
    this.#endedSpent.delete(task);
    this.#admittedAtMs.set(task, nowMs);
    return null;
  }

  ended(task: string, spentMicroUsd: number): void {
    this.#admittedAtMs.delete(task);
    this.#endedSpent.set(task, spentMicroUsd);
  }

  /** The tasks that the next reading has to be asked about. */
  tracked(): readonly string[] {
    return [...this.#admittedAtMs.keys(), ...this.#endedSpent.keys()];
  }

  /** Takes over a reading; what it knows of need not be tracked any more. */
  reconcile(load: TenantLoad, nowMs: number): void {
    this.#load = load;
    for (const [task, atMs] of this.#admittedAtMs) {
      if (load.known.has(task) || nowMs - atMs > UNKNOWN_MS_MAX) this.#admittedAtMs.delete(task);
    }
    for (const task of this.#endedSpent.keys()) {
      if (load.known.has(task) && !load.live.has(task)) this.#endedSpent.delete(task);
    }
  }

  #isLive(task: string): boolean {
    return this.#admittedAtMs.has(task) || (this.#load.live.has(task) && !this.#endedSpent.has(task));
  }

  #reached(): string | null {
    const { caps, live, openApprovals, spentMicroUsd } = this.#load;
    const ended = [...this.#endedSpent.keys()].filter((task) => live.has(task)).length;
    if (live.size + this.#admittedAtMs.size - ended >= caps.liveTasks) return `${caps.liveTasks} live tasks`;
    const spent = [...this.#endedSpent.values()].reduce((sum, cost) => sum + cost, spentMicroUsd);
    if (spent >= caps.costMicroUsdPerDay) return `${caps.costMicroUsdPerDay} micro-USD a day`;
    return openApprovals >= caps.openApprovals ? `${caps.openApprovals} open approvals` : null;
  }
}
