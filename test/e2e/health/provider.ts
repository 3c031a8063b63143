import { once } from "node:events";
import type { Server } from "node:http";
import { mockModelServer } from "../../mock-model/server.ts";

/** A mock provider whose think time can be changed while it serves, and that notes when it was asked. */
export class Provider {
  readonly askedAtMs: number[] = [];
  delayMs: number;
  readonly #server: Server;

  private constructor(delayMs: number) {
    this.delayMs = delayMs;
    const delay = (): number => this.delayMs;
    this.#server = mockModelServer({
      named: {},
      get delayMs() {
        return delay();
      },
    });
    this.#server.on("request", () => this.askedAtMs.push(Date.now()));
  }

  static async listening(delayMs: number): Promise<Provider> {
    const provider = new Provider(delayMs);
    provider.#server.listen(0, "127.0.0.1");
    await once(provider.#server, "listening");
    return provider;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("it does not listen");
    return `http://127.0.0.1:${address.port}`;
  }

  askedSince(sinceMs: number): number {
    return this.askedAtMs.filter((atMs) => atMs >= sinceMs).length;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
