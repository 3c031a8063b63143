import type { GateContext } from "./context.ts";
import { type Finding, PASS, refuse } from "./verdict.ts";

/** P1. The key that vouches for the task's principal is valid now: a revoked one stops what it started. */
export function permission({ rights }: GateContext): Finding {
  return rights.authorityActive
    ? PASS
    : refuse("refused_by_policy", "The principal of this task may no longer act.");
}
