import type { Clock } from "../src/ports.ts";
import type { Timer } from "./outside.ts";

/** Waits until something happens or is due. One timer serves many waits: it is set anew only for something that is due sooner. */
export class Watch {
  readonly #clock: Clock;
  readonly #timer: Timer;
  #wake: () => void = () => undefined;
  #set: { readonly dueMs: number; readonly callOff: () => void } | null = null;

  constructor({ clock, timer }: { readonly clock: Clock; readonly timer: Timer }) {
    this.#clock = clock;
    this.#timer = timer;
  }

  /** Something happened: whoever waits looks again. */
  wake(): void {
    this.#wake();
  }

  /** Resolves when `wake` is called, or at `dueMs`, or too early at worst. */
  until(dueMs: number | null): Promise<void> {
    if (dueMs !== null) this.#setFor(dueMs);
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = () => undefined;
        resolve();
      };
    });
  }

  callOff(): void {
    this.#set?.callOff();
    this.#set = null;
  }

  #setFor(dueMs: number): void {
    if (this.#set !== null && this.#set.dueMs <= dueMs) return;
    this.#set?.callOff();
    const due = (): void => {
      this.#set = null;
      this.#wake();
    };
    this.#set = { dueMs, callOff: this.#timer.after(Math.max(0, dueMs - this.#clock.nowMs()), due) };
  }
}
