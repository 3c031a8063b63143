/** The first moment of every simulated world. */
const BEGINNING_MS = Date.UTC(2026, 0, 5, 9);

interface Due {
  readonly atMs: number;
  readonly order: number;
  /** Null once it is called off. */
  run: (() => void) | null;
}

/**
 * Virtual time. What is due runs in the order of its time, then of its setting; between two such moments every promise that can go
 * on goes on. So nothing depends on real time, and the same world unrolls in the same way.
 */
export class Timeline {
  readonly #heap: Due[] = [];
  #nowMs = BEGINNING_MS;
  #order = 0;
  #steps = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  get steps(): number {
    return this.#steps;
  }

  /** Calls back after a while, unless it is called off first. */
  after(delayMs: number, due: () => void): () => void {
    const moment: Due = {
      atMs: this.#nowMs + Math.max(0, Math.ceil(delayMs)),
      order: this.#order++,
      run: due,
    };
    this.#push(moment);
    return () => {
      moment.run = null;
    };
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.after(delayMs, resolve));
  }

  /** Runs until nothing is due any more. Returns false when that takes more than `stepsMax` moments. */
  async run(stepsMax: number): Promise<boolean> {
    await settled();
    for (let next = this.#pop(); next !== null; next = this.#pop()) {
      if (next.run === null) continue;
      if (++this.#steps > stepsMax) return false;
      this.#nowMs = next.atMs;
      next.run();
      await settled();
    }
    return true;
  }

  #push(due: Due): void {
    const heap = this.#heap;
    heap.push(due);
    for (let at = heap.length - 1; at > 0;) {
      const up = (at - 1) >> 1;
      if (!this.#swapIfBefore(at, up)) return;
      at = up;
    }
  }

  #pop(): Due | null {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return null;
    if (heap.length === 0) return first;
    heap[0] = last;
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      const down = isBefore(heap[left + 1], heap[left]) ? left + 1 : left;
      if (!this.#swapIfBefore(down, at)) return first;
      at = down;
    }
  }

  #swapIfBefore(i: number, j: number): boolean {
    const [a, b] = [this.#heap[i], this.#heap[j]];
    if (a === undefined || b === undefined || !isBefore(a, b)) return false;
    this.#heap[j] = a;
    this.#heap[i] = b;
    return true;
  }
}

function isBefore(a: Due | undefined, b: Due | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** Every promise that can go on has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** What a dead process still waits for. */
export function never<T>(): Promise<T> {
  return new Promise<T>(() => undefined);
}
