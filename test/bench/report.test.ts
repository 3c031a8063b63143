import { expect, test } from "vitest";
import { readOptions } from "./options.ts";
import { table } from "./report.ts";

test("a table's first column is on the left, and figures stand under each other", () => {
  expect(
    table([
      ["", "raw", "countersign"],
      ["p50 ms", "9.50", "12.25"],
    ]),
  ).toBe(["         raw  countersign", "p50 ms  9.50        12.25"].join("\n"));
});

test("options are read, and an unknown one is refused", () => {
  expect(readOptions(["--quick", "--json", "out.json"])).toEqual({
    quick: true,
    json: "out.json",
    only: undefined,
  });
  expect(readOptions(["--only", "raw"])).toMatchObject({ quick: false, only: "raw" });
  expect(() => readOptions(["--fast"])).toThrow(/--fast/);
});
