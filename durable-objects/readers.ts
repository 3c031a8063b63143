import { commitMessage, partialMessage } from "../src/feed.ts";
import type { Readers } from "../src/ports.ts";

/** Commits that follow each other faster than this travel together: a message costs more than all that it says. */
const TOGETHER_MS = 10;

/**
 * Readers hang on hibernating sockets: they cost nothing while nothing happens, and outlive the object's memory. The first commit
 * goes out at once; what gets lost with the object's memory is read again from the journal when a reader comes back.
 */
export function readersOf(ctx: DurableObjectState): Readers {
  let waiting: string[] = [];
  let sentMs = 0;
  let timeout: ReturnType<typeof setTimeout> | undefined;
  const send = (text: string): void => {
    for (const socket of ctx.getWebSockets()) trySend(socket, text);
  };
  const flush = (): void => {
    clearTimeout(timeout);
    timeout = undefined;
    if (waiting.length === 0) return;
    send(waiting.join("\n"));
    waiting = [];
    sentMs = Date.now();
  };
  return {
    connected: () => ctx.getWebSockets().length > 0,
    committed: (row) => {
      if (ctx.getWebSockets().length === 0) return;
      waiting.push(commitMessage(row));
      if (Date.now() - sentMs >= TOGETHER_MS) flush();
      else timeout ??= setTimeout(flush, TOGETHER_MS);
    },
    partial: (text) => {
      flush();
      send(partialMessage(text));
    },
    ended: () => {
      flush();
      for (const socket of ctx.getWebSockets()) socket.close(1000, "ended");
    },
  };
}

/** A reader that has gone is nobody's failure. */
function trySend(socket: WebSocket, text: string): void {
  try {
    socket.send(text);
  } catch {
    socket.close(1011, "gone");
  }
}
