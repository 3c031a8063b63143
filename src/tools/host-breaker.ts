import type { Attempt, ErrorEnvelope } from "../contracts/outcome.ts";
import type { Fault } from "../core/health.ts";
import type { ToolRequest } from "../contracts/call.ts";
import type { Clock, HostBreakers, ToolGateway } from "../ports.ts";
import { unsent } from "./answer.ts";

/**
 * Tools over HTTP, behind a breaker for each host: while a host is out, calls to it are turned away before they leave, and may be made
 * again when it is tried. A read-back always leaves, since it resolves a doubt (E2).
 */
export function behindBreakers(tools: ToolGateway, breakers: HostBreakers, clock: Clock): ToolGateway {
  return {
    readBack: (request, signal) => tools.readBack(request, signal),
    async execute(request, signal) {
      const host = hostOf(request);
      if (host === null) return await tools.execute(request, signal);
      const retryAfterMs = breakers.turnsAwayForMs(host);
      if (retryAfterMs !== null) return turnedAway(request, retryAfterMs);
      const beganMs = clock.nowMs();
      const attempt = await tools.execute(request, signal);
      const fault = faultOf(attempt);
      if (fault !== null)
        breakers.answered(host, { beganMs, latencyMs: clock.nowMs() - beganMs, ...(fault && { fault }) });
      return attempt;
    },
  };
}

function hostOf({ tool: { executor } }: ToolRequest): string | null {
  return executor.kind === "http" && URL.canParse(executor.endpoint.url)
    ? new URL(executor.endpoint.url).host
    : null;
}

/** It never left: nothing happened, unless an earlier attempt is in doubt. */
function turnedAway(request: ToolRequest, retryAfterMs: number): Attempt {
  return unsent(request, "unavailable", "The tool's host does not answer now.", {
    retryable: true,
    retryAfterMs,
  });
}

/**
 * What an attempt says of its host: undefined when that answered, whatever it said; null when nothing is known of it. Credentials that
 * are missing or refused are ours: such a call is not retryable.
 */
function faultOf(attempt: Attempt): Fault | undefined | null {
  if (attempt.kind === "done") return undefined;
  const { code, retryable } = attempt.error;
  if (code === "timeout") return "timeout";
  if (code === "unavailable") return retryable ? "unavailable" : null;
  return SAYS_NOTHING.has(code) ? null : undefined;
}

/** Of a limit of requests that we reached, and of calls that did not leave. */
const SAYS_NOTHING: ReadonlySet<ErrorEnvelope["code"]> = new Set([
  "rate_limited",
  "canceled",
  "internal",
  "refused_by_policy",
]);
