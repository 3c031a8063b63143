import type { ModelRequest } from "../../../src/contracts/model.ts";
import { proposalHashOf } from "../../../src/core/binding.ts";
import { decodeBody } from "../../../src/core/task/commit.ts";
import { modelOf } from "../../../src/core/task/model-call.ts";
import { openCalls } from "../../../src/core/task/state.ts";
import { utf8Bytes } from "../../../src/core/text.ts";
import type { ToolRequest } from "../../../src/contracts/call.ts";
import { coreFunctions } from "../../../src/wiring.ts";
import type { Via } from "../ledger.ts";
import type { CallRecord, Report, Witness } from "./witness.ts";

/** Stands outside and looks at everything as it leaves for there, beside what is durable at that moment. */
export class Departures {
  readonly #report: Report;
  readonly #witnessOf: (task: string) => Witness | undefined;
  /** Attempts that arrived, and by which key each proposal was sent. */
  readonly #attempts = new Set<string>();
  readonly #keys = new Map<string, string>();

  constructor(witnessOf: (task: string) => Witness | undefined, report: Report) {
    this.#witnessOf = witnessOf;
    this.#report = report;
  }

  /** J1, P1, E1, E2 as the outside world sees them. */
  tool(request: ToolRequest, via: Via): void {
    const { id, attempt, task } = request.context;
    const witness = this.#witnessOf(task);
    const record = witness?.calls.get(id);
    if (witness === undefined || record === undefined)
      return this.#report("J1", `${id} leaves, and was never proposed`);
    const allowed = via === "inline" ? record.inline : record.claimed;
    if (!allowed.has(attempt)) this.#report("J1", `${id}#${attempt} leaves ${via}, and was never let go`);
    if (via === "inline" && record.outcome !== null)
      this.#report("E1", `${id}#${attempt} leaves, and is settled`);
    if (this.#attempts.has(`${id}#${attempt}`)) this.#report("E2", `${id}#${attempt} leaves again`);
    this.#attempts.add(`${id}#${attempt}`);
    this.#keepsKey(request, record);
    this.#isWhatWasJudged(request, record, witness);
  }

  /** J1, B1: a model call is intended, and all that it can cost is set aside. */
  model(request: ModelRequest, via: Via, task: string): void {
    const { id, attempt } = request;
    this.#servesAsChosen(request, task);
    const state = this.#witnessOf(task)?.state ?? null;
    const model = state === null ? null : modelOf(state);
    if (model?.id !== id || model.attempt !== attempt) {
      // A consumer may come to it when its lease has run out, and another attempt is out already.
      if (!this.#wasLetGo(task, request, via))
        this.#report("J1", `${id}#${attempt} asks the model, and was never intended`);
      return;
    }
    const at = via === "inline" ? "intended" : "claimed";
    if (model.progress.at !== at)
      this.#report("J1", `${id}#${attempt} asks the model while ${model.progress.at}`);
    if (model.reserved.tokens < tokensAtMost(request) || model.reserved.turns < 1)
      this.#report("B1", `${id}#${attempt} asks the model, and too little is set aside`);
  }

  /** Who is asked is who was chosen for the attempt, in every particular. */
  #servesAsChosen({ id, attempt, model }: ModelRequest, task: string): void {
    const chosen = this.#witnessOf(task)?.routes.modelOf({ call: id, attempt });
    if (chosen !== undefined && JSON.stringify(chosen) !== JSON.stringify(model))
      this.#report("route", `${id}#${attempt} asks ${model.model}, and ${chosen.model} was chosen`);
  }

  /** E2. A proposal of a write has one key for life. */
  #keepsKey({ context, tool }: ToolRequest, { proposalHash }: CallRecord): void {
    const key = this.#keys.get(proposalHash);
    if (key !== undefined && key !== context.id && tool.effect !== "read")
      this.#report("E2", `the proposal of ${context.id} was sent under ${key} before`);
    this.#keys.set(proposalHash, context.id);
  }

  /** P1. The arguments are those proposed, and the hash that was judged is theirs. */
  #isWhatWasJudged(request: ToolRequest, record: CallRecord, { order, state }: Witness): void {
    const { context, args, tool } = request;
    if (record.args !== JSON.stringify(args)) this.#report("P1", `${context.id} leaves with other arguments`);
    const call = state === null ? undefined : openCalls(state).find(({ id }) => id === context.id);
    if (call === undefined) return;
    const { turn, index } = call;
    const name = { turn, index, tool: tool.name, toolVersion: tool.version, args };
    if (proposalHashOf(order, name, coreFunctions) !== record.proposalHash)
      this.#report("P1", `${context.id} leaves, and something else was judged`);
  }

  #wasLetGo(task: string, { id, attempt }: ModelRequest, via: Via): boolean {
    const letGo = via === "inline" ? "modelCallIntended" : "modelCallClaimed";
    return (this.#witnessOf(task)?.rows ?? []).some((row) =>
      decodeBody(row).events.some(
        (event) => event.type === letGo && event.call === id && event.attempt === attempt,
      ),
    );
  }
}

/** Input at its UTF-8 bytes, less the brackets and commas between messages, which are not the model's; and all that it may answer. */
function tokensAtMost({ messages, tools, instructions, model }: ModelRequest): number {
  const messageBytes = messages.reduce((bytes, message) => bytes + utf8Bytes(JSON.stringify(message)), 0);
  return messageBytes + utf8Bytes(JSON.stringify(tools)) + utf8Bytes(instructions) + model.maxOutputTokens;
}
