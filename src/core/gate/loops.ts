import { type Call, isSettled } from "../task/state.ts";
import type { KnownContext } from "./context.ts";
import { type Finding, PASS, refuse } from "./verdict.ts";

/** The same call in a row, over and over, is a loop. */
export const REPEATS_MAX = 8;

/**
 * The same call is not made for ever; and a write that may have taken effect without a result to show for it is not proposed anew
 * under another key, which would be the blind retry that E2 forbids.
 */
export function loops({ call, settled, tool }: KnownContext): Finding {
  if (tool.effect !== "read" && settled.some((earlier) => isMuteTwin(earlier, call))) {
    return refuse(
      "outcome_unknown",
      "The same call was made before: it took effect, or nobody knows whether it did.",
    );
  }
  const last = settled.slice(-REPEATS_MAX);
  const repeats =
    last.length === REPEATS_MAX && last.every((earlier) => earlier.argsDigest === call.argsDigest);
  return repeats ? refuse("loop_detected", `The same call was made ${REPEATS_MAX} times in a row.`) : PASS;
}

/** The same call, which ended with an outcome that nobody knows or a result that nobody can read. */
function isMuteTwin(earlier: Call, call: Call): boolean {
  if (earlier.argsDigest !== call.argsDigest || !isSettled(earlier)) return false;
  const { outcome } = earlier.progress;
  return !outcome.ok && (outcome.error.code === "outcome_unknown" || outcome.error.code === "output_invalid");
}
