import { END_INIT, END_URL, toldEnd } from "../task-end.ts";
import type { TaskHandle } from "./deps.ts";
import { NOT_FOUND, Refusal } from "./problem.ts";

/** Longer than this no request is held: proxies on the way give up soon after. */
export const WAIT_S_MAX = 60;

/** How many seconds a client is ready to wait (RFC 7240, `Prefer: wait=…`); 0 when it says nothing that can be read. */
export function waitPreferredS(headers: Headers): number {
  const preferred = /(?:^|,)\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:;[^,]*)?(?:,|$)/i.exec(
    headers.get("prefer") ?? "",
  );
  return Math.min(Number(preferred?.[1] ?? 0), WAIT_S_MAX);
}

/**
 * The JSON of the task (a `TaskView`) as it is at its end; null when the end has not come, and the task has to be asked. For as long as the task's object works,
 * it is asked itself, which is quickest; after that, like a stream's reader, who waits holds a Worker and not the object, which may
 * be evicted meanwhile.
 */
export async function taskAtEnd(handle: TaskHandle, waitMs: number): Promise<string | Refusal | null> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), waitMs);
  try {
    const soon = await Promise.race([handle.endAtWork(), aborted(over.signal)]);
    return soon ?? (over.signal.aborted ? null : await endAtSocket(handle, over.signal));
  } finally {
    clearTimeout(timer);
  }
}

async function endAtSocket(handle: TaskHandle, signal: AbortSignal): Promise<string | Refusal | null> {
  const { status, webSocket } = await handle.fetch(END_URL, END_INIT);
  if (webSocket === null)
    return status === 404 ? NOT_FOUND : new Refusal("unavailable", "The task cannot be waited for now.");
  return await toldEnd(webSocket, signal);
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(null), { once: true });
  });
}
