import type { Amounts } from "../../contracts/budget.ts";
import type { ModelFailure, ModelReply } from "../../contracts/model.ts";
import { NOTHING, overran } from "../budget.ts";
import { textOf } from "../conversation.ts";
import { costMicroUsd } from "../cost.ts";
import { misfitOf } from "../delegation.ts";
import { hasLadder } from "../ladder.ts";
import type { Command, ModelReplied, ModelSubmitted } from "./command.ts";
import type { TaskRefusal } from "./refusal.ts";
import type { Draft } from "./draft.ts";
import { complete } from "./ending.ts";
import { advance, noteAuthority } from "./judging.ts";
import { failModelCall, failStep, modelOf, stopForOverrun, triesUntilMs } from "./model-call.ts";
import { propose } from "./proposing.ts";
import { servingModel } from "./serving.ts";
import { resolveDoubts } from "./settle.ts";
import type { ModelCall, TaskState } from "./state.ts";

/** A task that needs an allowance begins with the answer that brings it. */
export function decideStart(draft: Draft): TaskRefusal | null {
  const { phase, order } = draft.state;
  if (phase.kind === "queued" && order.allowance === undefined) start(draft);
  return null;
}

export function start(draft: Draft): void {
  draft.emit({ type: "taskStarted" });
  resolveDoubts(draft);
  advance(draft);
}

/** Streamed text is kept in packed chunks, so that a crash loses little of what was paid for. */
export function decideStreamed(
  draft: Draft,
  command: Extract<Command, { type: "outputStreamed" }>,
): TaskRefusal | null {
  if (isOut(draft.state, command))
    draft.emit({ type: "outputStreamed", call: command.call, attempt: command.attempt });
  return null;
}

export function decideReply(draft: Draft, command: ModelReplied): TaskRefusal | null {
  const model = modelOf(draft.state);
  if (model === null || !isOut(draft.state, command)) return null;
  const { reply, authority } = command;
  if (authority !== undefined) noteAuthority(draft, authority.active);
  if (reply.stop === "failed")
    failModelCall(draft, model, {
      failure: reply.failure,
      used: usedBy(draft.state, model, reply),
      interrupted: false,
    });
  else takeReply(draft, model, reply);
  return null;
}

/** The provider has taken the call on: its response is looked after from here on, whatever becomes of whoever asked for it. */
export function decideSubmitted(draft: Draft, command: ModelSubmitted): TaskRefusal | null {
  const model = modelOf(draft.state);
  if (model === null || model.progress.at === "submitted" || !isOut(draft.state, command)) return null;
  if (command.authority !== undefined) noteAuthority(draft, command.authority.active);
  const { id: call, attempt } = model;
  draft.emit({ type: "modelCallSubmitted", call, attempt, untilMs: workUntilMs(draft, model) });
  return null;
}

export function decideDropped(
  draft: Draft,
  { response }: Extract<Command, { type: "responseDropped" }>,
): TaskRefusal | null {
  if (draft.state.unwanted?.some((one) => one.response === response))
    draft.emit({ type: "responseDropped", response });
  return null;
}

/** What a model is given for its work in the background: no more than a step that went to it has left. */
function workUntilMs({ state, nowMs }: Draft, model: ModelCall): number {
  const { backgroundMs = 0 } = servingModel(state.order, model);
  return Math.min(nowMs + backgroundMs, triesUntilMs(state));
}

function takeReply(
  draft: Draft,
  model: ModelCall,
  reply: Extract<ModelReply, { usage: object; parts: object }>,
): void {
  const before = draft.state.budget;
  draft.emit({
    type: "modelReplied",
    call: model.id,
    attempt: model.attempt,
    used: usedBy(draft.state, model, reply),
  });
  if (overran(before, draft.state.budget)) return stopForOverrun(draft);
  const text = textOf(reply.parts);
  if (reply.stop === "end") return takeAnswer(draft, text);
  if (reply.stop === "refusal")
    return failStep(draft, "model", "refused_by_policy", "The model declined the task.");
  propose(draft, model.turn, reply.parts);
  advance(draft);
}

/** An answer that is not what was asked for is its asker's to deal with, unless the agent has a ladder. */
function takeAnswer(draft: Draft, text: string): void {
  const { answerSchema } = draft.state.order;
  const misfit = answerSchema && hasLadder(draft.state) ? misfitOf(answerSchema, text, draft.fns) : null;
  if (misfit === null) complete(draft, text);
  else failStep(draft, "answer", "output_invalid", misfit);
}

/** What an attempt is charged: what the provider says it used; a turn only for a reply; the whole reservation when nobody can say. */
function usedBy(state: TaskState, model: ModelCall, reply: ModelReply): Amounts {
  const { usage } = reply;
  if (usage === undefined) {
    const isFree = isUnclaimed(model) || (reply.stop === "failed" && neverRan(reply.failure));
    return isFree ? NOTHING : { ...model.reserved, turns: 0 };
  }
  return {
    ...NOTHING,
    turns: reply.stop === "failed" ? 0 : 1,
    tokens: usage.inputTokens + usage.outputTokens,
    costMicroUsd: costMicroUsd(servingModel(state.order, model).price, usage),
  };
}

/** Nobody took the call from its queue, so nobody asked the model. */
function isUnclaimed({ progress }: ModelCall): boolean {
  return progress.at === "intended" && progress.placement === "queued";
}

/** Providers charge nothing for what they turned away at the door, nor for what a guard did. */
function neverRan(failure: ModelFailure): boolean {
  return [
    "rate_limited",
    "overloaded",
    "invalid_request",
    "context_too_long",
    "unauthorized",
    "quota_exhausted",
    "turned_away",
  ].includes(failure.code);
}

function isOut(state: TaskState, of: { readonly call: string; readonly attempt: number }): boolean {
  const model = modelOf(state);
  return OUT.has(model?.progress.at) && model?.id === of.call && model.attempt === of.attempt;
}

const OUT: ReadonlySet<string | undefined> = new Set(["intended", "claimed", "submitted"]);
