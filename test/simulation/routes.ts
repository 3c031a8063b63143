import type { PinnedModel } from "../../src/contracts/model.ts";
import type { Candidate, PinnedRoute, RouteStep } from "../../src/contracts/route.ts";
import { sha256 } from "../../src/hash.ts";
import { withStairs } from "./ladders.ts";
import { Random } from "./random.ts";

/** The models of a world that routes have; each is as well or ill for one task as for another. */
export const ROUTED = ["able", "plain", "small"] as const;

/** The share of tasks that have a route. */
const ROUTES = 0.5;
/** The kind of step that follows a look-up. */
export const LOOKING = "looking";

/** The model of a task as it is pinned, and its route if it has one: that follows from a key of the task's, in hexadecimal. */
export function routed(
  model: PinnedModel,
  key: string,
): { readonly model: PinnedModel; readonly route?: PinnedRoute } {
  const random = randomOf(key);
  if (!random.chance(ROUTES)) return { model };
  const models = ROUTED.slice(0, random.int(2, 3)).map((name) =>
    makeModel(random, { ...model, model: name }),
  );
  const candidates = models.map((one) => makeCandidate(random, one));
  const kinds = ["default", ...["plan", "answer", LOOKING].filter(() => random.chance(0.3))];
  const steps = Object.fromEntries(kinds.map((kind) => [kind, makeStep(random, candidates)]));
  const rest = { candidates, steps };
  const route = { ...rest, version: sha256(JSON.stringify(rest)) };
  return { model: models[0] ?? model, route: withStairs(route, key) };
}

/** How quick a task with a route wants its models to be; null when it does not care. */
export function objectiveOf(key: string): number | null {
  return randomOf(key.slice(8)).pick([null, 500, 5_000]);
}

function makeModel(random: Random, model: PinnedModel): PinnedModel {
  const times = random.pick([0.25, 1, 3]);
  const { input, cachedInput, cacheWrite, output } = model.price;
  return {
    ...model,
    price: {
      ...model.price,
      input: input * times,
      cachedInput: cachedInput * times,
      cacheWrite: cacheWrite * times,
      output: output * times,
    },
    maxOutputTokens: random.pick([200, 500, 900]),
    timeoutMs: random.pick([1_000, 10_000, 60_000]),
  };
}

function makeCandidate(random: Random, model: PinnedModel): Candidate {
  return {
    ...model,
    contextTokens: random.pick([3_000, 200_000, 200_000, 200_000]),
    capabilities: random.chance(0.95) ? ["tools", "streaming"] : ["streaming"],
    ...(random.chance(0.3) && { latencyObjectiveMs: random.pick([300, 3_000]) }),
  };
}

/** Ceilings that shut out the dear, and now and then everyone. */
function makeStep(random: Random, candidates: readonly Candidate[]): RouteStep {
  const places = [...candidates.keys()];
  const first = random.pick(places);
  const order = [first, ...places.filter((place) => place !== first && random.chance(0.9))];
  const most = random.pick([0.5, 1, 1, 2]);
  return { order, ...(random.chance(0.2) && { priceMax: { input: most, output: 4 * most } }) };
}

function randomOf(key: string): Random {
  return new Random(Number.parseInt(key.slice(0, 8), 16));
}
