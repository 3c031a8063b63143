import type { AgentManifest, Placement } from "../contracts/agent.ts";

/** Six connections may wait for headers at once: more calls than that in one turn go through a queue. */
export const INLINE_CALLS_MAX = 6;
/** Waiting inside a Durable Object is billed: what is expected to take longer than this goes through a queue. */
export const INLINE_WAIT_MS_MAX = 2_500;

/** Where a model call runs. An unknown latency counts as long, unless someone is waiting. */
export function placeModelCall(
  agent: AgentManifest,
  interactive: boolean,
  latencyMs: number | undefined,
): Placement {
  if (interactive) return "inline";
  if (agent.placement !== "auto") return agent.placement;
  return latencyMs !== undefined && latencyMs <= INLINE_WAIT_MS_MAX ? "inline" : "queued";
}

/** Where each call of a turn runs, given the recorded latency of its tool. An unknown latency counts as short. */
export function placeCalls(
  agent: AgentManifest,
  latenciesMs: readonly (number | undefined)[],
): readonly Placement[] {
  if (agent.placement !== "auto") {
    const placement = agent.placement;
    return latenciesMs.map(() => placement);
  }
  const many = latenciesMs.length > INLINE_CALLS_MAX;
  return latenciesMs.map((latencyMs) => (many || isSlow(latencyMs) ? "queued" : "inline"));
}

/** Which queue: a slow call must hold up no fast one. */
export function laneOf(latencyMs: number | undefined): "fast" | "slow" {
  return isSlow(latencyMs) ? "slow" : "fast";
}

/** A recorded latency, smoothed so that one outlier moves it by a quarter. */
export function recordLatency(recordedMs: number | undefined, latencyMs: number): number {
  return recordedMs === undefined ? latencyMs : Math.round(recordedMs + (latencyMs - recordedMs) / 4);
}

function isSlow(latencyMs: number | undefined): boolean {
  return latencyMs !== undefined && latencyMs > INLINE_WAIT_MS_MAX;
}
