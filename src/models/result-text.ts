import type { Outcome } from "../contracts/outcome.ts";

/** A call's outcome as the model reads it: a text as it is, all else as JSON; a large result by its hash and its beginning. */
export function resultText(outcome: Outcome): string {
  if (!outcome.ok) return JSON.stringify({ error: outcome.error });
  const { output, artifact } = outcome;
  if (artifact !== undefined)
    return JSON.stringify({ artifact: artifact.sha256, bytes: artifact.bytes, preview: artifact.preview });
  return typeof output === "string" ? output : JSON.stringify(output);
}
