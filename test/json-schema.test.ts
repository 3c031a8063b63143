import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json, JsonObject } from "../src/contracts/json.ts";
import { ISSUES_MAX, type Issue, schemaFault, validateJson } from "../src/json-schema.ts";

const pathsOf = (issues: readonly Issue[]): readonly string[] => issues.map((issue) => issue.path);

const ORDER: JsonObject = {
  type: "object",
  properties: {
    orderId: { type: "string", pattern: "^ord_" },
    amountCents: { type: "integer", exclusiveMinimum: 0 },
    tags: { type: "array", items: { enum: ["new", "old"] }, uniqueItems: true },
    to: { $ref: "#/$defs/address" },
  },
  required: ["orderId", "amountCents"],
  additionalProperties: false,
  $defs: {
    address: { type: "object", properties: { zip: { type: "string", minLength: 4 } }, required: ["zip"] },
  },
};

describe("validateJson", () => {
  test("a value that fits has no issues", () => {
    const value = { orderId: "ord_1", amountCents: 5, tags: ["new", "old"], to: { zip: "1234" } };
    expect(validateJson(ORDER, value)).toEqual([]);
  });

  test.each<[string, Json, string]>([
    ["a missing property", { orderId: "ord_1" }, ""],
    ["a wrong type", { orderId: "ord_1", amountCents: "5" }, "/amountCents"],
    ["a fraction for an integer", { orderId: "ord_1", amountCents: 1.5 }, "/amountCents"],
    ["a number out of range", { orderId: "ord_1", amountCents: 0 }, "/amountCents"],
    ["a pattern that does not match", { orderId: "x", amountCents: 1 }, "/orderId"],
    ["a property that nobody knows", { orderId: "ord_1", amountCents: 1, "a/b~": 1 }, "/a~1b~0"],
    ["an item that is not listed", { orderId: "ord_1", amountCents: 1, tags: ["new", "x"] }, "/tags/1"],
    ["an item twice", { orderId: "ord_1", amountCents: 1, tags: ["new", "new"] }, "/tags"],
    ["what a reference asks", { orderId: "ord_1", amountCents: 1, to: { zip: "1" } }, "/to/zip"],
    ["another type altogether", "ord_1", ""],
  ])("%s is told with its place", (_name, value, path) => {
    expect(pathsOf(validateJson(ORDER, value))).toContain(path);
  });

  test("all issues of a value are told at once, as far as there is room", () => {
    const paths = pathsOf(validateJson(ORDER, { orderId: "x", amountCents: 0, y: 1 }));
    expect(new Set(paths)).toEqual(new Set(["/orderId", "/amountCents", "/y"]));
    const many = Array.from({ length: 100 }, (_, n) => n);
    expect(validateJson({ type: "array", items: { type: "string" } }, many)).toHaveLength(ISSUES_MAX);
  });

  test("a very large bad value costs no more than a good one", () => {
    const large = Array.from({ length: 300_000 }, (_, n) => n);
    const schema: JsonObject = { type: "array", items: { type: "string" } };
    expect(pathsOf(validateJson(schema, large))).toEqual(["/0"]);
  });

  test("messages are bounded", () => {
    const schema: JsonObject = { enum: ["x".repeat(10_000)] };
    expect(validateJson(schema, "y")[0]?.message.length).toBeLessThanOrEqual(300);
  });

  test("a schema that cannot be applied fits nothing", () => {
    expect(validateJson({ $ref: "#/$defs/gone" }, 1)).toHaveLength(1);
    expect(validateJson({ type: "string", pattern: "(" }, "a")).toHaveLength(1);
    expect(validateJson({ $ref: "#" }, 1)).toHaveLength(1);
  });

  test("the schema is left as it is, frozen or not", () => {
    const schema = Object.freeze({
      $id: "https://example.com/s",
      $ref: "#/$defs/a",
      $defs: Object.freeze({ a: { type: "null" } }),
    });
    expect(validateJson(schema, null)).toEqual([]);
    expect(Object.getOwnPropertyNames(schema)).toEqual(["$id", "$ref", "$defs"]);
  });

  test("equal schemas in other objects are judged alike, however many there are", () => {
    for (let n = 0; n < 1_200; n++) {
      expect(validateJson({ const: n % 600 }, n % 600)).toEqual([]);
      expect(validateJson({ const: n % 600 }, 600)).toHaveLength(1);
    }
  });
});

