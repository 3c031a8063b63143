import fc from "fast-check";
import { expect, test } from "vitest";
import { fromBase64Url, toBase64Url } from "../src/base64url.ts";

test.each([
  ["", []],
  ["Zg", [0x66]],
  ["Zm8", [0x66, 0x6f]],
  ["Zm9v", [0x66, 0x6f, 0x6f]],
  ["-_8", [0xfb, 0xff]],
])("%j is how RFC 4648 writes these bytes", (text, bytes) => {
  expect(toBase64Url(Uint8Array.from(bytes))).toBe(text);
});

test("bytes that were written come back, and every text is the text of its bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(fromBase64Url(toBase64Url(bytes))).toEqual(bytes);
    }),
  );
  fc.assert(
    fc.property(
      fc.string({ maxLength: 12, unit: fc.constantFrom("A", "Q", "g", "w", "-", "_", "0", "4", "8", "c") }),
      (text) => {
        const bytes = fromBase64Url(text);
        expect(bytes === null || toBase64Url(bytes) === text).toBe(true);
      },
    ),
  );
});

test.each(["A", "AB", "AAAAA", "AA==", "AA A", "A+A/", "AAé", "AA\n"])(
  "%j is not what was written for any bytes",
  (text) => {
    expect(fromBase64Url(text)).toBeNull();
  },
);
