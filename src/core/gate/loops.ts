import { isSettled } from "../task/state.ts";
import type { GateContext } from "./context.ts";
import { type Finding, PASS, refuse } from "./verdict.ts";

/** The same call in a row, over and over, is a loop. */
export const REPEATS_MAX = 8;

/**
 * The same call is not made for ever; and a write whose outcome nobody knows is not proposed anew under another key, which would
 * be the blind retry that E2 forbids.
 */
export function loops({ call, settled, tool }: GateContext): Finding {
  if (tool !== null && tool.effect !== "read" && settled.some((earlier) => isUnknownTwin(earlier, call))) {
    return refuse(
      "outcome_unknown",
      "The same call was made before and nobody knows whether it took effect.",
    );
  }
  const last = settled.slice(-REPEATS_MAX);
  const repeats =
    last.length === REPEATS_MAX && last.every((earlier) => earlier.argsDigest === call.argsDigest);
  return repeats ? refuse("loop_detected", `The same call was made ${REPEATS_MAX} times in a row.`) : PASS;
}

function isUnknownTwin(earlier: GateContext["call"], call: GateContext["call"]): boolean {
  if (earlier.argsDigest !== call.argsDigest || !isSettled(earlier)) return false;
  const { outcome } = earlier.progress;
  return !outcome.ok && outcome.error.code === "outcome_unknown";
}
