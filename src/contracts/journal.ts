import { z } from "zod";

/**
 * One commit as it is stored, exported and audited: the text of its body is hashed as it stands, never re-serialised.
 * `digest` = SHA-256(salt, "\n", body); `hash` = SHA-256 over the chain header and the digest, so that content can be erased
 * (body and salt dropped) while the chain still verifies.
 */
export const CommitRow = z.strictObject({
  seq: z.int().positive(),
  atMs: z.int().positive(),
  /** The version of the rules that decided it. */
  rules: z.int().positive(),
  body: z.string(),
  salt: z.string(),
  digest: z.string().length(64),
  hash: z.string().length(64),
});
export type CommitRow = Readonly<z.infer<typeof CommitRow>>;

/** The head of a chain: the last commit's place and hash. */
export const Head = z.strictObject({ seq: z.int().nonnegative(), hash: z.string() });
export type Head = Readonly<z.infer<typeof Head>>;
