import type { Amounts } from "../../contracts/budget.ts";
import type { PinnedModel } from "../../contracts/model.ts";
import type { Choice, Health } from "../../contracts/route.ts";
import type { NewTask } from "../../contracts/task.ts";
import { NOTHING, firstExceeded } from "../budget.ts";
import { fixedBytes } from "../conversation.ts";
import { worstCaseMicroUsd } from "../cost.ts";
import { ESCALATE, rungOf } from "../ladder.ts";
import { type Routed, route, stepOfTurn } from "../routing.ts";
import type { ModelCall, TaskState } from "./state.ts";

/** The model that serves a call: the candidate that was chosen for it, or the task's only one. */
export function servingModel(
  { model, route: table }: NewTask,
  { choice }: Pick<ModelCall, "choice">,
): PinnedModel {
  if (table === undefined || choice === undefined) return model;
  const candidate = table.candidates[choice.candidate];
  if (candidate === undefined) throw new Error("a choice names a candidate of its route");
  return candidate;
}

/** What is to serve the next attempt, and its worst case; or why nobody can. The budget is the caller's to look at. */
export type Serving =
  | { readonly ok: true; readonly wanted: Amounts; readonly choice?: Choice }
  | { readonly ok: false; readonly passed: Choice["passed"] };

export function servingOf(state: TaskState, turn: number, health: Health | null): Serving {
  const inputBytes = inputBytesOf(state);
  const routed = routedOf(state, { turn, health, inputBytes });
  if (routed === null) return { ok: true, wanted: worstCase(state.order.model, inputBytes) };
  if (routed.ok) {
    const { choice } = routed;
    return { ok: true, wanted: worstCase(servingModel(state.order, { choice }), inputBytes), choice };
  }
  const { cheapest, passed } = routed;
  return cheapest === null ? { ok: false, passed } : { ok: true, wanted: worstCase(cheapest, inputBytes) };
}

/** Who would serve the call that is out if it were asked again; null where there is nobody to choose from. */
export function nextServing(state: TaskState, { turn }: ModelCall, health: Health | null): Routed | null {
  return state.order.route === undefined
    ? null
    : routedOf(state, { turn, health, inputBytes: inputBytesOf(state) });
}

function routedOf(
  { order, turns, budget, phase, climb }: TaskState,
  {
    turn,
    health,
    inputBytes,
  }: { readonly turn: number; readonly health: Health | null; readonly inputBytes: number },
): Routed | null {
  const { agent, route: table, latencyObjectiveMs } = order;
  if (table === undefined) return null;
  const lastTools = turns.slice(-1).flatMap(({ calls }) => calls.map(({ tool }) => tool));
  return route(table, {
    step:
      rungOf({ order, ...(climb && { climb }) })?.to === "model"
        ? ESCALATE
        : stepOfTurn(agent, turn, lastTools),
    inputBytes,
    needsTools: agent.tools.length > 0,
    affords: (candidate) => firstExceeded(budget, worstCase(candidate, inputBytes)) === null,
    costOf: (candidate) => worstCase(candidate, inputBytes).costMicroUsd,
    latencyObjectiveMs,
    health,
    tried: (phase.kind === "thinking" && phase.model.tried) || [],
  });
}

function inputBytesOf(state: TaskState): number {
  return fixedBytes(state) + state.messageBytes;
}

/** B1. Input at its UTF-8 bytes, plus the most that the model may answer. */
function worstCase({ price, maxOutputTokens }: PinnedModel, inputBytes: number): Amounts {
  return {
    ...NOTHING,
    turns: 1,
    tokens: inputBytes + maxOutputTokens,
    costMicroUsd: worstCaseMicroUsd(price, inputBytes, maxOutputTokens),
  };
}
