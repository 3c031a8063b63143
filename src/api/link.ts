import { z } from "zod";
import { fromBase64Url } from "../base64url.ts";
import { canonicalJson } from "../hash.ts";
import { jsonOf } from "./json-text.ts";
import { Refusal } from "./problem.ts";
import { isSame, macOf, seal, unpack } from "./seal.ts";

const DOMAIN = "countersign.link.v1";
const KEY_BYTES_MIN = 32;

/** What a link says: who may answer which approval, until when (`exp`, seconds). It is recorded as issued to its recipient (A1). */
export const LinkClaims = z.strictObject({
  v: z.literal(1),
  kid: z.string().min(1).max(64),
  tenant: z.string(),
  task: z.string(),
  approval: z.string(),
  recipient: z.string(),
  exp: z.int().positive(),
});
export type LinkClaims = Readonly<z.infer<typeof LinkClaims>>;

/** Keys by id. One signs; the others are kept as long as links signed with them are to be honoured. */
export interface LinkRing {
  readonly signing: string;
  readonly keys: ReadonlyMap<string, Uint8Array>;
}

/** Reads `LINK_KEYS` (JSON, key id → base64url of at least 32 bytes) and `LINK_KID`. Throws when they cannot be used. */
export function linkRing(keysJson: string, kid: string): LinkRing {
  const texts = z.record(z.string(), z.string()).parse(JSON.parse(keysJson));
  const keys = new Map(Object.entries(texts).map(([id, text]) => [id, keyOf(id, text)]));
  if (!keys.has(kid)) throw new TypeError(`LINK_KEYS has no key ${kid}.`);
  return { signing: kid, keys };
}

export function signLink({ signing: kid, keys }: LinkRing, claims: Omit<LinkClaims, "v" | "kid">): string {
  const key = keys.get(kid);
  if (key === undefined) throw new TypeError(`There is no key ${kid} to sign links with.`);
  return seal(key, DOMAIN, canonicalJson({ v: 1, kid, ...claims }));
}

/** The claims of a link that was signed here and has not expired. Says nothing of whether the approval is still open. */
export function openLink(ring: LinkRing, token: string, nowMs: number): LinkClaims | Refusal {
  const claims = signedClaims(ring, token);
  if (claims === null) return LINK_INVALID;
  if (claims.exp * 1_000 <= nowMs) return new Refusal("link_expired", "Ask for a new link.");
  return claims;
}

export const LINK_INVALID = new Refusal("link_invalid", "The link was changed, cut off, or never issued.");

function signedClaims({ keys }: LinkRing, token: string): LinkClaims | null {
  const sealed = unpack(token);
  const claims = LinkClaims.safeParse(jsonOf(sealed?.text ?? ""));
  if (sealed === null || !claims.success) return null;
  const key = keys.get(claims.data.kid);
  if (key === undefined || !isSame(sealed.mac, macOf(key, DOMAIN, sealed.text))) return null;
  return claims.data;
}

function keyOf(id: string, text: string): Uint8Array {
  const key = fromBase64Url(text);
  if (key === null || key.byteLength < KEY_BYTES_MIN)
    throw new TypeError(`Link key ${id} is not at least 32 bytes as base64url.`);
  return key;
}
