import { z } from "zod";
import { JsonObject } from "../../src/contracts/json.ts";

const OpenAiTools = z.array(
  z.object({
    type: z.literal("function"),
    function: z.object({ name: z.string(), description: z.string(), parameters: JsonObject }),
  }),
);

const Meta = z.object({ write_tools: z.array(z.string()), initial_db_sha256: z.string() });

/** A tool of the retail domain as data: what a Worker needs to declare it as an HTTP tool. */
export interface RetailTool {
  readonly name: string;
  readonly description: string;
  readonly kind: "read" | "write";
  readonly inputSchema: JsonObject;
  /** The body of a successful answer. A refused call answers 422 with `{ "error": string }`. */
  readonly outputSchema: JsonObject;
}

const OUTPUT_SCHEMA: JsonObject = {
  type: "object",
  properties: { result: { type: "string" } },
  required: ["result"],
  additionalProperties: false,
};

/**
 * The tool declarations, from the parsed `tools.openai.json` and `meta.json`. Reads no file, so a Worker can bundle it.
 * No tool takes arguments that its schema does not name, and the schemas of the file leave that unsaid.
 */
export function retailTools(openAiTools: unknown, meta: unknown): readonly RetailTool[] {
  const writes = new Set(Meta.parse(meta).write_tools);
  return OpenAiTools.parse(openAiTools).map(({ function: { name, description, parameters } }) => ({
    name,
    description,
    kind: writes.has(name) ? "write" : "read",
    inputSchema: { ...parameters, additionalProperties: false },
    outputSchema: OUTPUT_SCHEMA,
  }));
}

/** In the place of a run's name: the run is named by the request's task header, since a tool's address is the same for all tasks. */
export const RUN_OF_TASK = "@task";

/** Where a tool is called. `base` is the server's origin; `run` names the copy of the shop that the call works on. */
export function retailToolUrl(base: string, tool: string, run: string = RUN_OF_TASK): string {
  return `${base}/${run === RUN_OF_TASK ? run : encodeURIComponent(run)}/${tool}`;
}
