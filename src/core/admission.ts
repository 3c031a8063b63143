import { PRIORITIES, type Priority } from "../contracts/allowance.ts";

/** A task that wants to be at work. `begun`: it was before, and rested meanwhile. */
export interface Candidate {
  readonly task: string;
  readonly tenant: string;
  readonly priority: Priority;
  readonly begun: boolean;
  /** Which of its askings this is: one that is older than its leaving comes too late. */
  readonly n: number;
  /** Another each time that it asks, be it the same. */
  readonly seat: string;
}

interface Waiting extends Candidate {
  readonly sinceMs: number;
  readonly seenMs: number;
}

/** A place that is taken, and by which asking: whoever leaves what an earlier one took comes too late. */
export interface AtWork {
  readonly tenant: string;
  readonly sinceMs: number;
  readonly n: number;
  /** Null after a restart. */
  readonly seat: string | null;
}

/** Who has not asked again by then has gone. */
const GONE_MS = 300_000;
/** Whoever has a place for longer is no longer counted: its object may be lost, and a place is not to be lost with it. */
const AT_WORK_MS_MAX = 86_400_000;
/** More than so many tasks of one tenant do not stand in line: the rest comes back later. */
const LINE_MAX = 2_000;
/** Of so many tenants it is known when they were served. */
const TENANTS_MAX = 1_000;
/** Of so many tasks it is known when they left. */
const LEFT_MAX = 2_000;

/**
 * Which tasks may be at work, where only so many can. A free place goes to the tenant that has the fewest tasks at work, among equals to
 * the one served longest ago, and within a tenant by priority and then to whoever came first: so that no tenant is kept out by another
 * that floods, whatever priority that claims. A task that has begun does not wait: it takes its place again, and new ones wait for it.
 */
export class Admission {
  readonly #atWork: Map<string, AtWork>;
  readonly #waiting = new Map<string, Waiting>();
  readonly #servedLast = new Map<string, number>();
  /** With which asking a task left, for as many of the last ones as are remembered. */
  readonly #left = new Map<string, number>();
  #served = 0;

  constructor(atWork: Iterable<readonly [string, AtWork]> = []) {
    this.#atWork = new Map(atWork);
  }

  get atWork(): number {
    return this.#atWork.size;
  }

  placeOf(task: string): AtWork | null {
    return this.#atWork.get(task) ?? null;
  }

  /** Whether the task is at work now; if not, it stands in line. */
  enter(one: Candidate, max: number, nowMs: number): boolean {
    if (one.n <= (this.#left.get(one.task) ?? 0)) return false;
    const known = this.#atWork.get(one.task);
    if (known !== undefined) return this.#entersAgain(one, known, nowMs);
    const sinceMs = this.#waiting.get(one.task)?.sinceMs ?? nowMs;
    if (this.#waiting.has(one.task) || this.#lineOf(one.tenant) < LINE_MAX)
      this.#waiting.set(one.task, { ...one, sinceMs, seenMs: nowMs });
    if (!one.begun && !this.next(max, nowMs).some(({ task }) => task === one.task)) return false;
    this.#waiting.delete(one.task);
    this.#atWork.set(one.task, { tenant: one.tenant, sinceMs: nowMs, n: one.n, seat: one.seat });
    this.#served += 1;
    this.#servedLast.delete(one.tenant);
    this.#servedLast.set(one.tenant, this.#served);
    const [oldest] = this.#servedLast.size > TENANTS_MAX ? this.#servedLast.keys() : [];
    if (oldest !== undefined) this.#servedLast.delete(oldest);
    return true;
  }

  /** Those who are no longer counted. */
  sweep(nowMs: number): readonly string[] {
    const gone = [...this.#atWork].filter(([, { sinceMs }]) => nowMs - sinceMs > AT_WORK_MS_MAX);
    for (const [task] of gone) this.#atWork.delete(task);
    return gone.map(([task]) => task);
  }

  /** It gives its place back. True when that was taken by this asking or an earlier one. */
  leave(task: string, n: number): boolean {
    const known = this.#left.get(task) ?? 0;
    const [oldest] = this.#left.size < LEFT_MAX ? [] : this.#left.keys();
    if (oldest !== undefined) this.#left.delete(oldest);
    this.#left.delete(task);
    this.#left.set(task, Math.max(known, n));
    this.#waiting.delete(task);
    return n >= (this.#atWork.get(task)?.n ?? Infinity) && this.#atWork.delete(task);
  }

  /** It has no use for the place that it just took: the same asking may come again. True when it had that still. */
  stepBack(task: string, seat: string): boolean {
    return this.#atWork.get(task)?.seat === seat && this.#atWork.delete(task);
  }

  /** Those whose turn it is: as many as there are free places. */
  next(max: number, nowMs: number): readonly Candidate[] {
    for (const [task, { seenMs }] of this.#waiting) if (nowMs - seenMs > GONE_MS) this.#waiting.delete(task);
    const waiting = new Set(this.#waiting.values());
    const counts = new Map<string, number>();
    const counted = (tenant: string): number => counts.get(tenant) ?? 0;
    for (const { tenant } of this.#atWork.values()) counts.set(tenant, counted(tenant) + 1);
    const turns: Candidate[] = [];
    while (turns.length < max - this.#atWork.size && waiting.size > 0) {
      const first = [...waiting].reduce((best, one) => (this.#isBefore(one, best, counted) ? one : best));
      waiting.delete(first);
      turns.push(first);
      counts.set(first.tenant, counted(first.tenant) + 1);
    }
    return turns;
  }

  #entersAgain({ task, n, seat }: Candidate, known: AtWork, nowMs: number): boolean {
    if (n < known.n) return false;
    const sinceMs = n === known.n ? known.sinceMs : nowMs;
    this.#atWork.set(task, { ...known, sinceMs, n, seat });
    return true;
  }

  #isBefore(a: Waiting, b: Waiting, counted: (tenant: string) => number): boolean {
    const servedLast = (tenant: string): number => this.#servedLast.get(tenant) ?? 0;
    const byTenant = counted(a.tenant) - counted(b.tenant) || servedLast(a.tenant) - servedLast(b.tenant);
    return (byTenant || byRank(a, b)) < 0;
  }

  #lineOf(tenant: string): number {
    return [...this.#waiting.values()].filter((one) => one.tenant === tenant).length;
  }
}

function byRank(a: Waiting, b: Waiting): number {
  return (
    PRIORITIES.indexOf(a.priority) - PRIORITIES.indexOf(b.priority) ||
    a.sinceMs - b.sinceMs ||
    (a.task < b.task ? -1 : 1)
  );
}
