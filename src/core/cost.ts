import type { Price, Usage } from "../contracts/model.ts";

type Rates = Pick<Price, "input" | "cachedInput" | "cacheWrite" | "output">;

/** What a reply cost, in whole micro-USD, rounded up. */
export function costMicroUsd(price: Price, usage: Usage): number {
  const { cachedInputTokens, cacheWriteTokens, inputTokens, outputTokens } = usage;
  const rates = ratesAt(price, inputTokens);
  const plainTokens = Math.max(0, inputTokens - cachedInputTokens - cacheWriteTokens);
  return ceilMicroUsd(
    plainTokens * rates.input +
      cachedInputTokens * rates.cachedInput +
      cacheWriteTokens * rates.cacheWrite +
      outputTokens * rates.output,
  );
}

/** B1. The most that a call can cost: every byte of input a token of the dearest kind, and all of the output it may give. */
export function worstCaseMicroUsd(price: Price, inputBytes: number, maxOutputTokens: number): number {
  return Math.max(
    worstAt(price, inputBytes, maxOutputTokens),
    worstAt(ratesAt(price, inputBytes), inputBytes, maxOutputTokens),
  );
}

function worstAt(rates: Rates, inputTokens: number, outputTokens: number): number {
  const dearest = Math.max(rates.input, rates.cachedInput, rates.cacheWrite);
  return ceilMicroUsd(inputTokens * dearest + outputTokens * rates.output);
}

/** A long prompt is charged its own rates for all of its tokens, not only for those beyond the line. */
function ratesAt(price: Price, inputTokens: number): Rates {
  return price.long !== undefined && inputTokens > price.long.aboveInputTokens ? price.long : price;
}

/** Rounds up, but not for the error of binary fractions: 10 tokens at 1.1 cost 11, not 12. */
function ceilMicroUsd(microUsd: number): number {
  return Math.ceil(Math.round(microUsd * 1e6) / 1e6);
}
