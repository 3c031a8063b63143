import { randomUUID } from "node:crypto";
import { Webhook } from "standardwebhooks";

export const WEBHOOK_SECRET = `whsec_${btoa("a secret that only OpenAI knows")}`;

/** A webhook as OpenAI sends it, signed as the Standard Webhooks specification says. */
export function signedEvent(
  type: string,
  data: object,
  { secret = WEBHOOK_SECRET, ageMs = 0 }: { readonly secret?: string; readonly ageMs?: number } = {},
): { readonly text: string; readonly headers: Headers } {
  const [id, at] = [`evt_${randomUUID()}`, new Date(Date.now() - ageMs)];
  const text = JSON.stringify({
    object: "event",
    id,
    type,
    created_at: Math.floor(at.getTime() / 1000),
    data,
  });
  const headers = new Headers({
    "content-type": "application/json",
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at.getTime() / 1000)),
    "webhook-signature": new Webhook(secret).sign(id, at, text),
  });
  return { text, headers };
}
