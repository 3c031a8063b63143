import { z } from "zod";

/** What nobody has fewer of than one: none at all would be a thing that can never be used. */
const Count = z.int().positive().max(1_000_000_000);
const Counts = z.record(z.string(), Count);

/** How many calls may be out at a time, as the operator declares it. What is not named has no bulkhead. */
export const Concurrency = z.strictObject({
  /** By a tool's name; without an entry, what the tool itself declares. */
  tools: Counts.optional(),
  /** By `provider`, or `provider/model`, which then has a bulkhead of its own. */
  providers: Counts.optional(),
  /** Calls of one tenant, of tools and models together. */
  tenant: Count.optional(),
  /**
   * Tasks at work at a time, of all tenants together: further ones wait. Whoever waits for a human or a child is not at work. When
   * another number is deployed that takes more or fewer objects (one for each 200), tasks at work by then are not counted in it until
   * they next rest.
   */
  tasks: Count.optional(),
  /** By an agent's name: calls that are made for it, tenant by tenant. */
  agents: Counts.optional(),
});

export const GuardTerms = z.object({
  concurrency: Concurrency.optional(),
  /** By `provider`, or `provider/model`, which then counts apart. */
  rates: z
    .record(
      z.string(),
      z.strictObject({ requestsPerMinute: Count.optional(), tokensPerMinute: Count.optional() }),
    )
    .optional(),
});
export type GuardTerms = Readonly<z.infer<typeof GuardTerms>>;

/** What is wrong with such terms, in words; null when nothing is. */
export function faultIn(terms: unknown): string | null {
  const parsed = GuardTerms.safeParse(terms);
  return parsed.success ? null : z.prettifyError(parsed.error);
}
