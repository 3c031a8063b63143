import { cpus } from "node:os";

/** CPU time that the whole machine has been busy since it started, all cores together. */
export function busyMs(): number {
  return cpus().reduce((total, { times }) => total + times.user + times.nice + times.sys + times.irq, 0);
}

/**
 * Tells how many cores everything else on the machine kept busy while something ran: 0 on a quiet machine. `ownMs` is the CPU time
 * of all the processes that take part.
 */
export class Bystanders {
  readonly #ownMs: () => number;
  readonly #atStart: { readonly nowMs: number; readonly busyMs: number; readonly ownMs: number };

  constructor(ownMs: () => number) {
    this.#ownMs = ownMs;
    this.#atStart = { nowMs: performance.now(), busyMs: busyMs(), ownMs: ownMs() };
  }

  cores(): number {
    const busy = busyMs() - this.#atStart.busyMs;
    const own = this.#ownMs() - this.#atStart.ownMs;
    return Math.max(0, (busy - own) / (performance.now() - this.#atStart.nowMs));
  }
}
