import { z } from "zod";
import type { JsonObject } from "../contracts/json.ts";
import { type ModelProviderName, PinnedModel } from "../contracts/model.ts";
import {
  type Candidate,
  type Capability,
  DEFAULT_STEP,
  PinnedRoute,
  type PriceMax,
  nameOf,
} from "../contracts/route.ts";
import { tooDear } from "../core/routing.ts";
import { canonicalJson, sha256 } from "../hash.ts";
import { type OwnPrice, priceOf } from "./prices.ts";

/** A model as an operator names it. Its price comes from the list, or from `price` in USD per million tokens. */
export interface ModelChoice {
  readonly provider: ModelProviderName;
  readonly model: string;
  readonly maxOutputTokens?: number;
  readonly timeoutMs?: number;
  /**
   * It is asked in the background, and its response looked after for so long at most (ms): OpenAI's Responses API only. Its time-out
   * is then that of one exchange with the provider.
   */
  readonly backgroundMs?: number;
  /** Calls of it that may be out at a time. What `concurrency.providers` says of the model holds as well. */
  readonly concurrency?: number;
  /** Whether its text is streamed to those who read along. */
  readonly streamed?: boolean;
  readonly settings?: JsonObject;
  readonly price?: Pick<OwnPrice, "input" | "output" | "cachedInput" | "cacheWrite">;
}

/** A model of which a route has several. */
export interface RouteCandidate extends ModelChoice {
  /** Tokens of input and output together. */
  readonly contextTokens: number;
  /** `tools` where nothing is said. */
  readonly capabilities?: readonly Capability[];
  /** What a call should take at most. Far above it, the model is ailing; without it, far above what it used to take. */
  readonly latencyObjectiveMs?: number;
}

/** Names of candidates, the preferred one first; with a ceiling, none of them may cost more (USD per million tokens). */
export type StepChoice =
  | readonly string[]
  | { readonly candidates: readonly string[]; readonly priceMax: PriceMax };

/** Which models may serve a route, by kinds of steps (`plan`, `answer` and whatever agents name in `steps`). */
export interface RouteTable {
  readonly candidates: Readonly<Record<string, RouteCandidate>>;
  readonly steps: Readonly<Record<string, StepChoice>> & { readonly default: StepChoice };
}

/** What a task pins of its route. */
export interface Pinned {
  readonly model: PinnedModel;
  readonly route?: PinnedRoute;
}

const MAX_OUTPUT_TOKENS = 8_192;
const MODEL_TIMEOUT_MS = 120_000;

/** All routes of an operator; null for one whose only model has no price. Throws a `RangeError` for a table that contradicts itself. */
export function pinnedRoutes(
  declared: Readonly<Record<string, ModelChoice | RouteTable>>,
): Readonly<Record<string, Pinned | null>> {
  return Object.fromEntries(
    Object.entries(declared).map(([name, choice]) => [
      name,
      "candidates" in choice ? pinnedTable(name, choice) : pinnedChoice(name, choice),
    ]),
  );
}

/** Null when nobody knows its price. */
export function pinnedChoice(route: string, choice: ModelChoice): Pinned | null {
  const model = pinnedModel(route, choice);
  return model && { model };
}

/** Models that some route chooses between, by name, with what their calls should take: the strictest objective holds. */
export function objectivesOf(
  routes: Readonly<Record<string, Pinned | null>>,
): ReadonlyMap<string, number | undefined> {
  const objectives = new Map<string, number | undefined>();
  for (const candidate of Object.values(routes).flatMap((pinned) => pinned?.route?.candidates ?? [])) {
    const known = objectives.get(nameOf(candidate)) ?? Infinity;
    const strictest = Math.min(known, candidate.latencyObjectiveMs ?? Infinity);
    objectives.set(nameOf(candidate), strictest === Infinity ? undefined : strictest);
  }
  return objectives;
}

/** A table with one candidate is a single model. */
function pinnedTable(name: string, { candidates: declared, steps: said }: RouteTable): Pinned {
  const names = Object.keys(declared);
  const candidates = Object.entries(declared).map(([of, candidate]) => pinnedCandidate(name, of, candidate));
  const steps = Object.fromEntries(
    Object.entries(said).map(([kind, step]) => [kind, pinnedStep(step, { name, names })]),
  );
  const rest = { candidates, steps };
  const parsed = PinnedRoute.safeParse({ ...rest, version: sha256(canonicalJson(rest)) });
  if (!parsed.success) throw new RangeError(`Route ${name}: ${z.prettifyError(parsed.error)}`);
  const route = parsed.data;
  refuseDear(name, route);
  const model = route.candidates[route.steps[DEFAULT_STEP]?.order[0] ?? 0];
  if (model === undefined) throw new RangeError(`Route ${name}: it has no candidate.`);
  return candidates.length === 1 ? { model: modelAlone(model) } : { model: modelAlone(model), route };
}

function refuseDear(name: string, route: PinnedRoute): void {
  for (const kind of Object.keys(route.steps)) {
    const dear = tooDear(route, kind);
    if (dear !== null)
      throw new RangeError(`Route ${name}: ${nameOf(dear)} costs more than the step ${kind} allows.`);
  }
}

function pinnedStep(
  step: StepChoice,
  { name, names }: { readonly name: string; readonly names: readonly string[] },
): object {
  const listed = "candidates" in step ? step.candidates : step;
  const order = listed.map((of) => {
    const place = names.indexOf(of);
    if (place === -1) throw new RangeError(`Route ${name}: a step names ${of}, which is no candidate of it.`);
    return place;
  });
  return "candidates" in step ? { order, priceMax: step.priceMax } : { order };
}

function pinnedCandidate(route: string, of: string, choice: RouteCandidate): Candidate {
  const { contextTokens, capabilities = ["tools"], latencyObjectiveMs } = choice;
  const model = pinnedModel(route, choice);
  if (model === null) throw new RangeError(`Route ${route}: nobody knows what ${of} costs.`);
  return {
    ...model,
    contextTokens,
    capabilities,
    ...(latencyObjectiveMs === undefined ? {} : { latencyObjectiveMs }),
  };
}

/** What a candidate is as a model, without what only its route needs. */
function modelAlone(candidate: Candidate): PinnedModel {
  return Model.parse(candidate);
}

const Model = z.object(PinnedModel.shape);

function pinnedModel(route: string, choice: ModelChoice): PinnedModel | null {
  const {
    provider,
    model,
    maxOutputTokens = MAX_OUTPUT_TOKENS,
    timeoutMs = MODEL_TIMEOUT_MS,
    backgroundMs,
    concurrency,
    streamed,
    settings,
  } = choice;
  const price = priceOf(
    provider,
    model,
    choice.price === undefined ? [] : [{ provider, model, ...choice.price }],
  );
  if (price === null) return null;
  if (backgroundMs !== undefined && provider !== "openai")
    throw new RangeError(`Route ${route}: ${provider} does not work in the background.`);
  return {
    route,
    provider,
    model,
    price,
    maxOutputTokens,
    timeoutMs,
    ...(backgroundMs === undefined ? {} : { backgroundMs }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(streamed === undefined ? {} : { streamed }),
    ...(settings === undefined ? {} : { settings }),
  };
}
