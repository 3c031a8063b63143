import { setTimeout as wait } from "node:timers/promises";
import type { Decision } from "../../../src/contracts/approval.ts";
import type { Random } from "../../simulation/random.ts";
import type { Client, InboxItem } from "./client.ts";
import type { Answer } from "./evidence.ts";

export interface ApproverParts {
  readonly client: Client;
  readonly random: Random;
  /** What to say to a call of this task; null while the task is not known. */
  readonly decisionFor: (task: string) => Decision | null;
  /** Whether a call has taken effect, as its tool's own books say. */
  readonly tookEffect: (task: string, call: string) => Promise<boolean>;
}

const LOOK_MS = 80;
const THINK_MS_MAX = 150;
const AGAIN_MS = 50;

/** Works through the inbox like a human would, only faster; says each thing until it knows that it was heard. */
export class Approver {
  readonly answers = new Map<string, Answer>();
  readonly #parts: ApproverParts;
  readonly #begun = new Set<string>();
  #fault: Error | null = null;

  constructor(parts: ApproverParts) {
    this.#parts = parts;
  }

  /** Until `over`. Rejects when an answer is not taken as it should be. */
  async work(over: () => boolean): Promise<void> {
    const answering: Promise<void>[] = [];
    while (!over() && this.#fault === null) {
      for (const item of await this.#parts.client.openApprovals()) {
        const decision = this.#parts.decisionFor(item.task);
        if (decision === null || this.#begun.has(item.id)) continue;
        this.#begun.add(item.id);
        answering.push(this.#answer(item, decision, over).catch((error: unknown) => this.#fail(error)));
      }
      await wait(LOOK_MS);
    }
    await Promise.all(answering);
    if (this.#fault !== null) throw this.#fault;
  }

  #fail(error: unknown): void {
    this.#fault ??= error instanceof Error ? error : new Error(String(error));
  }

  async #answer(item: InboxItem, forCalls: Decision, over: () => boolean): Promise<void> {
    await wait(this.#parts.random.int(0, THINK_MS_MAX));
    const decision = await this.#decisionOn(item, forCalls, over);
    if (decision === null) return;
    const { id: approval, task, kind } = item;
    this.answers.set(approval, { approval, task, kind, decision, firstTriedAtMs: Date.now() });
    for (let tries = 1; !over(); tries++) {
      const heard = await this.#parts.client.decide(approval, decision);
      // A question whether to send again is closed when the call's own result still comes in.
      if (heard === "closed" && tries === 1 && kind !== "resend")
        throw new Error(`${approval} was closed before anybody answered it.`);
      if (heard !== null) return;
      await wait(AGAIN_MS);
    }
  }

  /** Whoever is asked whether to send a call again looks into the tool's books first. */
  async #decisionOn(
    { id, task, kind }: InboxItem,
    forCalls: Decision,
    over: () => boolean,
  ): Promise<Decision | null> {
    if (kind === "call") return forCalls;
    if (kind !== "resend") throw new Error(`Nobody expected a question about ${kind}.`);
    while (!over()) {
      const call = await this.#parts.client.callAskedAbout(id);
      if (call !== null) return (await this.#parts.tookEffect(task, call)) ? "deny" : "approve";
      await wait(AGAIN_MS);
    }
    return null;
  }
}
