/** One thing that a call has to get past, or hold, while it is out. */
export interface Guard {
  /** Its place in the one order in which all calls wait for guards. */
  readonly rank: string;
  /** Asks once, and waits so long at most. Never rejects: what an unreachable guard means is its own affair. */
  enter(waitMs: number): Promise<Entry>;
}

export type Entry = Held | Full;

export interface Held {
  readonly in: true;
  /** Says that the call is over, or never left. Waits for nobody. */
  leave(left: Left): void;
  /** For what has one, the fence of this holding, under each of its names. */
  readonly fences?: Readonly<Record<string, number>>;
}

/** What became of the call: how many tokens it used, if any are counted; null when it never left. */
export type Left = { readonly tokens: number | undefined } | null;

/** `down`: the guard could not be asked, and lets nobody through unasked. */
export interface Full {
  readonly in: false;
  readonly retryAfterMs: number;
  readonly down: boolean;
}

/** All guards of a call let it through, or one of them did not, and nothing is held. */
export type Passage =
  | {
      readonly in: true;
      readonly fences: Readonly<Record<string, number>> | undefined;
      leave(left: Left): void;
    }
  | Full;

/**
 * Gets past all of a call's guards. First all are asked at the same time, and none is waited for: where nobody else wants in, that is
 * one round trip, however many there are. Else what was got is given back, and, if there is time to wait, they are gone through one after the other in the
 * one order of all calls, holding what is held: whoever waits, waits for a call that is further on, so no circle closes.
 */
export async function pass(
  guards: readonly Guard[],
  waitMsMax: number,
  nowMs: () => number,
): Promise<Passage> {
  if (guards.length > 1) {
    const entries = await Promise.all(guards.map((guard) => guard.enter(0)));
    const held = entries.filter((entry) => entry.in);
    const full = entries.find((entry): entry is Full => !entry.in);
    if (full === undefined) return passage(held);
    leaveAll(held, null);
    if (waitMsMax <= 0) return full;
  }
  return await passInOrder(guards, nowMs() + waitMsMax, nowMs);
}

async function passInOrder(guards: readonly Guard[], untilMs: number, nowMs: () => number): Promise<Passage> {
  const held: Held[] = [];
  for (const guard of guards.toSorted(byRank)) {
    const entry = await guard.enter(Math.max(0, untilMs - nowMs()));
    if (entry.in) held.push(entry);
    else {
      leaveAll(held, null);
      return entry;
    }
  }
  return passage(held);
}

function byRank(a: Guard, b: Guard): number {
  return a.rank < b.rank ? -1 : Number(a.rank > b.rank);
}

function passage(held: readonly Held[]): Passage {
  const fences = held.flatMap((one) => Object.entries(one.fences ?? {}));
  return {
    in: true,
    fences: fences.length === 0 ? undefined : Object.fromEntries(fences),
    leave: (left) => leaveAll(held, left),
  };
}

function leaveAll(held: readonly Held[], left: Left): void {
  for (const one of held) one.leave(left);
}
