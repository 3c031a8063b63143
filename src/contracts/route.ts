import { z } from "zod";
import { PinnedModel } from "./model.ts";

/** What kind of step a model call is. Anyone may name further kinds; `default` stands for those that a route does not name. */
export const StepKind = z.string().regex(/^[a-z][a-z0-9-]{0,31}$/);
export type StepKind = z.infer<typeof StepKind>;
export const DEFAULT_STEP: StepKind = "default";

export const Capability = z.enum(["tools", "json", "images", "streaming"]);
export type Capability = z.infer<typeof Capability>;

/** A model that may serve a route. */
export const Candidate = PinnedModel.extend({
  /** Tokens of input and output together. */
  contextTokens: z.int().positive().max(100_000_000),
  capabilities: z.array(Capability).readonly(),
  /** What a call of it should take at most; far above it, it counts as ailing. */
  latencyObjectiveMs: z.int().positive().max(600_000).optional(),
});
export type Candidate = Readonly<z.infer<typeof Candidate>>;

/** The most that a token may cost a step, in micro-USD. */
export const PriceMax = z.strictObject({ input: z.number().nonnegative(), output: z.number().nonnegative() });
export type PriceMax = Readonly<z.infer<typeof PriceMax>>;

/** Places in the route's list of candidates, the preferred one first. */
export const RouteStep = z.strictObject({
  order: z.array(z.int().nonnegative()).min(1).max(16).readonly(),
  priceMax: PriceMax.optional(),
});
export type RouteStep = Readonly<z.infer<typeof RouteStep>>;

/** A route as a task pins it. `version` is SHA-256 of the RFC 8785 JSON of all the rest. */
export const PinnedRoute = z
  .strictObject({
    version: z.string().length(64),
    candidates: z.array(Candidate).min(1).max(16).readonly(),
    steps: z.record(StepKind, RouteStep).readonly(),
  })
  .refine(({ steps }) => Object.hasOwn(steps, DEFAULT_STEP), "a route has a default step")
  .refine(
    ({ candidates, steps }) =>
      Object.values(steps).every(({ order }) => order.every((place) => place < candidates.length)),
    "a step names candidates of its route",
  );
export type PinnedRoute = Readonly<z.infer<typeof PinnedRoute>>;

/**
 * How a candidate fares, as far as is known. `well` also stands for unknown. `ailing`: it is to get no load while another can take
 * it. `out`: it was well below what is borne, a moment ago.
 */
export const Standing = z.enum(["well", "ailing", "out"]);
export type Standing = z.infer<typeof Standing>;

export const CandidateHealth = z.strictObject({
  standing: Standing,
  /** One call may try whether an ailing candidate is well again. */
  probe: z.literal(true).optional(),
  /** Of its calls lately. */
  p95Ms: z.int().nonnegative().optional(),
});
export type CandidateHealth = Readonly<z.infer<typeof CandidateHealth>>;

/** Of each candidate of a route, at its place. */
export type Health = readonly CandidateHealth[];

/** Why a candidate was passed over. */
export const PassedOver = z.enum([
  "price",
  "capability",
  "context",
  "budget",
  "failed",
  "out",
  "ailing",
  "slow",
]);
export type PassedOver = z.infer<typeof PassedOver>;

/** Which candidate serves a model call, and why none that is preferred to it does. */
export const Choice = z.strictObject({
  step: StepKind,
  candidate: z.int().nonnegative(),
  probe: z.literal(true).optional(),
  passed: z.array(z.strictObject({ candidate: z.int().nonnegative(), why: PassedOver })).readonly(),
});
export type Choice = Readonly<z.infer<typeof Choice>>;

/** How a provider's model is called wherever its health is spoken of. */
export function nameOf({ provider, model }: Pick<PinnedModel, "provider" | "model">): string {
  return `${provider}/${model}`;
}
