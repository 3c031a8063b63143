import { CONSUMER_CALLS_MAX } from "../contracts/queue.ts";

/** What one call has: its turn comes once there is a connection for it, and passes to another when it leaves. */
export interface Place {
  readonly turn: Promise<void>;
  readonly leave: () => void;
}

/** The connections that an invocation may have waiting for an answer, given out in the order in which they are asked for. */
export class Slots {
  /** Those that have their turn come first. */
  readonly #places: { readonly begin: () => void }[] = [];
  readonly #outside: (() => void)[] = [];

  /** So many places in a row, once nobody waits for a turn and the first of them can have its own at once. */
  async admit(count: number): Promise<readonly Place[]> {
    while (this.#places.length >= CONSUMER_CALLS_MAX)
      await new Promise<void>((resolve) => void this.#outside.push(resolve));
    const places = Array.from({ length: count }, () => this.#enter());
    this.#letIn();
    return places;
  }

  #enter(): Place {
    const { promise: turn, resolve: begin } = Promise.withResolvers<void>();
    const place = { begin };
    this.#places.push(place);
    if (this.#places.length <= CONSUMER_CALLS_MAX) begin();
    return { turn, leave: () => this.#leave(place) };
  }

  #leave(place: { readonly begin: () => void }): void {
    this.#places.splice(this.#places.indexOf(place), 1);
    this.#places[CONSUMER_CALLS_MAX - 1]?.begin();
    this.#letIn();
  }

  #letIn(): void {
    if (this.#places.length < CONSUMER_CALLS_MAX) this.#outside.shift()?.();
  }
}
