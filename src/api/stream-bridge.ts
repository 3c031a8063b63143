import type { Caller } from "../contracts/access.ts";
import { type FeedSocket, type Told, toldBy } from "../feed.ts";
import { seesContent, shownWithoutContent } from "./views.ts";

export const HEARTBEAT_MS = 15_000;
/** A reader that is this far behind gets no partial text; further behind, its stream ends, and it comes back for the rest. */
export const PARTIALS_BEHIND_BYTES_MAX = 262_144;
export const BEHIND_BYTES_MAX = 4_194_304;
const RECONNECT_MS = 1_000;
const NORMAL_CLOSURE = 1000;

/** Carries what a task tells on its socket over to one reader. Ends with the task, with the reader, or with the reader's rights. */
export class StreamBridge {
  readonly #socket: FeedSocket;
  readonly #viewerNow: () => Promise<Caller | null>;
  readonly #encoder = new TextEncoder();
  #viewer: Caller;
  #out: ReadableStreamDefaultController<Uint8Array> | null = null;
  #heartbeat: ReturnType<typeof setInterval> | undefined;

  constructor(socket: FeedSocket, viewer: Caller, viewerNow: () => Promise<Caller | null>) {
    this.#socket = socket;
    this.#viewer = viewer;
    this.#viewerNow = viewerNow;
  }

  open(out: ReadableStreamDefaultController<Uint8Array>): void {
    this.#out = out;
    this.#send(`retry: ${RECONNECT_MS}\n\n`);
    this.#socket.addEventListener("message", ({ data }) => this.#take(data));
    this.#socket.addEventListener("close", ({ code }) => this.#closed(code));
    this.#socket.addEventListener("error", () => this.#end());
    this.#socket.accept();
    this.#heartbeat = setInterval(() => void this.#beat(), HEARTBEAT_MS);
  }

  /** The reader has gone. */
  stop(): void {
    this.#out = null;
    clearInterval(this.#heartbeat);
    hangUp(this.#socket);
  }

  #take(data: unknown): void {
    const told = toldBy(data);
    if (told === null) return this.#end();
    this.#send(told.map((one) => this.#shown(one)).join(""));
  }

  #shown(told: Told): string {
    const content = seesContent(this.#viewer);
    if (told.kind === "commit") {
      const json = content ? told.json : JSON.stringify(shownWithoutContent(told.json));
      return `id: ${told.seq}\nevent: commit\ndata: ${json}\n\n`;
    }
    if (!content || this.#behindBytes() > PARTIALS_BEHIND_BYTES_MAX) return "";
    return `event: partial\ndata: ${JSON.stringify({ text: told.text })}\n\n`;
  }

  /** The object closes normally after the last commit of a task that has ended; anything else is a break. */
  #closed(code: number): void {
    if (code === NORMAL_CLOSURE) this.#send("event: end\ndata: {}\n\n");
    this.#end();
  }

  async #beat(): Promise<void> {
    this.#send(": still here\n\n");
    const viewer = await this.#viewerNow().catch(() => null);
    if (viewer === null || !viewer.scopes.includes("tasks:read")) return this.#end();
    this.#viewer = viewer;
  }

  #send(text: string): void {
    if (text !== "") this.#out?.enqueue(this.#encoder.encode(text));
    if (this.#behindBytes() > BEHIND_BYTES_MAX) this.#end();
  }

  #behindBytes(): number {
    return BEHIND_BYTES_MAX - (this.#out?.desiredSize ?? BEHIND_BYTES_MAX);
  }

  /** What is on its way still arrives. */
  #end(): void {
    this.#out?.close();
    this.stop();
  }
}

function hangUp(socket: FeedSocket): void {
  try {
    socket.close(NORMAL_CLOSURE);
  } catch {
    // It was closed from the other side.
  }
}
