import { parseArgs } from "node:util";
import { z } from "zod";
import { Scope, TenantName } from "../../src/contracts/access.ts";
import { ApiKeyOrder } from "../../src/storage/api-keys.ts";
import { Expected } from "../local/script.ts";

export const USAGE = `npm run keys -- create --tenant NAME --principal NAME --scopes SCOPE,… [--expires DATE] [--remote]
npm run keys -- list --tenant NAME [--remote]
npm run keys -- revoke --tenant NAME --id KEY_ID [--remote]

--remote works on the deployed database; without it, on the local one.`;

/** What is to be done with keys, and where. */
export type KeysOrder = { readonly remote: boolean } & (
  | { readonly kind: "create"; readonly key: ApiKeyOrder }
  | { readonly kind: "list"; readonly tenant: string }
  | { readonly kind: "revoke"; readonly tenant: string; readonly id: string }
);

const KeyId = z.string().regex(/^key_[A-Za-z0-9_-]{1,60}$/, "an id as `list` shows it");
const Expiry = z.iso
  .date()
  .or(z.iso.datetime({ offset: true }))
  .transform((text) => Date.parse(text));

const Options = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("create"),
    tenant: TenantName,
    principal: ApiKeyOrder.shape.principal,
    scopes: z
      .string()
      .transform((text) => text.split(","))
      .pipe(z.array(Scope).min(1)),
    expires: Expiry.optional(),
    remote: z.boolean(),
  }),
  z.strictObject({ kind: z.literal("list"), tenant: TenantName, remote: z.boolean() }),
  z.strictObject({ kind: z.literal("revoke"), tenant: TenantName, id: KeyId, remote: z.boolean() }),
]);

/** Reads a command line. What is wrong with it is told in its own words. */
export function orderIn(argv: readonly string[], nowMs: number): KeysOrder {
  const options = Options.safeParse(wordsOf(argv));
  if (!options.success) throw new Expected(`${z.prettifyError(options.error)}\n\n${USAGE}`);
  if (options.data.kind !== "create") return options.data;
  const { kind, remote, tenant, principal, scopes, expires: expiresAtMs = null } = options.data;
  if (expiresAtMs !== null && expiresAtMs <= nowMs) throw new Expected(`--expires has passed.\n\n${USAGE}`);
  return { kind, remote, key: { tenant, principal, scopes, expiresAtMs } };
}

function wordsOf(argv: readonly string[]): object {
  const text = { type: "string" } as const;
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        tenant: text,
        principal: text,
        scopes: text,
        expires: text,
        id: text,
        remote: { type: "boolean", default: false },
      },
    });
    return { kind: positionals.length === 1 ? positionals[0] : undefined, ...values };
  } catch (error) {
    throw new Expected(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}
