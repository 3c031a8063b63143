import { z } from "zod";
import { defineAgent, defineTool } from "../../src/define.ts";
import type { Scripts } from "../../src/models/scripted.ts";

/** Who was at the drawer when someone else came, and the fences in the order in which they came. */
export const drawer = { atOnce: 0, atOnceMost: 0, fences: [] as number[] };

export const stamp = defineTool({
  name: "stamp",
  description: "Stamps a paper at a drawer that one at a time can open.",
  input: z.strictObject({ drawer: z.string() }),
  output: z.strictObject({ fence: z.int() }),
  effect: "reversible",
  recovery: "key",
  exclusive: [{ resource: "drawer", key: "/drawer" }],
  run: async (_args, call) => {
    const fence = call.fences?.["drawer"] ?? 0;
    drawer.fences.push(fence);
    drawer.atOnce += 1;
    drawer.atOnceMost = Math.max(drawer.atOnceMost, drawer.atOnce);
    await new Promise((resolve) => void setTimeout(resolve, 150));
    drawer.atOnce -= 1;
    return { fence };
  },
});

const terms = {
  instructions: "Stamp.",
  approver: "boss",
  tools: [stamp],
  limits: {
    turns: 5,
    toolCalls: 10,
    tokens: 100_000,
    wallMs: 600_000,
    costMicroUsd: 1_000,
    onLimit: "fail",
  },
} as const;

export const stampDesk = defineAgent({ ...terms, name: "stamp-desk", placement: "inline" });
export const stampOffice = defineAgent({ ...terms, name: "stamp-office", placement: "queued" });

const work = [
  { calls: Array.from({ length: 3 }, () => ({ tool: "stamp", args: { drawer: "left" } })) },
  { text: "All stamped." },
];

export const stampScripts: Scripts = { "stamp-desk": work, "stamp-office": work };
