import type { AgentManifest, Placement } from "../contracts/agent.ts";

/** Six connections may wait for headers at once: more calls than that in one turn go through a queue. */
export const INLINE_CALLS_MAX = 6;
/** Waiting inside a Durable Object is billed: what is expected to take longer than this goes through a queue. */
export const INLINE_WAIT_MS_MAX = 2_500;

/** Where a model call runs. An unknown latency counts as long, unless someone is waiting. To submit one takes no time. */
export function placeModelCall(
  agent: AgentManifest,
  { interactive, latencyMs, background }: ModelCallTerms,
): Placement {
  if (interactive || background) return "inline";
  if (agent.placement !== "auto") return agent.placement;
  return latencyMs !== undefined && latencyMs <= INLINE_WAIT_MS_MAX ? "inline" : "queued";
}

export interface ModelCallTerms {
  readonly interactive: boolean;
  readonly latencyMs: number | undefined;
  readonly background: boolean;
}

/** Where one of so many calls runs, given the recorded latency of its tool. An unknown latency counts as short. */
export function placeCall(agent: AgentManifest, latencyMs: number | undefined, among: number): Placement {
  if (agent.placement !== "auto") return agent.placement;
  return among > INLINE_CALLS_MAX || isSlow(latencyMs) ? "queued" : "inline";
}

/** Which queue: a slow call must hold up no fast one, and neither a child that is to be made. */
export type Lane = "fast" | "slow" | "children";

export function laneOf(latencyMs: number | undefined): Exclude<Lane, "children"> {
  return isSlow(latencyMs) ? "slow" : "fast";
}

/** A recorded latency, smoothed so that one outlier moves it by a quarter. */
export function recordLatency(recordedMs: number | undefined, latencyMs: number): number {
  return recordedMs === undefined ? latencyMs : Math.round(recordedMs + (latencyMs - recordedMs) / 4);
}

function isSlow(latencyMs: number | undefined): boolean {
  return latencyMs !== undefined && latencyMs > INLINE_WAIT_MS_MAX;
}
