import { Agent, request } from "node:http";

/**
 * The bench's own client: keep-alive connections, as many as there are requests, and as little work a request as Node allows. An
 * unused connection is dropped before workerd drops it (after 5 s), so that none breaks when it is used again.
 */
const TAIL_CHARACTERS = 20_000;

export class HttpClient {
  readonly #agent = new Agent({ keepAlive: true, timeout: 3_000 });
  readonly #address: { readonly host: string; readonly port: string };
  readonly #headers: Readonly<Record<string, string>>;

  constructor(url: URL, headers: Readonly<Record<string, string>> = {}) {
    this.#address = { host: url.hostname, port: url.port };
    this.#headers = headers;
  }

  /** The parsed body of a reply; any status of 400 or more rejects with it. */
  async json(
    method: "GET" | "POST",
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<unknown> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return JSON.parse(await this.#text(method, path, { text, headers }));
  }

  /** Milliseconds until the first server-sent event of a stream, which is then left. */
  firstEventMs(path: string): Promise<number> {
    const startedMs = performance.now();
    return new Promise((resolve, reject) => {
      const asking = request({
        ...this.#address,
        path,
        agent: this.#agent,
        headers: { ...this.#headers, accept: "text/event-stream" },
      });
      asking.once("error", reject).once("response", (response) => {
        response.setEncoding("utf8");
        let seen = "";
        response.on("data", (chunk: string) => {
          seen += chunk;
          if (!/^data:/m.test(seen)) return;
          resolve(performance.now() - startedMs);
          response.destroy();
        });
        response.once("end", () => reject(new Error(`The stream ended without an event: ${seen}`)));
      });
      asking.end();
    });
  }

  /** The end of a stream of server-sent events: what it said last, once it has ended. */
  streamEnd(path: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const headers = { ...this.#headers, accept: "text/event-stream" };
      const asking = request({ ...this.#address, path, agent: this.#agent, headers });
      asking.once("error", reject).once("response", (response) => {
        let tail = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (tail = `${tail}${chunk}`.slice(-TAIL_CHARACTERS)));
        response.once("error", reject).once("end", () => resolve(tail));
      });
      asking.end();
    });
  }

  close(): void {
    this.#agent.destroy();
  }

  #text(
    method: string,
    path: string,
    sent: { readonly text: string | undefined; readonly headers: Readonly<Record<string, string>> },
  ): Promise<string> {
    return new Promise((resolve, reject) => {
      const type = sent.text === undefined ? {} : { "content-type": "application/json" };
      const headers = { ...this.#headers, ...type, ...sent.headers };
      const asking = request({ ...this.#address, method, path, agent: this.#agent, headers });
      asking.once("error", reject).once("response", (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => (text += chunk));
        response.once("error", reject);
        response.once("end", () =>
          (response.statusCode ?? 500) < 400
            ? resolve(text)
            : reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`)),
        );
      });
      asking.end(sent.text);
    });
  }
}
