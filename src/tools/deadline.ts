/** How a piece of work ended: with its value, or cut off by its deadline or by its caller. */
export type Ended<T> =
  | { readonly by: "itself"; readonly value: T }
  | { readonly by: "deadline" }
  | { readonly by: "caller" };

/**
 * Runs `work` for at most `timeoutMs`, and no longer than until `caller` aborts. Ends at that moment whether or not the work heeds
 * its signal; what it brings later is dropped. Rejects only if the work does before. No timer and no listener outlives it.
 */
export async function endBefore<T>(
  timeoutMs: number,
  caller: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<Ended<T>> {
  const cut = Promise.withResolvers<Ended<T>>();
  const controller = new AbortController();
  const stop = (by: "deadline" | "caller"): void => {
    cut.resolve({ by });
    controller.abort(
      new DOMException(`Ended by its ${by}.`, by === "deadline" ? "TimeoutError" : "AbortError"),
    );
  };
  const stopByCaller = (): void => stop("caller");
  const timer = setTimeout(() => stop("deadline"), timeoutMs);
  caller.addEventListener("abort", stopByCaller, { once: true });
  if (caller.aborted) stopByCaller();
  try {
    return await Promise.race([cut.promise, finished(work(controller.signal))]);
  } finally {
    clearTimeout(timer);
    caller.removeEventListener("abort", stopByCaller);
  }
}

async function finished<T>(work: Promise<T>): Promise<Ended<T>> {
  return { by: "itself", value: await work };
}
