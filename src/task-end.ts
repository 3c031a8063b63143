import type { FeedSocket } from "./feed.ts";

/** Where a task's object is waited for, and how it is asked: it tells the task as JSON once it has ended, and then nothing more. */
export const END_PATH = "/end";
export const END_URL = `https://task${END_PATH}`;
export const END_INIT = { headers: { upgrade: "websocket" } } as const;

const NORMAL_CLOSURE = 1000;

/** The JSON of the task as it is at its end (a `TaskView`); null when `signal` aborts or the object goes away before that. */
export async function toldEnd(socket: FeedSocket, signal: AbortSignal): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>();
  const giveUp = (): void => resolve(null);
  socket.addEventListener("message", ({ data }) => resolve(typeof data === "string" ? data : null));
  socket.addEventListener("close", giveUp);
  socket.addEventListener("error", giveUp);
  signal.addEventListener("abort", giveUp, { once: true });
  if (signal.aborted) giveUp();
  socket.accept();
  try {
    return await promise;
  } finally {
    signal.removeEventListener("abort", giveUp);
    socket.close(NORMAL_CLOSURE);
  }
}
