import { parseArgs } from "node:util";

export interface BenchOptions {
  /** One round of fewer tasks. */
  readonly quick: boolean;
  /** Where the figures are written as JSON. */
  readonly json: string | undefined;
  /** Measures this contender alone. */
  readonly only: string | undefined;
}

export const USAGE = `npm run bench -- [--quick] [--json FILE] [--only NAME]

  --quick       one round of fewer tasks
  --json FILE   also writes the figures to FILE
  --only NAME   measures only the contender NAME (raw, countersign)`;

/** Reads the command line. An option that does not exist throws. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: { quick: { type: "boolean" }, json: { type: "string" }, only: { type: "string" } },
  });
  return { quick: values.quick ?? false, json: values.json, only: values.only };
}
