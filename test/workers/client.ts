import { env, exports } from "cloudflare:workers";
import { vi } from "vitest";
import { SCOPES, type Scope } from "../../src/contracts/access.ts";
import type { TaskStatus, TaskView } from "../../src/contracts/task.ts";
import { mintKey, putKey } from "../../src/storage/api-keys.ts";

const deadline = { timeout: 10_000, interval: 10 };

/** A caller of the Worker, with a key of their own. */
export class Client {
  readonly key: string;
  readonly keyId: string;

  private constructor(key: string, keyId: string) {
    this.key = key;
    this.keyId = keyId;
  }

  static async of(tenant: string, principal: string, scopes: readonly Scope[] = SCOPES): Promise<Client> {
    const { key, id } = mintKey();
    const { sql, params } = putKey({ key, id }, { tenant, principal, scopes, expiresAtMs: null }, Date.now());
    await env.DB.prepare(sql)
      .bind(...params)
      .run();
    return new Client(key, id);
  }

  async get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return await exports.default.fetch(`http://api.test${path}`, {
      headers: { ...this.#auth(), ...headers },
    });
  }

  async post(path: string, body: object = {}, headers: Record<string, string> = {}): Promise<Response> {
    return await exports.default.fetch(`http://api.test${path}`, {
      method: "POST",
      headers: { ...this.#auth(), "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  }

  async create(agent: string): Promise<TaskView> {
    const response = await this.post("/v1/tasks", {
      agent,
      input: { text: "Pay the order." },
      interactive: true,
    });
    return await response.json<TaskView>();
  }

  /** The task as soon as it has this status. */
  async until(task: string, status: TaskStatus): Promise<TaskView> {
    return await vi.waitFor(async () => {
      const view = await (await this.get(`/v1/tasks/${task}`)).json<TaskView>();
      if (view.status !== status) throw new Error(`the task is ${view.status}`);
      return view;
    }, deadline);
  }

  /** The JSON at this path as soon as it is right. */
  async eventually<T>(path: string, isRight: (value: T) => boolean): Promise<T> {
    return await vi.waitFor(async () => {
      const value = await (await this.get(path)).json<T>();
      if (!isRight(value)) throw new Error(`not yet: ${JSON.stringify(value)}`);
      return value;
    }, deadline);
  }

  async stream(task: string, afterId?: number): Promise<EventReader> {
    const from: Record<string, string> = afterId === undefined ? {} : { "last-event-id": String(afterId) };
    const response = await this.get(`/v1/tasks/${task}/events`, { accept: "text/event-stream", ...from });
    return new EventReader(response);
  }

  #auth(): Record<string, string> {
    return { authorization: `Bearer ${this.key}` };
  }
}

export interface StreamEvent {
  readonly id: number | null;
  readonly event: string;
  readonly data: unknown;
}

/** Reads server-sent events one by one. */
export class EventReader {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";

  constructor(response: Response) {
    if (response.status !== 200 || response.body === null) throw new Error(`no stream: ${response.status}`);
    this.#reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next event; null at the end of the stream. Comments and settings are passed over. */
  async next(): Promise<StreamEvent | null> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end >= 0) {
        const lines = this.#text.slice(0, end).split("\n");
        this.#text = this.#text.slice(end + 2);
        const event = eventIn(lines);
        if (event !== null) return event;
        continue;
      }
      const { done, value } = await this.#reader.read();
      if (done) return null;
      this.#text += value;
    }
  }

  /** All events up to and with the first that is right, or to the end of the stream. */
  async until(isRight: (event: StreamEvent) => boolean): Promise<readonly StreamEvent[]> {
    const events: StreamEvent[] = [];
    for (;;) {
      const event = await this.next();
      if (event === null) return events;
      events.push(event);
      if (isRight(event)) return events;
    }
  }

  async close(): Promise<void> {
    await this.#reader.cancel();
  }
}

function eventIn(lines: readonly string[]): StreamEvent | null {
  const field = (name: string): string | undefined =>
    lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
  const [id, event, data] = [field("id"), field("event"), field("data")];
  if (event === undefined || data === undefined) return null;
  return { id: id === undefined ? null : Number(id), event, data: JSON.parse(data) };
}
