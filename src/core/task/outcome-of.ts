import type { Attempt, Outcome } from "../../contracts/outcome.ts";

/** How a call ends when this attempt is its last. */
export function outcomeOf(attempt: Attempt): Outcome {
  if (attempt.kind !== "done") return { ok: false, error: attempt.error };
  const { output, artifact } = attempt;
  return artifact === undefined ? { ok: true, output } : { ok: true, output, artifact };
}
