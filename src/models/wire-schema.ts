import { z } from "zod";

/** A member that providers leave out or give as null, which mean the same. */
export function maybe<Schema extends z.ZodType>(schema: Schema) {
  return schema.nullish().transform((value) => value ?? undefined);
}

/** A count of tokens; what is not told is not counted. */
export const Tokens = z.int().nonnegative();
export const SomeTokens = Tokens.nullish().transform((tokens) => tokens ?? 0);
