import { z } from "zod";
import { ModelProviderName, type Price } from "../contracts/model.ts";

/**
 * List prices for the standard tier, as published by the providers and read on the date in the name of each table. A price that
 * changes gets a new table: tasks pin the price that they were created with. Other tiers (priority, fast, batch), data residency and
 * one-hour cache writes cost something else; who uses them gives prices of their own.
 */
const OPENAI = "openai-2026-11-21";
const ANTHROPIC = "anthropic-2026-11-21";
const SCRIPTED = "scripted";

type Rates = Omit<Price, "table" | "long">;

/** USD per million tokens is micro-USD per token. Without a price of its own, a kind of input costs what input costs. */
function usdPerMillion(
  [input, output]: readonly [number, number],
  { cached = input, write = input } = {},
): Rates {
  return { input, cachedInput: cached, cacheWrite: write, output };
}

/** Requests with more than 272,000 tokens of input cost twice as much for input and half as much again for output. */
function tiered(rates: Rates): Listed {
  const { input, cachedInput, cacheWrite, output } = rates;
  const long = {
    input: input * 2,
    cachedInput: cachedInput * 2,
    cacheWrite: cacheWrite * 2,
    output: output * 1.5,
  };
  return { ...rates, long: { aboveInputTokens: 272_000, ...long } };
}

type Listed = Omit<Price, "table">;

const OPENAI_PRICES: Readonly<Record<string, Listed>> = {
  "gpt-6.1-sol": tiered(usdPerMillion([2, 10], { cached: 0.1, write: 2.5 })),
  "gpt-6.1-terra": tiered(usdPerMillion([1, 5], { cached: 0.05, write: 1.25 })),
  "gpt-6-astra": tiered(usdPerMillion([10, 50], { cached: 1, write: 12.5 })),
  "gpt-6-sol": tiered(usdPerMillion([2, 10], { cached: 0.2, write: 2.5 })),
  "gpt-6-luna": tiered(usdPerMillion([0.1, 0.5], { cached: 0.01, write: 0.125 })),
  "gpt-5.6-sol": tiered(usdPerMillion([5, 30], { cached: 0.5, write: 6.25 })),
  "gpt-5.6-terra": tiered(usdPerMillion([2, 12], { cached: 0.2, write: 2.5 })),
  "gpt-5.6-luna": tiered(usdPerMillion([0.2, 1.2], { cached: 0.02, write: 0.25 })),
  "gpt-5.5": tiered(usdPerMillion([5, 30], { cached: 0.5 })),
  "gpt-5.4": tiered(usdPerMillion([2.5, 15], { cached: 0.25 })),
  "gpt-5.4-mini": usdPerMillion([0.75, 4.5], { cached: 0.075 }),
  "gpt-5.4-nano": usdPerMillion([0.2, 1.25], { cached: 0.02 }),
  "gpt-5.2": usdPerMillion([1.75, 14], { cached: 0.175 }),
  "gpt-5.1": usdPerMillion([1.25, 10], { cached: 0.125 }),
  "gpt-5": usdPerMillion([1.25, 10], { cached: 0.125 }),
  "gpt-5-mini": usdPerMillion([0.25, 2], { cached: 0.025 }),
  "gpt-5-nano": usdPerMillion([0.05, 0.4], { cached: 0.005 }),
  "gpt-4.1": usdPerMillion([2, 8], { cached: 0.5 }),
  "gpt-4.1-mini": usdPerMillion([0.4, 1.6], { cached: 0.1 }),
  "gpt-4.1-nano": usdPerMillion([0.1, 0.4], { cached: 0.025 }),
  "gpt-4o": usdPerMillion([2.5, 10], { cached: 1.25 }),
  "gpt-4o-2024-05-13": usdPerMillion([5, 15]),
  "gpt-4o-mini": usdPerMillion([0.15, 0.6], { cached: 0.075 }),
  o3: usdPerMillion([2, 8], { cached: 0.5 }),
  "o3-mini": usdPerMillion([1.1, 4.4], { cached: 0.55 }),
  "o4-mini": usdPerMillion([1.1, 4.4], { cached: 0.275 }),
};

