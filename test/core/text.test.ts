import fc from "fast-check";
import { expect, test } from "vitest";
import { utf8Bytes } from "../../src/core/text.ts";

test.each([
  ["", 0],
  ["plain", 5],
  ["é", 2],
  ["€", 3],
  ["𝄞", 4],
  ["\ud834", 3],
  ["\ud834x", 4],
  ["\udd1e", 3],
  ["\ud834\ud834\udd1e", 7],
])("%j has %i bytes", (text, bytes) => {
  expect(utf8Bytes(text)).toBe(bytes);
});

test("counts what an encoder writes, lone surrogates as it replaces them", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.boolean(), (text, cut) => {
      const given = cut ? text.slice(1) : text;
      expect(utf8Bytes(given)).toBe(new TextEncoder().encode(given).length);
    }),
  );
});
