import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson, sha256 } from "../src/hash.ts";

describe("sha256", () => {
  test.each([
    ["", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
    ["abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
    ["é€😀", "df9226927fd572c1ee66eec85de1bb139497614899f36e4e90474cb71f6ef9d0"],
  ])("%j has the digest of its UTF-8 bytes", (text, digest) => {
    expect(sha256(text)).toBe(digest);
  });
});

describe("canonicalJson", () => {
  // RFC 8785, 3.2.2 and 3.2.3.
  const EXAMPLES: readonly (readonly [unknown, string])[] = [
    [
      { numbers: [333333333.3333333, 1e30, 4.5, 2e-3, 0.000000000000000000000000001] },
      '{"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27]}',
    ],
    [{ string: '€$\u000F\nA\'B"\\\\"/' }, '{"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'],
    [{ literals: [null, true, false] }, '{"literals":[null,true,false]}'],
    [
      { "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\ud83d\ude00": 5, "\u0080": 6, "\u00f6": 7 },
      '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}',
    ],
    [-0, "0"],
    [[], "[]"],
    [{}, "{}"],
  ];

  test.each(EXAMPLES)("example %#", (value, text) => {
    expect(canonicalJson(value)).toBe(text);
  });

  test.each([
    ["undefined", undefined],
    ["NaN", Number.NaN],
    ["Infinity", { at: Number.POSITIVE_INFINITY }],
    ["a lone surrogate", ["\ud800"]],
    ["a function", () => 1],
  ])("%s has none", (_name, value) => {
    expect(() => canonicalJson(value)).toThrow(Error);
  });

  test("equal values have equal text, whatever the order of their keys", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: "grapheme" }), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).toReversed());
        expect(canonicalJson(turned)).toBe(canonicalJson(value));
        const again: unknown = JSON.parse(canonicalJson(value));
        expect(canonicalJson(again)).toBe(canonicalJson(value));
      }),
    );
  });
});
