import type { ModelAnswer, ModelFailureCode, ModelRequest } from "../contracts/model.ts";
import { nameOf } from "../contracts/route.ts";
import type { Fault, Observation } from "../core/health.ts";
import type { ModelProvider } from "../model-ports.ts";
import type { Clock } from "../ports.ts";
import type { HealthBoard } from "./health-board.ts";

const TICK_MS = 1_000;

export interface Observed {
  readonly board: HealthBoard;
  readonly clock: Clock;
  /** Calls of others cost nothing and tell nothing: names of models that some route may choose, with what each should take. */
  readonly objectives: ReadonlyMap<string, number | undefined>;
}

/** Models whose calls tell how they fare, wherever they are carried out. Of work in the background, to submit it is the call. */
export function observedModels(models: ModelProvider, observed: Observed): ModelProvider {
  return {
    complete: (request, signal, onText) =>
      observed.objectives.has(nameOf(request.model))
        ? watched(models, observed, { request, signal, onText })
        : models.complete(request, signal, onText),
  };
}

interface Asked {
  readonly request: ModelRequest;
  readonly signal: AbortSignal;
  readonly onText: ((text: string) => void) | undefined;
}

async function watched(
  models: ModelProvider,
  { board, clock, objectives }: Observed,
  { request, signal, onText }: Asked,
): Promise<ModelAnswer> {
  const { model } = request;
  const beganMs = clock.nowMs();
  const objectiveMs = objectives.get(nameOf(model));
  const of = { beganMs, ...(objectiveMs === undefined ? {} : { objectiveMs }) };
  let first: Pick<Observation, "firstMs"> = {};
  let about: Pick<Observation, "about"> = {};
  const tick = setInterval(() => {
    // A call that does not end with its signal is left behind, and must not keep its object from resting.
    if (signal.aborted) return clearInterval(tick);
    const latencyMs = clock.nowMs() - beganMs;
    if (about.about === undefined && latencyMs > (board.lateAfterMs(model, objectiveMs) ?? Infinity)) {
      about = { about: "counted" };
      board.observe(model, { ...of, latencyMs, about: "late" });
    }
    board.keepUp();
  }, TICK_MS);
  const heard =
    onText &&
    ((text: string): void => {
      if (first.firstMs === undefined) first = { firstMs: clock.nowMs() - beganMs };
      onText(text);
    });
  try {
    const reply = await models.complete(request, signal, heard);
    const fault = reply.stop === "failed" ? FAULT_OF[reply.failure.code] : undefined;
    if (fault !== null) {
      const latencyMs = clock.nowMs() - beganMs;
      board.observe(model, { ...of, latencyMs, ...first, ...about, ...(fault && { fault }) });
    }
    return reply;
  } finally {
    clearInterval(tick);
  }
}

/** Null: it says nothing of the provider's health. */
const FAULT_OF = {
  overloaded: "overloaded",
  unavailable: "unavailable",
  timeout: "timeout",
  malformed: "malformed",
  unauthorized: "refused",
  quota_exhausted: "refused",
  rate_limited: null,
  aborted: null,
  cut_off: null,
  invalid_request: null,
  context_too_long: null,
  interrupted: null,
  turned_away: null,
} as const satisfies Record<ModelFailureCode, Fault | null>;
