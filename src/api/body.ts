import type { z } from "zod";
import type { Json } from "../contracts/json.ts";
import { parseStrictJson } from "../strict-json.ts";
import { Refusal, invalid } from "./problem.ts";

export const BODY_BYTES_MAX = 1_048_576;

export const JSON_TYPE = "application/json";
export const FORM_TYPE = "application/x-www-form-urlencoded";

/** Takes the operator's secrets out of what someone sends: it goes into journals. */
export type Scrub = (value: Json, text: string) => Json;

/** Reads a JSON body of the given form. No body at all counts as `{}`, so that a body without required members can be left out. */
export async function readJson<S extends z.ZodType>(
  request: Request,
  schema: S,
  scrub: Scrub,
): Promise<z.output<S> | Refusal> {
  const text = await readText(request, [JSON_TYPE]);
  if (text instanceof Refusal) return text;
  const parsed = parseStrictJson(text === "" ? "{}" : text);
  if (!parsed.ok) return new Refusal("malformed_json", parsed.reason);
  const checked = schema.safeParse(scrub(parsed.value, JSON.stringify(parsed.value)));
  return checked.success ? checked.data : invalid("body", checked.error);
}

/** The body's text when its media type is one of `types`, and no more than the limit of it is ever read. */
export async function readText(request: Request, types: readonly string[]): Promise<string | Refusal> {
  const type = mediaTypeOf(request);
  const bytes = await readBytes(request);
  if (bytes instanceof Refusal) return bytes;
  if (bytes.byteLength > 0 && !types.includes(type))
    return new Refusal("unsupported_media_type", `Send ${types.join(" or ")}.`);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return new Refusal("malformed_json", "The body is not UTF-8.");
  }
}

/** The media type of the body, in lower case and without parameters. */
export function mediaTypeOf(request: Request): string {
  return (request.headers.get("content-type") ?? "").split(";", 1).join("").trim().toLowerCase();
}

async function readBytes(request: Request): Promise<Uint8Array | Refusal> {
  const tooLarge = new Refusal("payload_too_large", `A body is at most ${BODY_BYTES_MAX} bytes.`);
  if (Number(request.headers.get("content-length") ?? 0) > BODY_BYTES_MAX) return tooLarge;
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of chunksOf(request)) {
      size += chunk.byteLength;
      if (size > BODY_BYTES_MAX) return tooLarge;
      chunks.push(chunk);
    }
  } catch {
    return new Refusal("malformed_json", "The body broke off.");
  }
  return joined(chunks, size);
}

function chunksOf({ body }: Request): AsyncIterable<Uint8Array> | readonly Uint8Array[] {
  return body ?? [];
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}
