import type { Timeline } from "./timeline.ts";

/** The one place where production code asks the platform for time by itself: a queue's consumer. */
export function virtualTimeouts(timeline: Timeline): () => void {
  const real = Object.getOwnPropertyDescriptor(AbortSignal, "timeout");
  AbortSignal.timeout = (delayMs) => {
    const abort = new AbortController();
    void timeline.after(delayMs, () => abort.abort(new DOMException("Its time is over.", "TimeoutError")));
    return abort.signal;
  };
  return () => {
    if (real !== undefined) Object.defineProperty(AbortSignal, "timeout", real);
  };
}
