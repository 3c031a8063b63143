import { createHmac, timingSafeEqual } from "node:crypto";
import { fromBase64Url, toBase64Url } from "../base64url.ts";

const LENGTH_MAX = 4_000;

/** `payload.mac`, both base64url. `domain` keeps a seal of one kind from passing as one of another. */
export function seal(key: string | Uint8Array, domain: string, text: string): string {
  return `${toBase64Url(new TextEncoder().encode(text))}.${macOf(key, domain, text)}`;
}

/** The text and the seal of what `seal` could have written; whether the seal is right is still to be asked. */
export function unpack(sealed: string): { readonly text: string; readonly mac: string } | null {
  const [payload, mac, ...rest] = sealed.length > LENGTH_MAX ? [] : sealed.split(".");
  if (payload === undefined || mac === undefined || rest.length > 0) return null;
  const bytes = fromBase64Url(payload);
  return bytes === null ? null : { text: new TextDecoder().decode(bytes), mac };
}

/** HMAC-SHA-256 as base64url. */
export function macOf(key: string | Uint8Array, domain: string, text: string): string {
  return createHmac("sha256", key).update(`${domain}\n${text}`).digest("base64url");
}

/** Compares in constant time. */
export function isSame(left: string, right: string): boolean {
  const encoder = new TextEncoder();
  const [one, other] = [encoder.encode(left), encoder.encode(right)];
  return one.byteLength === other.byteLength && timingSafeEqual(one, other);
}
