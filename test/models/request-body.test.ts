import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonBody, jsonItems, remembered } from "../../src/models/request-body.ts";

test("an object is worked out once, another one like it anew", () => {
  const worked: object[] = [];
  const sizeOf = remembered((key: readonly number[]) => worked.push(key));
  const one = [1];
  expect([sizeOf(one), sizeOf(one), sizeOf([1]), sizeOf(one)]).toEqual([1, 1, 2, 1]);
});

test("an empty answer is remembered too", () => {
  let times = 0;
  const textOf = remembered(() => `${"".repeat(++times)}`);
  const key = {};
  expect([textOf(key), textOf(key), times]).toEqual(["", "", 1]);
});

test("a body put together from texts is the body that its values would give", () => {
  const object = fc.dictionary(fc.string(), fc.jsonValue());
  fc.assert(
    fc.property(
      fc.record({ model: fc.string() }),
      fc.array(fc.array(object, { maxLength: 3 })),
      (head, groups) => {
        const items = groups.flat();
        const body: unknown = JSON.parse(
          jsonBody(head, { items: groups.map(jsonItems), none: [], empty: [""] }),
        );
        expect(body).toEqual(JSON.parse(JSON.stringify(items.length === 0 ? head : { ...head, items })));
      },
    ),
  );
});
