/** What guards need of the platform. */
export interface Ground {
  readonly nowMs: () => number;
  /** Calls back once, unless it is called off first. */
  readonly after: (delayMs: number, due: () => void) => () => void;
  /** Goes on with work that nobody waits for, after the call that it belongs to has ended. */
  readonly beside: (work: Promise<unknown>) => void;
  /** Unique in the world. */
  readonly unique: () => string;
}

/** What the way to a guard and back may take; after it, the guard is taken for down. */
export const REACH_MS = 1_500;

/** The answer of a guard, or null if there is none in time. `late` is told of an answer that nobody waits for any more. */
export async function reached<T>(
  { after, beside }: Pick<Ground, "after" | "beside">,
  ask: () => Promise<T>,
  { waitMs, late }: { readonly waitMs: number; readonly late?: (answer: T) => void },
): Promise<T | null> {
  const over = Promise.withResolvers<null>();
  let waits = true;
  const callOff = after(waitMs + REACH_MS, () => over.resolve(null));
  const answered = (async () => await ask())().then(
    (answer) => {
      if (!waits) late?.(answer);
      return answer;
    },
    () => null,
  );
  beside(answered);
  const answer = await Promise.race([answered, over.promise]);
  waits = false;
  callOff();
  return answer;
}
