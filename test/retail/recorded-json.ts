import { createHash } from "node:crypto";

/*
 * The recordings were written by Python: `json.dumps` puts a space after `,` and `:`, and every number of this domain is
 * a float, so 44 dollars are `44.0`. Hashes are taken over the same text without the spaces and with sorted keys.
 */

/** The text that `str(float)` gives in Python. */
export function pythonFloat(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** Rounds to cents as Python's `round(value, 2)` does: an exact half goes to the even cent. */
export function roundCents(value: number): number {
  const isExactHalf = Math.abs(value * 8) % 2 === 1;
  if (!isExactHalf) return Number(value.toFixed(2));
  const cents = Math.floor(value * 100);
  return (cents % 2 === 0 ? cents : cents + 1) / 100;
}

/** A value as the recordings show it, its keys in the order they stand. */
export function recordedJson(value: unknown): string {
  return write(value, { comma: ", ", colon: ": ", sorted: false, number: pythonFloat });
}

/** The text that database hashes are taken over. */
export function canonicalJson(value: unknown): string {
  return write(value, { comma: ",", colon: ":", sorted: true, number: pythonFloat });
}

/** RFC 8785: what the digest of a call's arguments is taken over. */
export function plainCanonicalJson(value: unknown): string {
  return write(value, { comma: ",", colon: ":", sorted: true, number: String });
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

interface Layout {
  readonly comma: string;
  readonly colon: string;
  readonly sorted: boolean;
  readonly number: (value: number) => string;
}

function write(value: unknown, layout: Layout): string {
  if (typeof value === "number") return layout.number(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((one) => write(one, layout)).join(layout.comma)}]`;
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  if (layout.sorted) entries.sort(byKey);
  const fields = entries.map(
    ([key, field]) => `${JSON.stringify(key)}${layout.colon}${write(field, layout)}`,
  );
  return `{${fields.join(layout.comma)}}`;
}

/** A copy whose objects have their keys in sorted order, all the way down, as the recordings show records. */
export function withSortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSortedKeys);
  if (typeof value !== "object" || value === null) return value;
  const sorted = Object.entries(value).sort(byKey);
  return Object.fromEntries(sorted.map(([key, field]) => [key, withSortedKeys(field)]));
}

function byKey([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
