import { deliveredRules } from "./delivered.ts";
import { lookups } from "./lookups.ts";
import { pendingRules } from "./pending.ts";
import type { Rule } from "./rule.ts";

/** Every tool of the shop by its name. */
export const RULES: ReadonlyMap<string, Rule> = new Map(
  Object.entries({ ...lookups, ...pendingRules, ...deliveredRules }),
);
