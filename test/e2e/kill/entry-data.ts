import type { RetailTool } from "../../retail/tools.ts";

/** What the Worker is built with beside its code: where its tools are, and the shop's as their file declares them. */
export interface EntryData {
  readonly shop: string;
  readonly ledger: string;
  readonly shopTools: readonly RetailTool[];
}

/** Where the test brings its API keys in, as statements. */
export const KEYS_PATH = "/keys-of-the-test";
