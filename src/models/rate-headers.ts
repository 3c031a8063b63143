import type { TokensLeft } from "../core/tokens-left.ts";

/** What is counted, by the names that OpenAI and Anthropic have for what is left of it, for its whole, and for when that is back. */
const COUNTED = [
  ...["requests", "tokens"].map((what) => ({
    remaining: `x-ratelimit-remaining-${what}`,
    limit: `x-ratelimit-limit-${what}`,
    reset: `x-ratelimit-reset-${what}`,
  })),
  ...["requests", "tokens", "input-tokens", "output-tokens"].map((what) => ({
    remaining: `anthropic-ratelimit-${what}-remaining`,
    limit: `anthropic-ratelimit-${what}-limit`,
    reset: `anthropic-ratelimit-${what}-reset`,
  })),
];

/** Nobody is kept away for longer by what one reply said. */
const WAIT_MS_MAX = 60_000;

/** So small a part of a rate serves nobody any more. */
const NOTHING = 0.005;

/**
 * For how long a provider need not be asked, as the head of its reply tells: while as good as nothing is left of a rate. What is left is
 * enough for small requests. 0 when there is something left, or when nothing can be told. What is used comes back bit by bit: `reset` is when
 * all of it has (https://platform.openai.com/docs/guides/rate-limits, https://docs.anthropic.com/en/api/rate-limits).
 */
export function waitToldMs(headers: Headers, nowMs: number): number {
  const waits = COUNTED.map(({ remaining, limit, reset }) => {
    const left = amountIn(headers.get(remaining));
    // Each look into a head costs: most heads say nothing of most names.
    if (left === null) return 0;
    const whole = amountIn(headers.get(limit));
    const resetMs = durationIn(headers.get(reset), nowMs);
    if (resetMs === null) return 0;
    const needed = Math.max(1, (whole ?? 0) * NOTHING);
    if (left >= needed) return 0;
    // More than there ever is cannot be waited for.
    if (whole === null || whole <= left) return resetMs;
    return resetMs * Math.min(1, (needed - left) / (whole - left));
  });
  return Math.min(WAIT_MS_MAX, Math.ceil(Math.max(0, ...waits)));
}

/** What is left of the tokens, as the head of a reply of OpenAI tells, which counts the most that a request may bring; null when it does not. */
export function tokensLeftIn(headers: Headers, nowMs: number): TokensLeft | null {
  const left = amountIn(headers.get("x-ratelimit-remaining-tokens"));
  if (left === null) return null;
  const whole = amountIn(headers.get("x-ratelimit-limit-tokens"));
  const resetMs = durationIn(headers.get("x-ratelimit-reset-tokens"), nowMs);
  if (whole === null || resetMs === null) return null;
  return { left, whole, resetMs: Math.min(WAIT_MS_MAX, resetMs) };
}

function amountIn(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** `6m0s`, `1.5s`, `120ms`, a bare number of seconds, or a time of RFC 3339. */
function durationIn(text: string | null, nowMs: number): number | null {
  if (text === null || text.length > 64) return null;
  if (/^(\d+(\.\d+)?(ms|h|m|s)?)+$/.test(text)) {
    const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)?/g)];
    return parts.reduce((sum, [, amount, unit = "s"]) => sum + Number(amount) * (UNIT_MS[unit] ?? 0), 0);
  }
  const atMs = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - nowMs);
}
