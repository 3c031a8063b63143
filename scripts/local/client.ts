import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { Tree } from "../../src/api/tree.ts";
import type { ApprovalDecision } from "../../src/contracts/approval.ts";
import { Problem } from "../../src/contracts/problem.ts";
import { type CreateTask, TaskView } from "../../src/contracts/task.ts";
import { type StreamMessage, messagesOf } from "./event-stream.ts";
import { Expected } from "./script.ts";
import type { TimelineCommit } from "./timeline.ts";

const RECONNECT_MS = 100;
/** How long a runtime that went away may stay away. */
const AWAY_MS_MAX = 60_000;

/** The members that a link's holder needs. */
const LinkedApproval = z.object({ id: z.string(), link: z.url() });

/** Countersign's HTTP API, as these scripts use it. */
export class Client {
  readonly #url: string;
  readonly #key: string;

  constructor(url: string, key: string) {
    this.#url = url;
    this.#key = key;
  }

  async createTask(task: CreateTask, idempotencyKey: string): Promise<TaskView> {
    const response = await this.#send("POST", "/v1/tasks", task, { "idempotency-key": idempotencyKey });
    return TaskView.parse(await response.json());
  }

  async task(id: string): Promise<TaskView> {
    return TaskView.parse(await (await this.#send("GET", `/v1/tasks/${id}`)).json());
  }

  async tree(id: string): Promise<z.infer<typeof Tree>> {
    return Tree.parse(await (await this.#send("GET", `/v1/tasks/${id}/tree`)).json());
  }

  /** The signed link for an approval's approver. */
  async linkTo(approval: string): Promise<string> {
    const response = await this.#send("GET", `/v1/approvals/${approval}`);
    return LinkedApproval.parse(await response.json()).link;
  }

  async decide(approval: string, decision: ApprovalDecision): Promise<void> {
    await this.#send("POST", `/v1/approvals/${approval}/decision`, decision);
  }

  /** A task's commits from the first on, as they come, until it has ended. Goes on where it was when the runtime was away for a while. */
  async *commits(task: string, signal: AbortSignal): AsyncGenerator<TimelineCommit> {
    let lastId = "0";
    let heardAtMs = performance.now();
    while (!signal.aborted) {
      try {
        for await (const message of this.#stream(task, lastId, signal)) {
          heardAtMs = performance.now();
          if (message.event === "end") return;
          const commit = message.event === "commit" ? commitOf(message) : null;
          if (commit === null) continue;
          lastId = String(commit.seq);
          yield commit;
        }
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof Expected || performance.now() - heardAtMs > AWAY_MS_MAX) throw error;
      }
      await pause(RECONNECT_MS);
    }
  }

  async *#stream(task: string, lastId: string, signal: AbortSignal): AsyncGenerator<StreamMessage> {
    const headers = { ...this.#headers(), accept: "text/event-stream", "last-event-id": lastId };
    const response = await fetch(`${this.#url}/v1/tasks/${task}/events`, { headers, signal });
    await assertOk(response, "GET", "the task's events");
    if (response.body !== null) yield* messagesOf(response.body);
  }

  async #send(
    method: "GET" | "POST",
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: { ...this.#headers(), ...type, ...headers },
      ...sent,
    });
    await assertOk(response, method, path);
    return response;
  }

  #headers(): Readonly<Record<string, string>> {
    return { authorization: `Bearer ${this.#key}` };
  }
}

/** Answers a signed link as a browser does that sends its page's form. */
export async function answerLink(link: string, decision: ApprovalDecision["decision"]): Promise<void> {
  const response = await fetch(link, { method: "POST", body: new URLSearchParams({ decision }) });
  await assertOk(response, "POST", "the signed link");
}

async function assertOk(response: Response, method: string, path: string): Promise<void> {
  if (response.ok) return;
  const text = await response.text();
  const problem = Problem.safeParse(jsonOf(text));
  const why = problem.success
    ? `${problem.data.code}: ${problem.data.detail ?? problem.data.title}`
    : text.slice(0, 500);
  throw new Expected(`${method} ${path} was answered with ${response.status}: ${why}`);
}

/** Our own runtime wrote it, and it sends content to this key; what is checked is that it did. */
function commitOf({ data }: StreamMessage): TimelineCommit | null {
  const commit = jsonOf(data);
  return isCommit(commit) ? commit : null;
}

function isCommit(value: unknown): value is TimelineCommit {
  return (
    typeof value === "object" &&
    value !== null &&
    "seq" in value &&
    "at" in value &&
    "command" in value &&
    "events" in value &&
    Array.isArray(value.events)
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
