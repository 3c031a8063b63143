import type { Amounts } from "../../../src/contracts/budget.ts";
import type { PinnedModel } from "../../../src/contracts/model.ts";
import { type Candidate, type Choice, type Health, nameOf } from "../../../src/contracts/route.ts";
import type { NewTask } from "../../../src/contracts/task.ts";
import { NOTHING, firstExceeded } from "../../../src/core/budget.ts";
import { fixedBytes } from "../../../src/core/conversation.ts";
import { costMicroUsd, worstCaseMicroUsd } from "../../../src/core/cost.ts";
import { type Tried, route, stepOfTurn } from "../../../src/core/routing.ts";
import type { Command } from "../../../src/core/task/command.ts";
import type { Event } from "../../../src/core/task/event.ts";
import type { TaskState } from "../../../src/core/task/state.ts";
import type { Check, Seen, Witness } from "./witness.ts";

type Intended = Extract<Event, { type: "modelCallIntended" }>;

/** One attempt at a model call: what was chosen for it, and what was known then. */
interface Asked {
  readonly choice: Choice | undefined;
  readonly tried: readonly Tried[];
  readonly health: Health | null;
}

interface Used {
  readonly tokens: number;
  readonly costMicroUsd: number;
}

/** A second book of who served a task's model calls, and what each was paid, kept from its events alone. */
export class RouteBook {
  readonly #order: NewTask;
  readonly #asked = new Map<string, Asked>();
  readonly #tried = new Map<string, readonly Tried[]>();
  readonly #used = new Map<string, Used>();
  #health: Health | null = null;
  /** The attempt that is out, and what is set aside for it. */
  #out: { readonly name: string; readonly reserved: Amounts } | null = null;

  constructor(order: NewTask) {
    this.#order = order;
  }

  get used(): ReadonlyMap<string, Used> {
    return this.#used;
  }

  asked(of: { readonly call: string; readonly attempt: number }): Asked | undefined {
    return this.#asked.get(keyOf(of));
  }

  /** The model that was chosen for an attempt. */
  modelOf(of: { readonly call: string; readonly attempt: number }): PinnedModel | undefined {
    const asked = this.asked(of);
    const { route: table, model } = this.#order;
    return asked?.choice === undefined ? model : table?.candidates[asked.choice.candidate];
  }

  take(event: Event, { health }: Command): void {
    this.#health = health ?? this.#health;
    if (event.type === "modelCallIntended") this.#intended(event);
    if (event.type === "modelReplied" || event.type === "modelCallFailed") this.#answered(event);
    if (event.type === "taskCompleted" || event.type === "taskFailed" || event.type === "taskCanceled")
      this.#ended();
  }

  #intended(event: Intended): void {
    const tried = this.#tried.get(event.call) ?? [];
    this.#asked.set(keyOf(event), { choice: event.choice, tried, health: this.#health });
    this.#out = { name: this.#nameOf(event), reserved: event.reserved };
  }

  #answered(event: Extract<Event, { type: "modelReplied" | "modelCallFailed" }>): void {
    this.#out = null;
    this.#pay(this.#nameOf(event), event.used);
    const choice = this.asked(event)?.choice;
    if (event.type !== "modelCallFailed" || event.interrupted || choice === undefined) return;
    const failed = { candidate: choice.candidate, again: event.failure.retryable };
    this.#tried.set(event.call, [...(this.#tried.get(event.call) ?? []), failed]);
  }

  #ended(): void {
    if (this.#out !== null) this.#pay(this.#out.name, this.#out.reserved);
    this.#out = null;
  }

  #nameOf(of: { readonly call: string; readonly attempt: number }): string {
    const model = this.modelOf(of);
    return model === undefined ? "nobody" : nameOf(model);
  }

  #pay(name: string, more: Used): void {
    const { tokens, costMicroUsd: cost } = this.#used.get(name) ?? NOTHING;
    this.#used.set(name, { tokens: tokens + more.tokens, costMicroUsd: cost + more.costMicroUsd });
  }
}

/** Who serves a model call follows from what the journal says: the conversation, the budget, who failed, and how everyone fared. */
const choosesByWhatIsKnown: Check = ({ steps }, { order, routes }, report) => {
  for (const { event, before } of steps) {
    if (event.type !== "modelCallIntended" || before === null) continue;
    const chosen = JSON.stringify(choiceOf(before, event, routes.asked(event)));
    if (JSON.stringify(event.choice) !== chosen)
      report("route", `${event.call}#${event.attempt}: ${JSON.stringify(event.choice)}, not ${chosen}`);
    if (order.route !== undefined && isTooDear(order.route, event.choice))
      report("route", `${event.call}#${event.attempt} is served above its price ceiling`);
  }
};

