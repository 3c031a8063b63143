/** Readers see text soon enough at this pace, and every sending is a request. */
const SEND_MS = 250;

/** Packs streamed text on its way to a task's readers. What gets lost is a partial: the reply itself comes with the settlement. */
export class StreamedText {
  readonly #send: (text: string) => Promise<void>;
  readonly #nowMs: () => number;
  #unsent = "";
  #sentMs = 0;
  #sending: Promise<void> = Promise.resolve();

  constructor(send: (text: string) => Promise<void>, nowMs: () => number) {
    this.#send = send;
    this.#nowMs = nowMs;
  }

  push(text: string): void {
    this.#unsent += text;
    if (this.#nowMs() - this.#sentMs >= SEND_MS) this.#flush();
  }

  async end(): Promise<void> {
    this.#flush();
    await this.#sending;
  }

  #flush(): void {
    if (this.#unsent === "") return;
    const text = this.#unsent;
    this.#unsent = "";
    this.#sentMs = this.#nowMs();
    this.#sending = this.#sending.then(() => this.#send(text)).catch(() => undefined);
  }
}
