import type { Json } from "./contracts/json.ts";

/** How deep arrays and objects may lie within each other. */
export const JSON_DEPTH_MAX = 64;
/** How long a text may be, in UTF-16 code units, where the caller gives no limit of its own. */
export const JSON_LENGTH_MAX = 1_048_576;

export type StrictJson =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly reason: string };

/**
 * I-JSON (RFC 7493) as far as meaning depends on it: what one reader understands, every reader does. Duplicate keys, numbers that
 * a double cannot hold exactly or at all, lone surrogates and the key `__proto__` are refused.
 *
 * `JSON.parse` does the work, as nothing in a Worker parses faster. What it forgives is checked afterwards: it keeps one of two
 * equal keys, so a text that writes more keys than the value holds had duplicates.
 */
export function parseStrictJson(text: string, lengthMax: number = JSON_LENGTH_MAX): StrictJson {
  if (text.length > lengthMax) return refuse(`The JSON is longer than ${lengthMax} characters.`);
  const parsed = parse(text);
  if (parsed === null) return refuse("The text is not JSON.");
  const census: Census = { keys: 0 };
  const fault = inspect(parsed.value, 1, census);
  if (fault !== null) return refuse(fault);
  if (census.keys !== keysWritten(text)) return refuse("An object has the same key twice.");
  return { ok: true, value: parsed.value };
}

interface Census {
  keys: number;
}

function refuse(reason: string): StrictJson {
  return { ok: false, reason };
}

function parse(text: string): { readonly value: Json } | null {
  try {
    return { value: JSON.parse(text) as Json };
  } catch {
    return null;
  }
}

/** The first fault of a value, or null. Counts the keys on its way. */
function inspect(value: Json, depth: number, census: Census): string | null {
  if (typeof value === "string") return value.isWellFormed() ? null : "A string holds a lone surrogate.";
  if (typeof value === "number")
    return isExact(value) ? null : "A number is beyond the range of exact integers.";
  if (typeof value !== "object" || value === null) return null;
  if (depth > JSON_DEPTH_MAX) return `The JSON is nested deeper than ${JSON_DEPTH_MAX} levels.`;
  if (isArray(value)) return inspectItems(value, depth, census);
  return inspectMembers(value, depth, census);
}

function isExact(value: number): boolean {
  return !Number.isInteger(value) ? Number.isFinite(value) : Number.isSafeInteger(value);
}

function inspectItems(items: readonly Json[], depth: number, census: Census): string | null {
  for (const item of items) {
    const fault = inspect(item, depth + 1, census);
    if (fault !== null) return fault;
  }
  return null;
}

function inspectMembers(
  members: { readonly [key: string]: Json },
  depth: number,
  census: Census,
): string | null {
  for (const [key, member] of Object.entries(members)) {
    census.keys++;
    if (key === "__proto__") return "The key __proto__ is not allowed.";
    const fault = key.isWellFormed() ? inspect(member, depth + 1, census) : "A key holds a lone surrogate.";
    if (fault !== null) return fault;
  }
  return null;
}

/** `Array.isArray` does not narrow readonly arrays. */
function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/** How many keys a text writes that is known to be JSON: in it, a colon outside a string always follows a key. */
function keysWritten(text: string): number {
  let keys = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === COLON) keys++;
    else if (unit === QUOTE) at = closingQuote(text, at);
  }
  return keys;
}

function closingQuote(text: string, opening: number): number {
  let at = text.indexOf('"', opening + 1);
  while (isEscaped(text, at)) at = text.indexOf('"', at + 1);
  return at;
}

/** A quote is escaped by an odd number of backslashes before it. */
function isEscaped(text: string, quote: number): boolean {
  let at = quote - 1;
  while (text.charCodeAt(at) === BACKSLASH) at--;
  return (quote - at) % 2 === 0;
}
