import { expect, test } from "vitest";
import { AUTHORITY_FRESH_MS, isAging, isFresh } from "../../src/core/authority.ts";

test.each([
  [0, true, false],
  [AUTHORITY_FRESH_MS / 2, true, false],
  [AUTHORITY_FRESH_MS / 2 + 1, true, true],
  [AUTHORITY_FRESH_MS, true, true],
  [AUTHORITY_FRESH_MS + 1, false, true],
])("what was read of a key %i ms ago is fresh: %s, and better read again: %s", (ageMs, fresh, aging) => {
  const authority = { active: true, readAtMs: 1_000_000 };
  expect([isFresh(authority, 1_000_000 + ageMs), isAging(authority, 1_000_000 + ageMs)]).toEqual([
    fresh,
    aging,
  ]);
});
