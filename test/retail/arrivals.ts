/** How an arrival ended: `open` while it has not, `refused` before anything was applied, `dropped` and `hungUp` without an answer. */
export type Fate = "open" | "answered" | "refused" | "dropped" | "hungUp";

export interface ArrivalFacts {
  readonly run: string;
  readonly tool: string;
  /** The idempotency key; null when the request carried none. */
  readonly key: string | null;
  readonly task: string | null;
}

/** One request for a tool, as it reached the server. Times are epoch milliseconds. */
export interface Arrival extends ArrivalFacts {
  /** Counts from 1, without gaps, over all runs. */
  readonly n: number;
  readonly at: number;
  /** When the first arrival with this run and key came; `at` itself when this is the first. */
  readonly firstAt: number;
  readonly duplicate: boolean;
  /** True when an earlier arrival of this run and key had been answered with the call's result before this one came. */
  readonly afterSettlement: boolean;
  /** SHA-256 of the RFC 8785 JSON of the arguments; null until (or unless) a whole, well-formed body has come. */
  argsDigest: string | null;
  fate: Fate;
  /** The HTTP status of the answer; null without one. */
  status: number | null;
  /** When the whole answer had been handed to the network; its receiver may still have died before reading it. */
  respondedAt: number | null;
}

/** All arrivals of one run and key together. Tool and task are those of the first arrival. */
export interface CallFacts {
  readonly run: string;
  readonly key: string;
  readonly tool: string;
  readonly task: string | null;
  readonly firstAt: number;
  /** When the call's result was first answered; null while it was not. */
  respondedAt: number | null;
  arrivals: number;
  /** How often the tool was carried out without being refused. */
  applied: number;
}

/** Everything that ever reached the tools, noted before anything is decided about it. Never forgets. */
export class Arrivals {
  readonly #arrivals: Arrival[] = [];
  readonly #calls = new Map<string, CallFacts>();

  note(facts: ArrivalFacts, at: number): Arrival {
    const call = this.#noteCall(facts, at);
    const arrival: Arrival = {
      n: this.#arrivals.length + 1,
      ...facts,
      at,
      firstAt: call?.firstAt ?? at,
      duplicate: call !== null && call.arrivals > 1,
      afterSettlement: call !== null && call.respondedAt !== null,
      argsDigest: null,
      fate: "open",
      status: null,
      respondedAt: null,
    };
    this.#arrivals.push(arrival);
    return arrival;
  }

  #noteCall({ run, key, tool, task }: ArrivalFacts, at: number): CallFacts | null {
    if (key === null) return null;
    const name = callName(run, key);
    const known = this.#calls.get(name);
    const call = known ?? { run, key, tool, task, firstAt: at, respondedAt: null, arrivals: 0, applied: 0 };
    if (known === undefined) this.#calls.set(name, call);
    call.arrivals += 1;
    return call;
  }

  callOf(arrival: Arrival): CallFacts | undefined {
    return arrival.key === null ? undefined : this.#calls.get(callName(arrival.run, arrival.key));
  }

  /** `settles`: the answer is the call's result, and not that it could not be taken. */
  answered(
    arrival: Arrival,
    answer: { readonly status: number; readonly settles: boolean },
    at: number,
  ): void {
    arrival.fate = "answered";
    arrival.status = answer.status;
    arrival.respondedAt = at;
    const call = this.callOf(arrival);
    if (call !== undefined && answer.settles) call.respondedAt ??= at;
  }

  arrivals(run?: string): readonly Arrival[] {
    return run === undefined ? this.#arrivals : this.#arrivals.filter((arrival) => arrival.run === run);
  }

  calls(run?: string): readonly CallFacts[] {
    const calls = [...this.#calls.values()];
    return run === undefined ? calls : calls.filter((call) => call.run === run);
  }
}

/** A run's name never holds a line feed: it comes from a path. */
function callName(run: string, key: string): string {
  return `${run}\n${key}`;
}
