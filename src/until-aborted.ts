/** How a piece of work ended: with its value, or cut off by its deadline or by its caller. */
export type Ended<T> =
  | { readonly by: "itself"; readonly value: T }
  | { readonly by: "deadline" }
  | { readonly by: "caller" };

/**
 * Runs `work` no longer than until `signal` aborts: by its deadline, if the reason is a `TimeoutError`, else by its caller. Ends at
 * that moment whether or not the work heeds the signal; what it brings later is dropped. Rejects only if the work does before. No
 * listener outlives it.
 */
export async function untilAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<Ended<T>> {
  const cut = Promise.withResolvers<Ended<T>>();
  const stop = (): void => cut.resolve({ by: isTimeout(signal.reason) ? "deadline" : "caller" });
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    return await Promise.race([cut.promise, finished(work())]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** Why a signal aborts whose time is over. */
export function timeIsOver(): DOMException {
  return new DOMException("Its time is over.", "TimeoutError");
}

/** Whether a signal aborted because its time was over, and not by its caller's wish. */
export function isTimeout(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === "TimeoutError";
}

async function finished<T>(work: Promise<T>): Promise<Ended<T>> {
  return { by: "itself", value: await work };
}
