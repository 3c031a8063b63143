import { describe, expect, test } from "vitest";
import { Price } from "../../src/contracts/model.ts";
import { costMicroUsd } from "../../src/core/cost.ts";
import { OwnPrice, priceOf } from "../../src/models/prices.ts";

describe("the price of a model", () => {
  test.each([
    ["openai", "gpt-5.4-mini"],
    ["openai-chat", "gpt-4.1"],
    ["anthropic", "claude-haiku-4-5"],
    ["scripted", "support-desk"],
  ] as const)(
    "%s %s is a price as tasks pin it, from a table that names its day or itself",
    (provider, model) => {
      const price = Price.parse(priceOf(provider, model));
      expect(price.table).toMatch(/^(?:scripted|(?:openai|anthropic)-\d{4}-\d{2}-\d{2})$/);
    },
  );

  test("counts micro-USD a token, which is USD a million tokens", () => {
    const price = Price.parse(priceOf("anthropic", "claude-haiku-4-5"));
    const used = {
      inputTokens: 1_000_000,
      cachedInputTokens: 0,
      cacheWriteTokens: 0,
      outputTokens: 1_000_000,
    };
    expect(costMicroUsd(price, used)).toBe(6_000_000);
  });

  test("of a dated snapshot is that of its model, unless it is listed by itself", () => {
    expect(priceOf("anthropic", "claude-haiku-4-5-20251001")).toEqual(
      priceOf("anthropic", "claude-haiku-4-5"),
    );
    expect(priceOf("openai", "gpt-4o-2024-08-06")).toEqual(priceOf("openai", "gpt-4o"));
    expect(priceOf("openai", "gpt-4o-2024-05-13")).toMatchObject({ input: 5, output: 15 });
  });

  test("rises for long prompts where the provider's does", () => {
    expect(priceOf("openai", "gpt-6.1-sol")?.long).toEqual({
      aboveInputTokens: 272_000,
      input: 4,
      cachedInput: 0.2,
      cacheWrite: 5,
      output: 15,
    });
    expect(priceOf("anthropic", "claude-haiku-5-5")?.long).toMatchObject({
      aboveInputTokens: 100_000,
      input: 0.5,
      output: 2.5,
    });
  });

  test("of a script is nothing", () => {
    expect(priceOf("scripted", "anything")).toEqual({
      table: "scripted",
      input: 0,
      cachedInput: 0,
      cacheWrite: 0,
      output: 0,
    });
  });

  test.each([
    ["openai", "gpt-99"],
    ["openai", "constructor"],
    ["anthropic", "claude-99"],
    ["anthropic", "gpt-5"],
    ["openai-compatible", "gpt-5"],
  ] as const)("%s %s is not known, and nothing is guessed", (provider, model) => {
    expect(priceOf(provider, model)).toBeNull();
  });

  test("can be the operator's own, for any model and before the list", () => {
    const own = [
      OwnPrice.parse({
        provider: "openai-compatible",
        model: "llama",
        input: 0.5,
        output: 0.75,
        cachedInput: 0.05,
      }),
      OwnPrice.parse({ provider: "openai", model: "gpt-5", input: 9, output: 9 }),
    ];
    expect(priceOf("openai-compatible", "llama", own)).toEqual({
      table: "operator",
      input: 0.5,
      cachedInput: 0.05,
      cacheWrite: 0.5,
      output: 0.75,
    });
    expect(priceOf("openai", "gpt-5", own)).toMatchObject({ table: "operator", input: 9 });
    expect(priceOf("openai-chat", "gpt-5", own)).toMatchObject({ input: 1.25 });
  });
});