/** B1. What is set aside and charged for a model call goes by the price of whoever was chosen for it. */
const chargesWhoeverServes: Check = ({ command, steps }, { routes }, report) => {
  for (const { event, before } of steps) {
    if (!("attempt" in event) || before === null) continue;
    const model = routes.modelOf(event);
    if (model === undefined) continue;
    if (event.type === "modelCallIntended") {
      const most = worstCaseMicroUsd(model.price, bytesOf(before), model.maxOutputTokens);
      if (event.reserved.costMicroUsd !== most)
        report("B1", `${event.reserved.costMicroUsd} is set aside for a call that may cost ${most}`);
    }
    if (event.type !== "modelReplied" && event.type !== "modelCallFailed") continue;
    const usage = command.type === "modelReplied" ? command.reply.usage : undefined;
    if (usage !== undefined && event.used.costMicroUsd !== costMicroUsd(model.price, usage))
      report("B1", `${event.used.costMicroUsd} is charged for what ${nameOf(model)} did`);
  }
};

/** What the task says that it used of each model is what was charged for that one. */
const countsEachModel: Check = ({ after }, { routes }, report) => {
  const told = new Map<string, Used>();
  for (const { models } of Object.values(after.usage))
    for (const [name, { tokens, costMicroUsd: cost }] of Object.entries(models)) {
      const so = told.get(name) ?? NOTHING;
      told.set(name, { tokens: so.tokens + tokens, costMicroUsd: so.costMicroUsd + cost });
    }
  for (const [name, used] of routes.used)
    if (
      used.tokens !== (told.get(name)?.tokens ?? 0) ||
      used.costMicroUsd !== (told.get(name)?.costMicroUsd ?? 0)
    )
      report("B1", `${name} is counted with ${JSON.stringify(told.get(name))}, not ${JSON.stringify(used)}`);
};

/** A reply says who gave it, where there is more than one who might have. */
const saysWhoReplied: Check = ({ steps }, { order, routes }, report) => {
  for (const { event, after } of steps) {
    if (event.type !== "modelReplied" || order.route === undefined) continue;
    const model = routes.modelOf(event);
    const reply = after.messages.at(-1);
    const by = reply?.role === "assistant" ? reply.by : undefined;
    if (model === undefined || by !== nameOf(model)) report("route", `${event.call} is said to be ${by}'s`);
  }
};

export const ROUTE_CHECKS: readonly Check[] = [
  choosesByWhatIsKnown,
  chargesWhoeverServes,
  countsEachModel,
  saysWhoReplied,
];

/** What of routes is worth counting in a commit. */
export function routesMet({ events }: Seen): readonly string[] {
  return events.flatMap((event) => {
    if (event.type !== "modelCallIntended" || event.choice === undefined) return [];
    const { probe, passed } = event.choice;
    return [...passed.map(({ why }) => `passed over: ${why}`), ...(probe ? ["a probe"] : [])];
  });
}

function choiceOf(state: TaskState, { turn }: Intended, asked: Asked | undefined): Choice | undefined {
  const { order, budget, turns } = state;
  const { route: table, agent, latencyObjectiveMs } = order;
  if (table === undefined) return undefined;
  const inputBytes = bytesOf(state);
  const worst = ({ price, maxOutputTokens }: Candidate): number =>
    worstCaseMicroUsd(price, inputBytes, maxOutputTokens);
  const routed = route(table, {
    step: isWithAblerModel(state)
      ? "escalate"
      : stepOfTurn(agent, turn, turns.at(-1)?.calls.map(({ tool }) => tool) ?? []),
    inputBytes,
    needsTools: agent.tools.length > 0,
    affords: (candidate) => {
      const tokens = inputBytes + candidate.maxOutputTokens;
      return firstExceeded(budget, { ...NOTHING, turns: 1, tokens, costMicroUsd: worst(candidate) }) === null;
    },
    costOf: worst,
    latencyObjectiveMs,
    health: asked?.health ?? null,
    tried: asked?.tried ?? [],
  });
  return routed.ok ? routed.choice : undefined;
}

function isWithAblerModel({ order, climb }: TaskState): boolean {
  return climb !== undefined && order.agent.ladder?.[climb.rung]?.to === "model";
}

function isTooDear(
  { candidates, steps }: NonNullable<Witness["order"]["route"]>,
  choice: Choice | undefined,
): boolean {
  const price = candidates[choice?.candidate ?? -1]?.price;
  const most = (steps[choice?.step ?? "default"] ?? steps["default"])?.priceMax;
  return (
    price !== undefined && most !== undefined && (price.input > most.input || price.output > most.output)
  );
}

function bytesOf(state: TaskState): number {
  return fixedBytes(state) + state.messageBytes;
}

function keyOf({ call, attempt }: { readonly call: string; readonly attempt: number }): string {
  return `${call}#${attempt}`;
}
