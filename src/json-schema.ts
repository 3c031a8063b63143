import { type OutputUnit, type Schema, dereference, validate } from "@cfworker/json-schema";
import type { Json, JsonObject } from "./contracts/json.ts";

/** What is wrong at one place of a value. `path` is a JSON Pointer (RFC 6901), empty for the whole. */
export interface Issue {
  readonly path: string;
  readonly message: string;
}

export const ISSUES_MAX = 10;
const MESSAGE_LENGTH_MAX = 300;
/** Up to this many parts, every issue of a value is told; beyond, only the first, so that a bad value costs no more than a good one. */
const PARTS_TOLD_MAX = 2_000;

/** Issues of a value under a JSON Schema (2020-12), none when it is valid. Never throws: a schema that cannot be applied fits nothing. */
export function validateJson(schema: JsonObject, value: Json): readonly Issue[] {
  try {
    const prepared = prepare(schema);
    const first = apply(prepared, value, true);
    return first.length === 0 || hasMoreParts(value, PARTS_TOLD_MAX) ? first : apply(prepared, value, false);
  } catch {
    return [{ path: "", message: "The schema cannot be applied to this value." }];
  }
}

/** What keeps a schema from being applied, or null: to be asked when a tool is defined, not when it is called. */
export function schemaFault(schema: JsonObject): string | null {
  try {
    const prepared = prepare(schema);
    for (const part of Object.values(prepared.lookup)) {
      if (typeof part !== "object") continue;
      const fault = partFault(part, prepared);
      if (fault !== null) return fault;
    }
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : "The schema cannot be read.";
  }
}

interface Prepared {
  readonly root: Schema;
  readonly lookup: Record<string, Schema | boolean>;
}

/**
 * Resolving references costs as much as many validations: done once for equal schemas, however often a task is loaded and its
 * schemas are parsed anew. The first lookup is by identity, the second by text.
 */
const preparedBySchema = new WeakMap<JsonObject, Prepared>();
const preparedByText = new Map<string, Prepared>();
const PREPARED_MAX = 500;

function prepare(schema: JsonObject): Prepared {
  const known = preparedBySchema.get(schema);
  if (known !== undefined) return known;
  const text = JSON.stringify(schema);
  const prepared = preparedByText.get(text) ?? resolve(text);
  preparedBySchema.set(schema, prepared);
  return prepared;
}

/** The library marks the schema's objects with what it resolved, so it gets a copy; the caller's stay as they are. */
function resolve(text: string): Prepared {
  const root = JSON.parse(text) as Schema;
  const prepared = { root, lookup: dereference(root) };
  const [oldest] = preparedByText.size < PREPARED_MAX ? [] : preparedByText.keys();
  if (oldest !== undefined) preparedByText.delete(oldest);
  preparedByText.set(text, prepared);
  return prepared;
}

function apply({ root, lookup }: Prepared, value: Json, firstOnly: boolean): readonly Issue[] {
  const { valid, errors } = validate(value, root, "2020-12", lookup, firstOnly);
  return valid ? [] : told(errors);
}

/** Keywords whose error only says that something within did not fit. */
const WRAPPERS = new Set([
  "properties",
  "patternProperties",
  "additionalProperties",
  "items",
  "prefixItems",
  "$ref",
  "allOf",
  "if",
  "dependentSchemas",
]);

function told(errors: readonly OutputUnit[]): readonly Issue[] {
  const leaves = errors.filter((error) => !WRAPPERS.has(error.keyword));
  const shown = leaves.length > 0 ? leaves : errors;
  return shown.slice(0, ISSUES_MAX).map((error) => ({
    path: pathOf(error.instanceLocation),
    message:
      error.keyword === "false" ? "This is not allowed here." : error.error.slice(0, MESSAGE_LENGTH_MAX),
  }));
}

/** The library writes places as URI fragments: `#/line%20items/0`. */
function pathOf(instanceLocation: string): string {
  return decodeURIComponent(instanceLocation.slice(1));
}

function hasMoreParts(value: Json, partsMax: number): boolean {
  let left = partsMax;
  const pending: Json[] = [value];
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (--left < 0) return true;
    if (typeof part === "object" && part !== null) pending.push(...Object.values(part).slice(0, left + 1));
  }
  return false;
}

function partFault(part: Schema, { lookup }: Prepared): string | null {
  if ("$dynamicRef" in part || "$recursiveRef" in part) return "Dynamic references are not supported.";
  if (part.$ref !== undefined && lookup[part.__absolute_ref__ ?? part.$ref] === undefined) {
    return `The reference ${part.$ref} leads nowhere within the schema.`;
  }
  return patternFault([part.pattern, ...Object.keys(part.patternProperties ?? {})]);
}

function patternFault(patterns: readonly (string | undefined)[]): string | null {
  for (const pattern of patterns)
    if (pattern !== undefined && !isPattern(pattern)) return `${pattern} is not a regular expression.`;
  return null;
}

function isPattern(pattern: string): boolean {
  try {
    return new RegExp(pattern, "u") instanceof RegExp;
  } catch {
    return false;
  }
}
