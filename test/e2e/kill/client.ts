import { z } from "zod";
import type { Decision } from "../../../src/contracts/approval.ts";
import { type CreateTask, TaskView } from "../../../src/contracts/task.ts";
import type { Runtime } from "./runtime.ts";

/** An answer; null when none came because the runtime was killed: then nobody knows whether it was done. */
type Maybe<T> = Promise<T | null>;

const Inbox = z.object({ items: z.array(z.object({ id: z.string(), task: z.string(), kind: z.string() })) });
export type InboxItem = Readonly<z.infer<typeof Inbox>["items"][number]>;
const Question = z.object({ question: z.object({ kind: z.string(), callId: z.string() }) });
const Decided = z.object({ state: z.enum(["approved", "denied"]) });
const Verified = z.object({ state: z.enum(["intact", "pending", "broken"]) });
const CommitTold = z.object({
  seq: z.int(),
  hash: z.string(),
  events: z.array(z.object({ type: z.string() })),
});
export type CommitTold = Readonly<z.infer<typeof CommitTold>>;
const Problem = z.object({ code: z.string() });

const ANSWER_MS_MAX = 10_000;

/** One caller's way to a runtime that may die at any moment. Anything but the answer that was hoped for is an error. */
export class Client {
  readonly #runtime: Runtime;
  readonly #key: string;

  constructor(runtime: Runtime, key: string) {
    this.#runtime = runtime;
    this.#key = key;
  }

  create(idempotencyKey: string, order: z.input<typeof CreateTask>): Maybe<TaskView> {
    return this.#ask("/v1/tasks", TaskView, { body: order, idempotencyKey });
  }

  view(task: string): Maybe<TaskView> {
    return this.#ask(`/v1/tasks/${task}`, TaskView);
  }

  async openApprovals(): Promise<readonly InboxItem[]> {
    return (await this.#ask("/v1/approvals?limit=200", Inbox))?.items ?? [];
  }

  async callAskedAbout(approval: string): Maybe<string> {
    return (await this.#ask(`/v1/approvals/${approval}`, Question))?.question.callId ?? null;
  }

  /** "closed": it was answered before. */
  async decide(approval: string, decision: Decision): Maybe<"decided" | "closed"> {
    const path = `/v1/approvals/${approval}/decision`;
    const answer = await this.#ask(path, z.union([Decided, Problem]), { body: { decision }, mayRefuse: 409 });
    if (answer === null) return null;
    return "code" in answer ? "closed" : "decided";
  }

  async auditState(task: string): Maybe<"intact" | "pending" | "broken"> {
    return (await this.#ask(`/v1/audit/verify?task=${task}`, Verified))?.state ?? null;
  }

  /**
   * Reads a task's commits as they come, until one satisfies `isLast` or `signal` aborts. Resolves with those it was told; a
   * runtime that dies ends it as well.
   */
  async follow(
    task: string,
    of: {
      readonly after: number;
      readonly signal: AbortSignal;
      readonly isLast: (commit: CommitTold) => boolean;
    },
  ): Promise<readonly CommitTold[]> {
    const told: CommitTold[] = [];
    try {
      const url = await this.#runtime.url(`/v1/tasks/${task}/events?after=${of.after}`);
      const headers = { authorization: `Bearer ${this.#key}`, accept: "text/event-stream" };
      const response = await fetch(url, { headers, signal: of.signal });
      for await (const commit of commitsOf(response.body)) {
        told.push(commit);
        if (of.isLast(commit)) break;
      }
    } catch {
      // Called off, or killed: what was told before still counts.
    }
    return told;
  }

  async #ask<T>(
    path: string,
    schema: z.ZodType<T>,
    of: { readonly body?: unknown; readonly idempotencyKey?: string; readonly mayRefuse?: number } = {},
  ): Maybe<T> {
    const url = await this.#runtime.url(path);
    const answer = await exchange(url, this.#key, of);
    if (answer === null) return null;
    if (answer.status >= 400 && answer.status !== of.mayRefuse)
      throw new Error(`${path} was answered with ${answer.status}: ${answer.text}`);
    return schema.parse(JSON.parse(answer.text));
  }
}

async function exchange(
  url: URL,
  key: string,
  { body, idempotencyKey }: { readonly body?: unknown; readonly idempotencyKey?: string },
): Maybe<{ readonly status: number; readonly text: string }> {
  const headers = new Headers({ authorization: `Bearer ${key}`, "content-type": "application/json" });
  if (idempotencyKey !== undefined) headers.set("idempotency-key", idempotencyKey);
  try {
    const response = await fetch(url, {
      method: body === undefined ? "GET" : "POST",
      headers,
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, text: await response.text() };
  } catch {
    return null;
  }
}

/** The commits of an event stream; its partials and its end are passed over. */
async function* commitsOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<CommitTold> {
  let unread = "";
  for await (const text of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const messages = (unread + text).split("\n\n");
    unread = messages.pop() ?? "";
    for (const message of messages) {
      const data = /^data: (.*)$/m.exec(message)?.[1];
      if (/^event: commit$/m.test(message) && data !== undefined) yield CommitTold.parse(JSON.parse(data));
    }
  }
}
