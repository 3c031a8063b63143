import type { AgentManifest } from "../contracts/agent.ts";
import {
  type Candidate,
  type CandidateHealth,
  type Choice,
  DEFAULT_STEP,
  type Health,
  type PassedOver,
  type PinnedRoute,
  type PriceMax,
  type StepKind,
} from "../contracts/route.ts";

/** UTF-8 bytes of a conversation that make a token at least: what a context window is measured with before a provider has counted. */
const BYTES_A_TOKEN = 3;

/** A candidate that failed in this very model call; `again`: it may be asked once more. */
export interface Tried {
  readonly candidate: number;
  readonly again: boolean;
}

/** Everything that a choice depends on. */
export interface RoutingFacts {
  readonly step: StepKind;
  /** UTF-8 bytes of all that goes with the call. */
  readonly inputBytes: number;
  readonly needsTools: boolean;
  /** B1. Whether the worst case of this candidate's call fits the budget, and what it costs. */
  readonly affords: (candidate: Candidate) => boolean;
  readonly costOf: (candidate: Candidate) => number;
  readonly latencyObjectiveMs: number | undefined;
  /** Null when nothing is known. */
  readonly health: Health | null;
  readonly tried: readonly Tried[];
}

/** `well`: the chosen one is, and has not failed in this call. When nobody can serve, `cheapest` is the one nearest to the budget. */
export type Routed =
  | { readonly ok: true; readonly choice: Choice; readonly well: boolean }
  | { readonly ok: false; readonly cheapest: Candidate | null; readonly passed: Choice["passed"] };

/**
 * Which candidate serves a model call: of those that can (price, capabilities, context window, budget), the first in the step's order
 * that is well, quick enough and has not failed in this call; or one before it that is to be tried whether it is well again. When all
 * of them ail, the one that ails least: a call that may fail is better than none.
 */
export function route(table: PinnedRoute, facts: RoutingFacts): Routed {
  const step = stepOf(table, facts.step);
  const seen = listed(table, step).map((at) => ({ ...at, ...appraise(at, facts, step) }));
  const [first, ...others] = seen.filter(({ rank }) => rank < UNFIT);
  if (first === undefined) return nobody(seen, facts);
  const chosen = others.reduce((best, next) => (next.rank < best.rank ? next : best), first);
  const passed = passedOver(seen.slice(0, seen.indexOf(chosen)));
  const choice = { step: facts.step, candidate: chosen.place, passed };
  const well = chosen.rank <= SLOW;
  return { ok: true, choice: chosen.probe ? { ...choice, probe: true } : choice, well };
}

/** What kind of step a turn is: the first plans; a later one is what the agent declares for the last turn's tools, else an answer. */
export function stepOfTurn(
  { steps = {} }: Pick<AgentManifest, "steps">,
  turn: number,
  lastTools: readonly string[],
): StepKind {
  if (turn === 1) return "plan";
  const [declared] = lastTools.filter((tool) => Object.hasOwn(steps, tool)).map((tool) => steps[tool]);
  return declared ?? "answer";
}

/** The first candidate in a step's order that costs more than the step allows; null when none does. */
export function tooDear(table: PinnedRoute, kind: StepKind): Candidate | null {
  const step = stepOf(table, kind);
  const dear = listed(table, step).find(({ candidate }) => !isWithin(candidate, step.priceMax));
  return dear?.candidate ?? null;
}

type Step = PinnedRoute["steps"][string];

interface Listed {
  readonly place: number;
  readonly candidate: Candidate;
}

function stepOf({ steps }: PinnedRoute, kind: StepKind): Step {
  const step = Object.hasOwn(steps, kind) ? steps[kind] : steps[DEFAULT_STEP];
  if (step === undefined) throw new Error("a route has a default step");
  return step;
}

function listed({ candidates }: PinnedRoute, { order }: Step): readonly Listed[] {
  return order.flatMap((place) =>
    candidates.slice(place, place + 1).map((candidate) => ({ place, candidate })),
  );
}

/** The less the better. `why`: what is said of it when another is chosen; null of one that is always chosen before what comes behind it. */
interface Appraisal {
  readonly rank: number;
  readonly why: PassedOver | null;
  readonly probe?: true;
}

const SLOW = 1;
const FAILED = 2;
const AILING = 3;
const OUT = 4;
/** It cannot serve at all. */
const UNFIT = 5;

function appraise({ place, candidate }: Listed, facts: RoutingFacts, step: Step): Appraisal {
  const tried = facts.tried.filter((one) => one.candidate === place);
  const why = tried.some(({ again }) => !again) ? "failed" : unfitness(candidate, facts, step);
  if (why !== null) return { rank: UNFIT, why };
  const health = facts.health?.[place] ?? UNKNOWN;
  if (health.probe && tried.length === 0) return { rank: 0, why: null, probe: true };
  if (health.standing === "out") return { rank: OUT, why: "out" };
  if (health.standing === "ailing") return { rank: AILING, why: "ailing" };
  // Whoever failed less often comes first; a call is tried twenty times at most.
  if (tried.length > 0) return { rank: FAILED + tried.length / 100, why: "failed" };
  return isSlow(candidate, health, facts) ? { rank: SLOW, why: "slow" } : { rank: 0, why: null };
}

function unfitness(
  candidate: Candidate,
  { inputBytes, needsTools, affords }: RoutingFacts,
  { priceMax }: Step,
): PassedOver | null {
  if (!isWithin(candidate, priceMax)) return "price";
  if (needsTools && !candidate.capabilities.includes("tools")) return "capability";
  const tokens = Math.ceil(inputBytes / BYTES_A_TOKEN) + candidate.maxOutputTokens;
  if (tokens > candidate.contextTokens) return "context";
  return affords(candidate) ? null : "budget";
}

/** A model that costs more for a long prompt is within a price only if that is, too. */
function isWithin({ price }: Candidate, priceMax: PriceMax | undefined): boolean {
  if (priceMax === undefined) return true;
  const rates = price.long === undefined ? [price] : [price, price.long];
  return rates.every(({ input, output }) => input <= priceMax.input && output <= priceMax.output);
}

/** What is not known is taken to keep what it declares. */
function isSlow(
  { latencyObjectiveMs: declaredMs = 0 }: Candidate,
  { p95Ms = declaredMs }: CandidateHealth,
  { latencyObjectiveMs = Infinity }: RoutingFacts,
): boolean {
  return p95Ms > latencyObjectiveMs;
}

const UNKNOWN: CandidateHealth = { standing: "well" };

type Seen = Listed & Appraisal;

function passedOver(seen: readonly Seen[]): Choice["passed"] {
  return seen.filter(hasReason).map(({ place, why }) => ({ candidate: place, why }));
}

function hasReason(seen: Seen): seen is Seen & { readonly why: PassedOver } {
  return seen.why !== null;
}

/** Of those that only the budget keeps away, the one that costs least. */
function nobody(seen: readonly Seen[], { costOf }: RoutingFacts): Routed {
  const [first, ...others] = seen.filter(({ why }) => why === "budget").map(({ candidate }) => candidate);
  const cheaper = (best: Candidate, next: Candidate): Candidate =>
    costOf(next) < costOf(best) ? next : best;
  const cheapest = first === undefined ? null : others.reduce(cheaper, first);
  return { ok: false, cheapest, passed: passedOver(seen) };
}
