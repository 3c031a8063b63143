import { z } from "zod";
import { defineAgent, defineTool, delegateTo } from "../../src/define.ts";
import type { Scripts } from "../../src/models/scripted.ts";

const LIMITS = {
  turns: 20,
  toolCalls: 40,
  tokens: 400_000,
  wallMs: 3_600_000,
  costMicroUsd: 1_000_000,
  onLimit: "fail",
} as const;

/** What was booked, by idempotency key. */
export const booked: string[] = [];

const book = defineTool({
  name: "book",
  description: "Books a room.",
  input: z.strictObject({ room: z.string() }),
  output: z.strictObject({ booked: z.string() }),
  effect: "reversible",
  recovery: "key",
  run: async ({ room }, call) => {
    booked.push(call.id);
    return { booked: room };
  },
});

const sign = defineTool({
  name: "sign",
  description: "Signs a contract.",
  input: z.strictObject({}),
  output: z.strictObject({}),
  effect: "irreversible",
  recovery: "key",
  mode: "human",
  run: async () => ({}),
});

const terms = { instructions: "Do as the script says.", approver: "boss" };

const booker = defineAgent({ ...terms, name: "booker", tools: [book], limits: LIMITS });

/** Recruits a booker itself. */
const planner = defineAgent({
  ...terms,
  name: "planner",
  tools: [delegateTo(booker, { description: "Books rooms." })],
  holds: booker.tools,
  delegation: { depth: 1, fanOut: 2 },
  limits: { ...LIMITS, children: 4 },
});

export const teamLead = defineAgent({
  ...terms,
  name: "team-lead",
  tools: [
    delegateTo(booker, { description: "Books rooms." }),
    delegateTo(planner, { description: "Plans and has others book." }),
  ],
  holds: [...planner.tools, ...booker.tools],
  delegation: { depth: 2, fanOut: 4 },
  limits: { ...LIMITS, children: 10 },
});

const signer = defineAgent({ ...terms, name: "signer", tools: [sign], limits: LIMITS });

export const signingLead = defineAgent({
  ...terms,
  name: "signing-lead",
  tools: [delegateTo(signer, { description: "Signs." })],
  holds: signer.tools,
  delegation: { depth: 1, fanOut: 1 },
  limits: { ...LIMITS, children: 1 },
});

const room = (goal: string) => ({ goal, share: 0.2, answerSchema: { type: "object", required: ["room"] } });

export const teamScripts: Scripts = {
  /** Its children sign on their own. */
  "signing-lead": [
    { calls: [{ tool: "ask_signer", args: { goal: "sign", share: 0.2 } }] },
    { text: "$0.result.answer" },
  ],
  signer: [{ calls: [{ tool: "sign", args: {} }] }, { text: "signed" }],
  "team-lead": [
    {
      calls: [
        { tool: "ask_booker", args: room("red") },
        { tool: "ask_planner", args: { goal: "blue", share: 0.5 } },
      ],
    },
    { text: "$0.result.answer.room and $1.result.answer" },
  ],
  planner: [
    { calls: [{ tool: "ask_booker", args: room("green") }] },
    { text: "planned $0.result.answer.room" },
  ],
  booker: [
    { calls: [{ tool: "book", args: { room: "$input.text" } }] },
    { text: '{"room":"$0.result.booked"}' },
  ],
};
