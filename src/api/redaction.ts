import type { Json, JsonObject } from "../contracts/json.ts";

/**
 * What may be shown of a command or an event without the scope `content:read`: names, places, times, figures and codes. Whatever is
 * not named here is content, and so are all things in it. Digests of content are left out too: what is short could be guessed.
 */
const SHOWN = words(`
  type kind id task tenant principal keyId call turn index attempt checkpoint settledAfter
  tool toolVersion name version agent model route provider servedBy placement interactive jurisdiction
  order reply stop usage settlements settlement result finding claims rights authorityActive
  choice step candidate probe passed why health standing p95Ms
  outcome ok error failure code retryable retryAfterMs interrupted inDoubt late reusedFrom next about
  verdict decision findings stage ask
  atMs resendAtMs retryAtMs conclusiveAtMs leaseUntilMs openedAtMs expiresAtMs deadlineAtMs latencyMs
  limit limits reserved used needed to proposed dimension reaction
  turns toolCalls tokens wallMs costMicroUsd
  inputTokens cachedInputTokens cacheWriteTokens outputTokens
  report join joined calls child chosen satisfied why missing conflicts field values preferred straggler dueAtMs
  approval question callId approver assurance state by
`);

export function withoutContent(value: Json): Json {
  if (typeof value !== "object" || value === null) return value;
  if (isArray(value)) return value.map(withoutContent);
  const shown = Object.entries(value).filter(([key]) => SHOWN.has(key));
  return Object.fromEntries(shown.map(([key, member]) => [key, withoutContent(member)]));
}

/** Keys whose values are content: nothing in them is the runtime's own word. */
const CONTENT = words("args argsText output value input text order plan comment");

/** The objects that the runtime itself wrote, from the outside in. */
export function* ownObjects(value: Json): Generator<JsonObject> {
  if (typeof value !== "object" || value === null) return;
  if (!isArray(value)) yield value;
  for (const [key, member] of Object.entries(value)) if (!CONTENT.has(key)) yield* ownObjects(member);
}

/** `Array.isArray` does not narrow readonly arrays. */
function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
