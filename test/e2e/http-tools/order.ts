import { z } from "zod";
import { Json } from "../../../src/contracts/json.ts";
import { ToolManifest } from "../../../src/contracts/tool.ts";

/** A call that a test has made in workerd. */
export const Order = z.strictObject({
  what: z.enum(["execute", "readBack"]),
  request: z.strictObject({
    tool: ToolManifest,
    args: Json,
    context: z.strictObject({
      id: z.string(),
      attempt: z.int(),
      inDoubt: z.boolean(),
      task: z.string(),
      tenant: z.string(),
      principal: z.string(),
      agent: z.string(),
      correlationId: z.string(),
      traceparent: z.string(),
    }),
  }),
  aborted: z.boolean(),
  storeFails: z.boolean(),
});
export type Order = Readonly<z.infer<typeof Order>>;

/** Its answer, and the artifacts that were kept for it. */
export const Done = z.strictObject({
  result: z.unknown(),
  artifacts: z.array(z.tuple([z.string(), z.string()])),
});
export type Done = Readonly<z.infer<typeof Done>>;
