const MONEY_TOLERANCE = 0.01 + 1e-9;

/**
 * Where two JSON values differ, one line each; empty when they are the same. Numbers are money and may be a cent apart;
 * the order of keys says nothing, that of a list does.
 */
export function differences(actual: unknown, expected: unknown, path = "$"): readonly string[] {
  if (typeof actual === "number" && typeof expected === "number") {
    return Math.abs(actual - expected) <= MONEY_TOLERANCE ? [] : [unlike(path, actual, expected)];
  }
  if (!isNested(actual) || !isNested(expected) || Array.isArray(actual) !== Array.isArray(expected)) {
    return actual === expected ? [] : [unlike(path, actual, expected)];
  }
  const left = new Map<string, unknown>(Object.entries(actual));
  const right = new Map<string, unknown>(Object.entries(expected));
  const keys = new Set([...left.keys(), ...right.keys()]);
  return [...keys].flatMap((key) => differences(left.get(key), right.get(key), `${path}.${key}`));
}

function isNested(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function unlike(path: string, actual: unknown, expected: unknown): string {
  return `${path}: ${JSON.stringify(actual) ?? "absent"}, expected ${JSON.stringify(expected) ?? "absent"}`;
}