describe("by property", () => {
  const leaf = fc.constantFrom("string", "integer", "boolean", "null");
  const valueOf: Record<string, fc.Arbitrary<Json>> = {
    string: fc.string(),
    integer: fc.integer(),
    boolean: fc.boolean(),
    null: fc.constant(null),
  };
  const names = fc.uniqueArray(
    fc.string({ minLength: 1, maxLength: 8 }).filter((name) => name !== "__proto__"),
    {
      minLength: 1,
      maxLength: 6,
    },
  );
  const shape = names.chain((keys) =>
    fc.record({ keys: fc.constant(keys), types: fc.array(leaf, { minLength: 6, maxLength: 6 }) }),
  );

  test("what is made by a schema fits it, and stops fitting when one property has another type", () => {
    const cases = shape.chain(({ keys, types }) =>
      fc.record({
        types: fc.constant(types),
        schema: fc.constant<JsonObject>({
          type: "object",
          properties: Object.fromEntries(keys.map((key, at) => [key, { type: types[at] ?? "null" }])),
          required: keys,
          additionalProperties: false,
        }),
        value: fc.tuple(...keys.map((_, at) => valueOf[types[at] ?? "null"] ?? fc.constant(null))),
        keys: fc.constant(keys),
        broken: fc.nat(keys.length - 1),
      }),
    );
    fc.assert(
      fc.property(cases, ({ schema, value, keys, broken }) => {
        const good = Object.fromEntries(keys.map((key, at) => [key, value[at] ?? null]));
        expect(validateJson(schema, good)).toEqual([]);
        const key = keys[broken] ?? "";
        const pointer = `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
        expect(pathsOf(validateJson(schema, { ...good, [key]: [] }))).toContain(pointer);
        expect(
          validateJson(schema, Object.fromEntries(Object.entries(good).filter(([name]) => name !== key))),
        ).toHaveLength(1);
      }),
    );
  });

  test("nothing makes it throw, whatever the schema and the value", () => {
    const schemas = fc.dictionary(
      fc.constantFrom(
        "type",
        "$ref",
        "pattern",
        "items",
        "properties",
        "enum",
        "anyOf",
        "required",
        "multipleOf",
        "const",
        "format",
        "$id",
      ),
      fc.jsonValue({ maxDepth: 3 }),
    );
    fc.assert(
      fc.property(schemas, fc.jsonValue(), (schema, value) => {
        expect(Array.isArray(validateJson(schema as JsonObject, value as Json))).toBe(true);
        expect(["string", "object"]).toContain(typeof schemaFault(schema as JsonObject));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("schemaFault", () => {
  test("a schema that can be applied has none", () => {
    expect(schemaFault(ORDER)).toBeNull();
    expect(schemaFault({})).toBeNull();
    expect(schemaFault({ properties: { $ref: { type: "string" }, pattern: { const: "(" } } })).toBeNull();
  });

  test.each<[string, JsonObject]>([
    ["a reference that leads nowhere", { properties: { a: { $ref: "#/$defs/b" } } }],
    ["a reference to elsewhere", { items: { $ref: "https://example.com/other.json" } }],
    ["a pattern that is none", { properties: { a: { pattern: "(" } } }],
    ["a pattern of properties that is none", { patternProperties: { "[": {} } }],
    ["a dynamic reference", { $dynamicRef: "#a" }],
    ["an identifier that is no address", { $id: "http://[" }],
  ])("%s", (_name, schema) => {
    expect(schemaFault(schema)).not.toBeNull();
  });
});
