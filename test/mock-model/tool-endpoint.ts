import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { sendJson } from "./answer.ts";

/**
 * A tool over HTTP: answers with what it was sent, after `?delayMs=`, and counts every arrival under its idempotency key before it
 * does anything else. `?failTimes=n` refuses the first n arrivals of a key with 503.
 */
export class ToolEndpoint {
  readonly #arrivals = new Map<string, number>();

  get arrivals(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#arrivals);
  }

  forget(): void {
    this.#arrivals.clear();
  }

  async echo(
    request: IncomingMessage,
    query: URLSearchParams,
    body: string,
    response: ServerResponse,
  ): Promise<void> {
    const arrival = this.#arrive(request.headers["idempotency-key"]);
    const delayMs = Number(query.get("delayMs") ?? 0);
    if (delayMs > 0) await pause(delayMs);
    if (arrival <= Number(query.get("failTimes") ?? 0)) {
      sendJson(response, 503, { error: "unavailable" });
      return;
    }
    sendJson(response, 200, { echo: body });
  }

  #arrive(key: string | string[] | undefined): number {
    if (typeof key !== "string") return 1;
    const arrival = (this.#arrivals.get(key) ?? 0) + 1;
    this.#arrivals.set(key, arrival);
    return arrival;
  }
}
