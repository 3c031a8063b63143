import { defineAgent } from "../../src/define.ts";
import type { Scripts } from "../../src/models/scripted.ts";
import type { Operator } from "../../src/operator.ts";
import { stamp } from "./guarded-desk.ts";

const terms = {
  instructions: "Spend.",
  approver: "boss",
  tools: [stamp],
  placement: "inline",
  limits: {
    turns: 9,
    toolCalls: 9,
    tokens: 1_000_000,
    wallMs: 600_000,
    costMicroUsd: 1_000_000,
    onLimit: "fail",
  },
} as const;

/** Asks its model once; a token costs a micro-USD. */
export const spender = defineAgent({ ...terms, name: "spender", model: "spender" });
/** Asks it three times. */
export const bigSpender = defineAgent({ ...terms, name: "big-spender", model: "big-spender" });

const again = { calls: [{ tool: "stamp", args: { drawer: "own" } }] };

export const spenderScripts: Scripts = {
  spender: [{ text: "Spent." }],
  "big-spender": [again, again, { text: "Spent more." }],
};

const priced = { provider: "scripted", maxOutputTokens: 100, price: { input: 1, output: 1 } } as const;

export const pricedModels: NonNullable<Operator["models"]> = () => ({
  spender: { ...priced, model: "spender" },
  "big-spender": { ...priced, model: "big-spender" },
});
