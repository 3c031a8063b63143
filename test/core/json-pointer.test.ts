import { expect, test } from "vitest";
import type { Json } from "../../src/contracts/json.ts";
import { valueAt } from "../../src/core/json-pointer.ts";

/** The example of RFC 6901, section 5. */
const EXAMPLE: Json = {
  foo: ["bar", "baz"],
  "": 0,
  "a/b": 1,
  "c%d": 2,
  "m~n": 8,
  deep: { null: null },
};

test.each<[string, Json | undefined]>([
  ["/foo", ["bar", "baz"]],
  ["/foo/0", "bar"],
  ["/", 0],
  ["/a~1b", 1],
  ["/c%d", 2],
  ["/m~0n", 8],
  ["/deep/null", null],
  ["/foo/2", undefined],
  ["/foo/01", undefined],
  ["/foo/length", undefined],
  ["/foo/0/0", undefined],
  ["/deep/null/0", undefined],
  ["/toString", undefined],
])("under %s lies %j", (pointer, value) => {
  expect(valueAt(EXAMPLE, pointer)).toEqual(value);
});
