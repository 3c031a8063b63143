import type { CommitRow } from "../src/contracts/journal.ts";
import type { TaskView } from "../src/contracts/task.ts";
import { commitMessage, partialMessage } from "../src/feed.ts";
import type { Readers } from "../src/ports.ts";

/** Commits that follow each other faster than this travel together: a message costs more than all that it says. */
const TOGETHER_MS = 10;
/** What a socket is for, as the platform remembers it beyond the object's memory. */
const FOLLOWS = "follows";
const WAITS = "waits";

/**
 * Readers hang on hibernating sockets: they cost nothing while nothing happens, and outlive the object's memory. Some follow every
 * commit, others only wait for the end. The first commit goes out at once; what gets lost with the object's memory is read again
 * from the journal when a reader comes back.
 */
export class SocketReaders implements Readers {
  readonly #ctx: DurableObjectState;
  /** Asked of the platform once a life, since every commit asks. */
  readonly #following: Set<WebSocket>;
  #waiting: string[] = [];
  #sentMs = 0;
  #timeout: ReturnType<typeof setTimeout> | undefined;

  constructor(ctx: DurableObjectState) {
    this.#ctx = ctx;
    this.#following = new Set(ctx.getWebSockets(FOLLOWS));
  }

  /** A new reader: told what was before, then each new commit. `before` gives the journal's rows, page by page. */
  follow(before: Iterable<readonly CommitRow[]>): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    // What still waits for the others is among what this one is told.
    this.#flush();
    this.#ctx.acceptWebSocket(server, [FOLLOWS]);
    this.#following.add(server);
    for (const rows of before) server.send(rows.map(commitMessage).join("\n"));
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Someone who gets the task as it is at its end, and nothing before. */
  waitForEnd(): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.#ctx.acceptWebSocket(server, [WAITS]);
    return new Response(null, { status: 101, webSocket: client });
  }

  left(socket: WebSocket): void {
    this.#following.delete(socket);
  }

  connected(): boolean {
    return this.#following.size > 0;
  }

  committed(row: CommitRow): void {
    if (this.#following.size === 0) return;
    this.#waiting.push(commitMessage(row));
    if (Date.now() - this.#sentMs >= TOGETHER_MS) this.#flush();
    else this.#timeout ??= setTimeout(() => this.#flush(), TOGETHER_MS);
  }

  partial(text: string): void {
    this.#flush();
    this.#send(partialMessage(text));
  }

  ended(view: TaskView): void {
    this.#flush();
    for (const socket of this.#ctx.getWebSockets(WAITS)) trySend(socket, JSON.stringify(view));
    for (const socket of this.#ctx.getWebSockets()) socket.close(1000, "ended");
    this.#following.clear();
  }

  #flush(): void {
    clearTimeout(this.#timeout);
    this.#timeout = undefined;
    if (this.#waiting.length === 0) return;
    this.#send(this.#waiting.join("\n"));
    this.#waiting = [];
    this.#sentMs = Date.now();
  }

  #send(text: string): void {
    for (const socket of this.#following) trySend(socket, text);
  }
}

/** A reader that has gone is nobody's failure. */
function trySend(socket: WebSocket, text: string): void {
  try {
    socket.send(text);
  } catch {
    socket.close(1011, "gone");
  }
}
