import { describe, expect, test } from "vitest";
import { evaluate } from "./arithmetic.ts";
import { differences } from "./compare.ts";
import { canonicalJson, pythonFloat, recordedJson, roundCents, withSortedKeys } from "./recorded-json.ts";

// The expected texts are what Python 3 prints for the same values.
test.each([
  [44, "44.0"],
  [0, "0.0"],
  [-0, "-0.0"],
  [0.1 + 0.2, "0.30000000000000004"],
  [17.98999999999998, "17.98999999999998"],
  [0.0001, "0.0001"],
  [0.00001, "1e-05"],
  [1.5e-7, "1.5e-07"],
  [1.25e-14, "1.25e-14"],
  [1e15, "1000000000000000.0"],
  [1e16, "1e+16"],
  [-2.5e22, "-2.5e+22"],
])("the number %d is written %s", (value, text) => {
  expect(pythonFloat(value)).toBe(text);
});

test.each([
  [0.125, 0.12],
  [0.375, 0.38],
  [-0.125, -0.12],
  [2.675, 2.67],
  [34.98999999999998, 34.99],
  [153.26999999999998, 153.27],
  [1e15, 1e15],
])("%d rounds to %d: an exact half to the even cent", (value, rounded) => {
  expect(roundCents(value)).toBe(rounded);
});

test("a record is written with spaces and in its order, a hash's text without and sorted", () => {
  const record = { b: [1, "x"], a: { d: null, c: true }, absent: undefined };
  expect(recordedJson(record)).toBe('{"b": [1.0, "x"], "a": {"d": null, "c": true}}');
  expect(canonicalJson(record)).toBe('{"a":{"c":true,"d":null},"b":[1.0,"x"]}');
  expect(JSON.stringify(withSortedKeys(record))).toBe('{"a":{"c":true,"d":null},"b":[1,"x"]}');
});

describe("arithmetic", () => {
  test.each([
    ["2 + 2", 4],
    ["1 + 2 * 3 - 4 / 2", 5],
    ["10 - 3 - 2", 5],
    ["-(1.5 + .5) * 2.", -4],
    ["2 - -3", 5],
    [" ((7)) ", 7],
  ])("%s is %d", (expression, value) => {
    expect(evaluate(expression)).toBeCloseTo(value, 12);
  });

  test.each(["", "1 +", "(1", "1)", "1 2", "2 ** 3", "1e3", "a", "1 / 0", "0 / 0", "()"])(
    "%j has no value",
    (expression) => {
      expect(evaluate(expression)).toBeNull();
    },
  );
});

test("an expression nested too deep, or too long, has no value", () => {
  expect(evaluate(`${"(".repeat(90)}1${")".repeat(90)}`)).toBe(1);
  expect(evaluate(`${"(".repeat(300)}1${")".repeat(300)}`)).toBeNull();
  expect(evaluate(`1${" ".repeat(1_000)}+ 1`)).toBeNull();
});

describe("records are compared", () => {
  test("to the cent, whatever the order of their keys", () => {
    expect(differences({ a: 1, b: [2.004] }, { b: [1.999], a: 1.01 })).toEqual([]);
  });

  test.each([
    [{ a: 1 }, { a: 1.02 }],
    [{ a: 1 }, {}],
    [{}, { a: null }],
    [{ a: ["x", "y"] }, { a: ["y", "x"] }],
    [{ a: ["x"] }, { a: ["x", "x"] }],
    [{ a: [] }, { a: {} }],
    [{ a: "1" }, { a: 1 }],
  ])("%j differs from %j", (actual, expected) => {
    expect(differences(actual, expected)).not.toEqual([]);
  });
});
