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
  /** Of those that ended since: what they cost together, and how many the index still takes for live. */
  #spentSince = 0;
  #endedLive = 0;

  constructor(load: TenantLoad) {
    this.#load = load;
  }

  /** Null when one more task fits, else which cap is reached. Asking again for a task that lives changes nothing. */
  admit(task: string, nowMs: number): string | null {
    if (this.#isLive(task)) return null;
    const reached = this.#reached();
    if (reached !== null) return reached;
    this.#forgetEnd(task);
    this.#admittedAtMs.set(task, nowMs);
    return null;
  }

  ended(task: string, spentMicroUsd: number): void {
    this.#admittedAtMs.delete(task);
    this.#forgetEnd(task);
    this.#endedSpent.set(task, spentMicroUsd);
    this.#spentSince += spentMicroUsd;
    if (this.#load.live.has(task)) this.#endedLive += 1;
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
    this.#spentSince = [...this.#endedSpent.values()].reduce((sum, cost) => sum + cost, 0);
    this.#endedLive = [...this.#endedSpent.keys()].filter((task) => load.live.has(task)).length;
  }

  #forgetEnd(task: string): void {
    const spent = this.#endedSpent.get(task);
    if (spent === undefined) return;
    this.#endedSpent.delete(task);
    this.#spentSince -= spent;
    if (this.#load.live.has(task)) this.#endedLive -= 1;
  }

  #isLive(task: string): boolean {
    return this.#admittedAtMs.has(task) || (this.#load.live.has(task) && !this.#endedSpent.has(task));
  }

  #reached(): string | null {
    const { caps, live, openApprovals, spentMicroUsd } = this.#load;
    if (live.size + this.#admittedAtMs.size - this.#endedLive >= caps.liveTasks)
      return `${caps.liveTasks} live tasks`;
    if (spentMicroUsd + this.#spentSince >= caps.costMicroUsdPerDay)
      return `${caps.costMicroUsdPerDay} micro-USD a day`;
    return openApprovals >= caps.openApprovals ? `${caps.openApprovals} open approvals` : null;
  }
}
