import { z } from "zod";

/** A migration of the D1 database, split into its statements as Wrangler splits them. */
export const Migration = z.strictObject({
  name: z.string(),
  statements: z.array(z.string()).readonly(),
});
export type Migration = Readonly<z.infer<typeof Migration>>;

/** What the Miniflare process is told. */
export const MiniflareInput = z.strictObject({
  stateDir: z.string(),
  workers: z
    .array(
      z.strictObject({
        name: z.string(),
        script: z.string(),
        port: z.int().nonnegative(),
        options: z.record(z.string(), z.unknown()),
        vars: z.record(z.string(), z.string()),
        external: z.record(z.string(), z.string()),
        d1Binding: z.string().optional(),
        migrations: z.array(Migration).readonly(),
      }),
    )
    .min(1),
});
export type MiniflareInput = z.infer<typeof MiniflareInput>;

/** What it answers when every Worker can be reached: workerd's own pid, and a URL for each Worker by name. */
export const MiniflareReady = z.strictObject({
  workerdPid: z.int().positive(),
  urls: z.record(z.string(), z.string()),
});
export type MiniflareReady = z.infer<typeof MiniflareReady>;