const ANTHROPIC_PRICES: Readonly<Record<string, Listed>> = {
  "claude-fable-5-1": usdPerMillion([10, 50], { cached: 0.25, write: 12.5 }),
  "claude-fable-5": usdPerMillion([10, 50], { cached: 1, write: 12.5 }),
  "claude-opus-5-5": usdPerMillion([4, 20], { cached: 0.2, write: 5 }),
  "claude-opus-5": usdPerMillion([5, 25], { cached: 0.5, write: 6.25 }),
  "claude-opus-4-8": usdPerMillion([5, 25], { cached: 0.5, write: 6.25 }),
  "claude-opus-4-7": usdPerMillion([5, 25], { cached: 0.5, write: 6.25 }),
  "claude-opus-4-6": usdPerMillion([5, 25], { cached: 0.5, write: 6.25 }),
  "claude-opus-4-5": usdPerMillion([5, 25], { cached: 0.5, write: 6.25 }),
  "claude-sonnet-5-5": usdPerMillion([2, 10], { cached: 0.1, write: 2.5 }),
  "claude-sonnet-5": usdPerMillion([2, 10], { cached: 0.2, write: 2.5 }),
  "claude-sonnet-4-6": usdPerMillion([3, 15], { cached: 0.3, write: 3.75 }),
  "claude-sonnet-4-5": usdPerMillion([3, 15], { cached: 0.3, write: 3.75 }),
  "claude-haiku-5-5": {
    ...usdPerMillion([0.1, 0.5], { cached: 0.01, write: 0.125 }),
    long: { aboveInputTokens: 100_000, ...usdPerMillion([0.5, 2.5], { cached: 0.05, write: 0.625 }) },
  },
  "claude-haiku-4-5": usdPerMillion([1, 5], { cached: 0.1, write: 1.25 }),
};

/** A price that the operator gives, in USD per million tokens. It goes before the list. */
export const OwnPrice = z.strictObject({
  provider: ModelProviderName,
  model: z.string().min(1).max(200),
  input: z.number().nonnegative(),
  output: z.number().nonnegative(),
  cachedInput: z.number().nonnegative().optional(),
  cacheWrite: z.number().nonnegative().optional(),
});
export type OwnPrice = Readonly<z.infer<typeof OwnPrice>>;

/** What a model costs, or null when nobody said: a task cannot be given a model whose price is unknown. */
export function priceOf(
  provider: ModelProviderName,
  model: string,
  own: readonly OwnPrice[] = [],
): Price | null {
  const given = own.find((price) => price.provider === provider && price.model === model);
  if (given !== undefined) {
    const rates = usdPerMillion([given.input, given.output], {
      cached: given.cachedInput,
      write: given.cacheWrite,
    });
    return { table: "operator", ...rates };
  }
  switch (provider) {
    case "openai":
    case "openai-chat":
      return listed(OPENAI, OPENAI_PRICES, model);
    case "anthropic":
      return listed(ANTHROPIC, ANTHROPIC_PRICES, model);
    case "scripted":
      return { table: SCRIPTED, ...usdPerMillion([0, 0]) };
    case "openai-compatible":
      return null;
  }
}

/** A dated snapshot costs what its model does, unless it is listed by itself. */
function listed(table: string, prices: Readonly<Record<string, Listed>>, model: string): Price | null {
  const name = [model, model.replace(/-(?:\d{8}|\d{4}-\d{2}-\d{2})$/, "")].find((candidate) =>
    Object.hasOwn(prices, candidate),
  );
  const price = name === undefined ? undefined : prices[name];
  return price === undefined ? null : { table, ...price };
}
