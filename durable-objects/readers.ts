import type { Readers } from "../src/ports.ts";

/** Readers hang on hibernating sockets: they cost nothing while nothing happens, and outlive the object's memory. */
export function readersOf(ctx: DurableObjectState): Readers {
  const send = (text: string) => {
    for (const socket of ctx.getWebSockets()) trySend(socket, text);
  };
  return {
    connected: () => ctx.getWebSockets().length > 0,
    committed: (row) => {
      if (ctx.getWebSockets().length > 0) send(JSON.stringify(row));
    },
    partial: (text) => send(JSON.stringify({ partial: text })),
    ended: () => {
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
