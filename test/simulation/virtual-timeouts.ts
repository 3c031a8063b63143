import type { World } from "./world.ts";

/** The one place where production code asks the platform for time by itself: the consumer's leases. */
export function virtualTimeouts({ timeline }: World): () => void {
  const real = Object.getOwnPropertyDescriptor(AbortSignal, "timeout");
  AbortSignal.timeout = (delayMs) => {
    const abort = new AbortController();
    void timeline.after(delayMs, () =>
      abort.abort(new DOMException("The lease has run out.", "TimeoutError")),
    );
    return abort.signal;
  };
  return () => {
    if (real !== undefined) Object.defineProperty(AbortSignal, "timeout", real);
  };
}
