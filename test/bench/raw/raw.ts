import { DurableObject } from "cloudflare:workers";

/**
 * The baseline of the bench: the least that anyone would write by hand for the same task. One Durable Object a task; the loop in
 * `alarm()`; plain `fetch` to the model; one SQLite row a step, so a task that was killed goes on from its last step. No checks,
 * no approvals, no budget, no audit, no versions, no keys: nothing of what Countersign adds.
 */
interface RawEnv {
  readonly TASKS: DurableObjectNamespace<RawTask>;
  readonly MODEL_URL: string;
  readonly TOOL_URL: string;
  /** Reaches models and tools past Miniflare's outbound Worker, where the bench gives it. */
  readonly EGRESS?: Fetcher;
}

interface ToolCall {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
}

type ChatMessage =
  | { readonly role: "user"; readonly content: string }
  | { readonly role: "assistant"; readonly content: string | null; readonly tool_calls?: readonly ToolCall[] }
  | { readonly role: "tool"; readonly tool_call_id: string; readonly content: string };

interface Completion {
  readonly choices: readonly [{ readonly message: ChatMessage & { readonly role: "assistant" } }];
}

const TOOLS = ["echo", "slow_echo"].map((name) => ({
  type: "function",
  function: {
    name,
    description: "Answers with what it was sent.",
    parameters: { type: "object", properties: { turn: { type: "number" }, index: { type: "number" } } },
  },
}));

export class RawTask extends DurableObject<RawEnv> {
  readonly #waiting: ((steps: number) => void)[] = [];
  readonly #readers: WritableStreamDefaultWriter<Uint8Array>[] = [];

  start(text: string): void {
    this.ctx.storage.sql.exec("CREATE TABLE steps (seq INTEGER PRIMARY KEY, message TEXT NOT NULL)");
    this.#append([], { role: "user", content: text });
    void this.ctx.storage.setAlarm(Date.now());
  }

  /** Answers when the task has ended, with its number of steps. */
  async end(): Promise<number> {
    const steps = this.#steps();
    if (isFinal(steps.at(-1))) return steps.length;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** A server-sent event for each step. */
  override fetch(): Response {
    const { readable, writable } = new TransformStream<Uint8Array>();
    const reader = writable.getWriter();
    this.#readers.push(reader);
    for (const step of this.#steps()) tell(reader, JSON.stringify(step));
    return new Response(readable, { headers: { "content-type": "text/event-stream" } });
  }

  override async alarm(): Promise<void> {
    const messages = this.#steps();
    while (!isFinal(messages.at(-1))) {
      const reply = await this.#complete(messages);
      this.#append(messages, reply);
      const results = await Promise.all((reply.tool_calls ?? []).map((call) => this.#call(call)));
      for (const result of results) this.#append(messages, result);
    }
    for (const resolve of this.#waiting) resolve(messages.length);
    for (const reader of this.#readers) reader.close().catch(() => {});
  }

  #steps(): ChatMessage[] {
    return this.ctx.storage.sql
      .exec<{ message: string }>("SELECT message FROM steps ORDER BY seq")
      .toArray()
      .map((row) => JSON.parse(row.message) as ChatMessage);
  }

  #append(messages: ChatMessage[], message: ChatMessage): void {
    messages.push(message);
    const text = JSON.stringify(message);
    this.ctx.storage.sql.exec("INSERT INTO steps (message) VALUES (?)", text);
    for (const reader of this.#readers) tell(reader, text);
  }

  async #complete(messages: readonly ChatMessage[]): Promise<Completion["choices"][0]["message"]> {
    const response = await this.#send(`${this.env.MODEL_URL}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: "Bearer mock" },
      body: JSON.stringify({ model: "gpt-mock", messages, tools: TOOLS }),
    });
    const completion: Completion = await response.json();
    return completion.choices[0].message;
  }

  #send(url: string, init: RequestInit): Promise<Response> {
    return this.env.EGRESS === undefined ? fetch(url, init) : this.env.EGRESS.fetch(url, init);
  }

  async #call(call: ToolCall): Promise<ChatMessage> {
    const content =
      call.function.name === "slow_echo"
        ? await this.#slowEcho(call)
        : JSON.stringify({ echo: call.function.arguments });
    return { role: "tool", tool_call_id: call.id, content };
  }

  async #slowEcho(call: ToolCall): Promise<string> {
    const response = await this.#send(`${this.env.TOOL_URL}/tools/echo?delayMs=20`, {
      method: "POST",
      headers: { "content-type": "application/json", "idempotency-key": call.id },
      body: call.function.arguments,
    });
    return response.text();
  }
}

function isFinal(message: ChatMessage | undefined): boolean {
  return message?.role === "assistant" && message.tool_calls === undefined;
}

/** A reader that went away is nobody's concern. */
function tell(reader: WritableStreamDefaultWriter<Uint8Array>, text: string): void {
  reader.write(new TextEncoder().encode(`data: ${text}\n\n`)).catch(() => {});
}

export default {
  async fetch(request, env): Promise<Response> {
    const [, , id, part] = new URL(request.url).pathname.split("/");
    if (request.method === "POST") {
      const order: { text: string } = await request.json();
      const name = crypto.randomUUID();
      await env.TASKS.getByName(name).start(order.text);
      return Response.json({ id: name }, { status: 202 });
    }
    if (id === undefined) return new Response(null, { status: 404 });
    const task = env.TASKS.getByName(id);
    if (part === "events") return task.fetch(request);
    return Response.json({ steps: await task.end() });
  },
} satisfies ExportedHandler<RawEnv>;
