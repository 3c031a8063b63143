import { join } from "node:path";
import { describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { castLinesOf, longFunctionLinesOf, reExportLinesOf } from "./syntax.ts";
import { sourceFilesIn } from "./source-files.ts";

const CASTS_PER_1000_LINES_MAX = 3;
const TEST_FUNCTION_LINES_MAX = 60;
const VAGUE_NAME = /(^|[-./])(utils?|helpers?|common|managers?|misc)([-./]|$)/;

const product = sourceFilesIn("src", "durable-objects");
const everything = [...product, ...sourceFilesIn("scripts", "test")];
const tests = everything.filter((file) => file.path.endsWith(".test.ts"));

test("the walks find files", () => {
  expect([product.length, tests.length].every((count) => count > 0)).toBe(true);
});

test(`at most ${CASTS_PER_1000_LINES_MAX} casts in 1,000 lines of product code`, () => {
  const casts = product.flatMap(({ path, source }) => castLinesOf(source).map((line) => `${path}:${line}`));
  const lines = product.reduce((sum, { source }) => sum + source.split("\n").length, 0);
  const allowed = Math.floor((lines * CASTS_PER_1000_LINES_MAX) / 1000);
  expect(casts.length, `${lines} lines allow ${allowed} casts:\n${casts.join("\n")}`).toBeLessThanOrEqual(
    allowed,
  );
});

test("every file is named by the noun it holds", () => {
  expect(everything.map((file) => file.path).filter((path) => VAGUE_NAME.test(path))).toEqual([]);
});

test("only the library's entry hands on what others define", () => {
  const entries = ["src/index.ts", ...Object.values(manifest.exports).map((entry) => join(entry))];
  const barrels = product.filter(({ source }) => reExportLinesOf(source).length > 0).map((file) => file.path);
  expect(barrels.filter((path) => !entries.includes(path))).toEqual([]);
});

test(`no test is longer than ${TEST_FUNCTION_LINES_MAX} lines`, () => {
  const long = tests.flatMap(({ path, source }) =>
    longFunctionLinesOf(source, TEST_FUNCTION_LINES_MAX).map((line) => `${path}:${line}`),
  );
  expect(long).toEqual([]);
});

describe("the rules themselves", () => {
  test("casts are seen however they are written, `as const` and `satisfies` are none", () => {
    const source =
      "const a = x as T;\nconst b = <T>x;\nconst c = [1] as const satisfies U;\nconst d = x as unknown as T;";
    expect(castLinesOf(source)).toEqual([1, 2, 4, 4]);
  });

  test("re-exports are seen, exports are not", () => {
    const source =
      'export const a = 1;\nexport { b } from "./b.ts";\nexport * from "./c.ts";\nexport { a as d };';
    expect(reExportLinesOf(source)).toEqual([2, 3]);
  });

  test.each([
    "src/utils.ts",
    "src/utils/a.ts",
    "src/task-manager.ts",
    "test/common/a.ts",
    "src/core/helpers.ts",
  ])("%s says nothing", (path) => expect(path).toMatch(VAGUE_NAME));

  test.each(["src/core/commonality.ts", "src/core/budget.ts", "src/managed.ts"])(
    "%s says something",
    (path) => expect(path).not.toMatch(VAGUE_NAME),
  );

  test("a long test is seen inside a long describe", () => {
    const body = "\n  x();".repeat(5);
    const source = `describe("a", () => {\n  test("b", () => {${body}\n  });\n});\ndescribe.each([1])("c", () => {${body}\n});`;
    expect(longFunctionLinesOf(source, 5)).toEqual([2]);
    expect(longFunctionLinesOf(source, 10)).toEqual([]);
  });

  test("a file that does not parse is an error, not a pass", () => {
    expect(() => castLinesOf("const = ;")).toThrow(SyntaxError);
  });
});
