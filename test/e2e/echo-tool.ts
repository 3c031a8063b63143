import { z } from "zod";
import { defineTool } from "../../src/define.ts";

/** What the mock model's plans call. */
export const echo = defineTool({
  name: "echo",
  description: "Answers with what it was sent.",
  input: z.strictObject({ turn: z.int() }),
  output: z.strictObject({ turn: z.int() }),
  effect: "read",
  run: async (sent) => sent,
});
