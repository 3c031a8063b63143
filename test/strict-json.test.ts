import fc from "fast-check";
import { visit } from "jsonc-parser";
import { describe, expect, test } from "vitest";
import { JSON_DEPTH_MAX, parseStrictJson } from "../src/strict-json.ts";

const asJson = (text: string): unknown => JSON.parse(text);
const reasonFor = (text: string, lengthMax?: number): string | null => {
  const parsed = parseStrictJson(text, lengthMax);
  return parsed.ok ? null : parsed.reason;
};
const accepted = (text: string): boolean => parseStrictJson(text).ok;
const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

describe("what every reader understands alike is taken", () => {
  test.each([
    "null",
    "true",
    "-1.5e3",
    '""',
    " [1, 2, 3]\n",
    '{"a":{"a":1},"b":{"a":1}}',
    '{"a":":","b":"\\":","c":"{\\"a\\":1,\\"a\\":2}"}',
    '{"\\\\":1,"\\\\\\\\":2}',
    "9007199254740991",
    "-9007199254740991",
    "0.1",
    '"\\ud83d\\ude00"',
    '{"constructor":1,"toString":2}',
    nested(JSON_DEPTH_MAX),
  ])("%s", (text) => {
    expect(parseStrictJson(text)).toEqual({ ok: true, value: asJson(text) });
  });

  test("every value that JSON can write comes back as it was", () => {
    const values = fc.jsonValue({ maxDepth: 6, stringUnit: "grapheme" }).filter(isExact);
    fc.assert(
      fc.property(values, fc.constantFrom(0, 1, 3), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(parseStrictJson(text)).toEqual({ ok: true, value: asJson(text) });
      }),
    );
  });
});

test("a key is read as it is written, whatever was read before", () => {
  // Node's own JSON.parse takes the second text's key for the first one's.
  expect(parseStrictJson('{"h":[],"\\\\":0}')).toEqual({ ok: true, value: { h: [], "\\": 0 } });
  expect(parseStrictJson('{"h":1,"\\"":2}')).toEqual({ ok: true, value: { h: 1, '"': 2 } });
});

describe("what readers differ about is refused", () => {
  test.each([
    ["an empty text", ""],
    ["half a text", '{"a":'],
    ["a trailing comma", "[1,]"],
    ["a comment", "/* a */ 1"],
    ["a single quote", "'a'"],
    ["NaN", "NaN"],
    ["two values", "1 2"],
    ["a byte order mark", "\ufeff1"],
    ["the same key twice", '{"a":1,"a":1}'],
    ["the same key twice, far apart and deep down", '[0,{"x":[{"a":1,"b":[":"],"a":2}]}]'],
    ["the same key in two spellings", '{"a":1,"\\u0061":2}'],
    ["the same key around a space", '{"a" :1,"a"\n:2}'],
    ["a duplicate hidden by a quote in a key", '{"\\"":1,"\\"":2}'],
    ["an integer that a double cannot hold", "9007199254740992"],
    ["a negative one", "[-9007199254740993]"],
    ["one in disguise", "1e300"],
    ["a number beyond all doubles", '{"a":1e400}'],
    ["a lone high surrogate", '"\\ud83d"'],
    ["a lone low surrogate", '["a\\udc00"]'],
    ["a surrogate in a key", '{"\\ud800":1}'],
    ["a raw lone surrogate", '"\ud800"'],
    ["the key __proto__", '{"a":{"__proto__":{}}}'],
    ["the key __proto__ in another spelling", '{"__pr\\u006fto__":1}'],
    ["too deep an array", nested(JSON_DEPTH_MAX + 1)],
    ["a very deep object", '{"a":'.repeat(100_000) + "1" + "}".repeat(100_000)],
  ])("%s", (_name, text) => {
    expect(reasonFor(text)).toMatch(/^(An?|The) /);
  });

  test("a text longer than its limit", () => {
    expect(reasonFor('"abc"', 5)).toBeNull();
    expect(reasonFor('"abcd"', 5)).toContain("longer than 5");
  });

  test("a reason tells nothing of the text", () => {
    for (const text of ['{"hunter2":1,"hunter2":2}', '{"hunter2', '["hunter2\\ud800"]']) {
      expect(JSON.stringify(parseStrictJson(text))).not.toContain("hunter2");
    }
  });
});

describe("against another parser", () => {
  const keys = fc.constantFrom("a", "b", "\\u0061", "\\\\", '\\"', ":", "c:", "{", "\\\\\\\\");
  const spaces = fc.constantFrom("", " ", "\n\t");
  const { tree } = fc.letrec<{ tree: string; members: string }>((tie) => ({
    tree: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom("1", "null", '"a\\":"', '"\\\\"', '":"'),
      fc.array(tie("tree"), { maxLength: 3 }).map((items) => `[${items.join(",")}]`),
      tie("members"),
    ),
    members: fc
      .array(fc.tuple(keys, spaces, tie("tree")), { maxLength: 4 })
      .map(
        (members) =>
          `{${members.map(([key, space, value]) => `"${key}"${space}:${space}${value}`).join(",")}}`,
      ),
  }));

  test("exactly the texts without duplicate keys are taken", () => {
    fc.assert(
      fc.property(tree, (text) => {
        expect(accepted(text)).toBe(!hasDuplicates(text));
      }),
      { numRuns: 2_000 },
    );
  });

  test("any damage to a text is refused or leaves JSON", () => {
    fc.assert(
      fc.property(tree, fc.nat(), fc.constantFrom("", '"', "\\", ":", "}"), (text, at, put) => {
        const damaged =
          text.slice(0, at % (text.length + 1)) + put + text.slice((at % (text.length + 1)) + 1);
        if (accepted(damaged)) expect(hasDuplicates(damaged)).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });
});

/** By the events of a parser that was not used to build what is tested. Throws for what is no JSON. */
function hasDuplicates(text: string): boolean {
  expect(() => void JSON.parse(text)).not.toThrow();
  const open: Set<string>[] = [];
  let found = false;
  visit(text, {
    onObjectBegin: () => void open.push(new Set()),
    onObjectEnd: () => void open.pop(),
    onObjectProperty: (name) => {
      found ||= open.at(-1)?.has(name) ?? false;
      open.at(-1)?.add(name);
    },
  });
  return found;
}

function isExact(value: unknown): boolean {
  if (typeof value === "number") return !Number.isInteger(value) || Number.isSafeInteger(value);
  if (typeof value !== "object" || value === null) return true;
  return !Object.hasOwn(value, "__proto__") && Object.values(value).every((member) => isExact(member));
}
