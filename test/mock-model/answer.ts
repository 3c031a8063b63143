import { setTimeout as pause } from "node:timers/promises";
import type { ServerResponse } from "node:http";
import { Attempts, faultAt } from "./attempts.ts";
import { BackgroundWork } from "./background.ts";
import { chatWire } from "./chat-wire.ts";
import { messagesWire } from "./messages-wire.ts";
import type { Fault, NamedActions, Plan, Reply } from "./plan.ts";
import { cutOff, malformed, readPlan, replyAt, turnReached } from "./plan.ts";
import { responsesWire } from "./responses-wire.ts";
import type { Asked, Facts, Refusal, Wire } from "./wire.ts";
import { isRecord } from "./wire.ts";

export interface ModelOptions {
  readonly named: NamedActions;
  /** Think time of a turn whose plan names none. */
  readonly delayMs: number;
}

export const WIRE_OF: Readonly<Record<string, Wire>> = {
  "/v1/responses": responsesWire,
  "/v1/chat/completions": chatWire,
  "/v1/messages": messagesWire,
};

export interface Received {
  readonly body: string;
  /** The idempotency key; empty without one. */
  readonly key: string;
}

/** The model itself: reads a request of any protocol, finds plan and turn in it, and answers as the plan says. */
export class MockModel {
  readonly attempts = new Attempts();
  readonly background = new BackgroundWork();
  readonly #options: ModelOptions;
  /** Many tasks of a bench share one plan text, so it is parsed once. Cleared when it grows. */
  readonly #planOf = new Map<string, Plan>();
  #replies = 0;

  constructor(options: ModelOptions) {
    this.#options = options;
  }

  get replies(): number {
    return this.#replies;
  }

  async answer(wire: Wire, { body, key }: Received, response: ServerResponse): Promise<void> {
    const parsed = parse(body);
    if (!isRecord(parsed)) return refuse(response, wire.invalid("The body is not a JSON object."));
    const asked = wire.read(parsed);
    const plan = asked.userText === undefined ? undefined : this.#plan(asked.userText);
    if (plan === undefined) return refuse(response, wire.invalid("The first user text holds no plan."));
    this.#replies += 1;
    const turn = turnReached(asked.callIds, asked.plainReplies);
    const attempt = this.attempts.next(plan, asked.userText ?? "", turn);
    const delayMs = plan.delayMs ?? this.#options.delayMs;
    const reply = replyAt(plan, turn, this.#options.named);
    const facts = this.#facts(asked, reply, body.length);
    const fault = faultAt(plan, turn, attempt);
    if (parsed["background"] === true && fault === undefined) {
      const done = { ...wire.whole(reply, facts), background: true, metadata: parsed["metadata"] };
      const work = { delayMs, key, pollAfterMs: plan.pollAfterMs };
      return sendJson(response, 200, this.background.takeOn(done, work));
    }
    if (delayMs > 0) await pause(delayMs);
    const telling = { wire, asked, facts, plan, response };
    await (fault === undefined ? tell(telling, reply) : fail(telling, reply, fault, attempt));
  }

  #plan(text: string): Plan | undefined {
    const known = this.#planOf.get(text);
    if (known !== undefined) return known;
    const plan = readPlan(text);
    if (this.#planOf.size > 10_000) this.#planOf.clear();
    if (plan !== undefined) this.#planOf.set(text, plan);
    return plan;
  }

  #facts(asked: Asked, reply: Reply, bytes: number): Facts {
    const said = reply.calls.reduce((sum, call) => sum + call.argsText.length + call.tool.length, 0);
    return {
      id: String(this.#replies),
      model: asked.model,
      atS: Math.floor(Date.now() / 1000),
      inputTokens: Math.ceil(bytes / 4),
      outputTokens: Math.ceil((said + (reply.text?.length ?? 0)) / 4),
      usageInStream: asked.usageInStream,
    };
  }
}

interface Telling {
  readonly wire: Wire;
  readonly asked: Asked;
  readonly facts: Facts;
  readonly plan: Plan;
  readonly response: ServerResponse;
}

async function tell(telling: Telling, reply: Reply): Promise<void> {
  const { wire, asked, facts, plan, response } = telling;
  if (!asked.stream) return sendJson(response, 200, wire.whole(reply, facts));
  await sendFrames(response, wire.stream(reply, facts), plan.chunkDelayMs);
  response.end();
}

async function fail(telling: Telling, reply: Reply, fault: Fault, attempt: number): Promise<void> {
  const { wire, asked, facts, plan, response } = telling;
  switch (fault.kind) {
    case "rate_limited":
    case "quota_exhausted":
    case "server_error":
    case "overloaded":
      return refuse(response, wire.refuse(fault.kind, fault.retryAfterS));
    case "overloaded_midstream": {
      if (!asked.stream) return refuse(response, wire.refuse("overloaded", fault.retryAfterS));
      const frames = [...firstHalf(wire.stream(reply, facts)), ...wire.midstreamFailure(facts)];
      await sendFrames(response, frames, plan.chunkDelayMs);
      response.end();
      return;
    }
    case "cut_off":
      return tell(telling, cutOff(reply));
    case "malformed_args":
      return tell(telling, malformed(reply, attempt));
    case "disconnected":
      return disconnect(telling, reply);
    case "malformed_body":
      response.writeHead(200, { "content-type": "application/json" }).end('{"id":"resp_');
      return;
    case "hang":
      return;
  }
}

/** Sends half of the reply and drops the connection. */
async function disconnect(telling: Telling, reply: Reply): Promise<void> {
  const { wire, asked, facts, plan, response } = telling;
  if (asked.stream) {
    await sendFrames(response, firstHalf(wire.stream(reply, facts)), plan.chunkDelayMs);
  } else {
    const text = JSON.stringify(wire.whole(reply, facts));
    response.writeHead(200, { "content-type": "application/json", "content-length": text.length });
    response.write(text.slice(0, text.length / 2));
  }
  // What was written leaves before the connection goes, so that the reader sees a reply that breaks off.
  setImmediate(() => response.destroy());
}

function firstHalf(frames: readonly string[]): readonly string[] {
  return frames.slice(0, Math.max(2, Math.floor(frames.length / 2)));
}

async function sendFrames(
  response: ServerResponse,
  frames: readonly string[],
  delayMs: number,
): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
  if (delayMs === 0) {
    response.write(frames.join(""));
    return;
  }
  for (const frame of frames) {
    if (response.destroyed) return;
    response.write(frame);
    await pause(delayMs);
  }
}

function refuse(response: ServerResponse, refusal: Refusal): void {
  sendJson(response, refusal.status, refusal.body, refusal.headers);
}

const encoder = new TextEncoder();

/** One write with its length: the shortest way out. */
export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const bytes = encoder.encode(JSON.stringify(body));
  response.writeHead(status, {
    ...headers,
    "content-type": "application/json",
    "content-length": bytes.length,
  });
  response.end(bytes);
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
