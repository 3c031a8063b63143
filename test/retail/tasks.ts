import { z } from "zod";
import { Json } from "../../src/contracts/json.ts";

const RetailAction = z
  .object({
    name: z.string(),
    arguments: z.record(z.string(), Json).readonly(),
    kind: z.enum(["read", "write"]),
    result_is_error: z.boolean(),
    /** As the tool answered it; null when it was too long to keep. */
    result: z.string().nullable(),
    /** SHA-256 of that answer. */
    result_sha256: z.string().length(64),
  })
  .readonly();
export type RetailAction = z.infer<typeof RetailAction>;

/** One recorded task: the calls of its agent in order, and what they leave changed. Reads no file, so a Worker can bundle it. */
export const RetailTask = z
  .object({
    id: z.string(),
    instructions: z.record(z.string(), Json).readonly(),
    actions: z.array(RetailAction).readonly(),
    /** Collection → record id → the whole record as it should be at the end. */
    expected_changed_records: z.record(z.string(), z.record(z.string(), Json).readonly()).readonly(),
    expected_db_sha256: z.string().length(64),
  })
  .readonly();
export type RetailTask = z.infer<typeof RetailTask>;

/** The tasks of a file with one JSON object a line. */
export function retailTasks(jsonLines: string): readonly RetailTask[] {
  const lines = jsonLines.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => RetailTask.parse(JSON.parse(line)));
}
