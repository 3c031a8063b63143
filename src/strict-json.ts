import { parse as parseSlowly } from "jsonc-parser";
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
 * equal keys, so a text that writes more keys than the value holds had duplicates. Texts with escapes in their keys are rare, and
 * read by a slower parser: V8 from 13 on may take one such key for another, depending on what was parsed before
 * (https://github.com/nodejs/node/issues/63785).
 */
export function parseStrictJson(text: string, lengthMax: number = JSON_LENGTH_MAX): StrictJson {
  if (text.length > lengthMax) return refuse(`The JSON is longer than ${lengthMax} characters.`);
  const parsed = parse(text);
  if (parsed === null) return refuse("The text is not JSON.");
  const { keys, escapedKeys, depth } = survey(text);
  if (depth > JSON_DEPTH_MAX) return refuse(`The JSON is nested deeper than ${JSON_DEPTH_MAX} levels.`);
  const value = (escapedKeys ? parseSlowly(text) : parsed.value) as Json;
  const census: Census = { keys: 0 };
  const fault = inspect(value, census);
  if (fault !== null) return refuse(fault);
  return census.keys === keys ? { ok: true, value } : refuse("An object has the same key twice.");
}

function refuse(reason: string): StrictJson {
  return { ok: false, reason };
}

function parse(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

interface Census {
  keys: number;
}

/** The first fault of a value, or null. Counts the keys on its way. */
function inspect(value: Json, census: Census): string | null {
  if (typeof value === "string") return value.isWellFormed() ? null : "A string holds a lone surrogate.";
  if (typeof value === "number")
    return isExact(value) ? null : "A number is beyond the range of exact integers.";
  if (typeof value !== "object" || value === null) return null;
  return isArray(value) ? inspectItems(value, census) : inspectMembers(value, census);
}

function isExact(value: number): boolean {
  return !Number.isInteger(value) ? Number.isFinite(value) : Number.isSafeInteger(value);
}

function inspectItems(items: readonly Json[], census: Census): string | null {
  for (const item of items) {
    const fault = inspect(item, census);
    if (fault !== null) return fault;
  }
  return null;
}

function inspectMembers(members: { readonly [key: string]: Json }, census: Census): string | null {
  for (const [key, member] of Object.entries(members)) {
    census.keys++;
    if (key === "__proto__") return "The key __proto__ is not allowed.";
    const fault = key.isWellFormed() ? inspect(member, census) : "A key holds a lone surrogate.";
    if (fault !== null) return fault;
  }
  return null;
}

/** `Array.isArray` does not narrow readonly arrays. */
function isArray(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

interface Survey {
  readonly keys: number;
  /** Some key is written with an escape. */
  readonly escapedKeys: boolean;
  readonly depth: number;
}

/** What a text writes that is known to be JSON: outside its strings, a colon always follows a key. */
function survey(text: string): Survey {
  const mayEscape = text.includes("\\");
  let keys = 0;
  let escapedKeys = false;
  let lastEscaped = false;
  let open = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const closing = closingQuote(text, at);
        lastEscaped = mayEscape && text.slice(at, closing).includes("\\");
        at = closing;
        break;
      }
      case COLON:
        keys++;
        escapedKeys ||= lastEscaped;
        break;
      case OPEN_BRACKET:
      case OPEN_BRACE:
        depth = Math.max(depth, ++open);
        break;
      case CLOSE_BRACKET:
      case CLOSE_BRACE:
        open--;
        break;
      default:
    }
  }
  return { keys, escapedKeys, depth };
}

const QUOTE = 0x22;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

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
