import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../src/contracts/json.ts";
import { SecretMissing, Secrets } from "../../src/tools/secrets.ts";

const TOKEN = 'tok/en+"with\\quotes"=';
const scrub = (secrets: Secrets, value: Json): Json => secrets.scrubJson(value, JSON.stringify(value));

describe("reading", () => {
  const secrets = new Secrets({ API_TOKEN: TOKEN, EMPTY: "", DB: { prepare: 1 }, MODE: "development" });

  test("a bound secret is handed out", () => {
    expect(secrets.read("API_TOKEN")).toBe(TOKEN);
  });

  test.each(["GONE", "EMPTY", "DB", "toString", "__proto__"])("%s is not a bound secret", (name) => {
    expect(() => secrets.read(name)).toThrow(SecretMissing);
  });
});

describe("scrubbing", () => {
  test("a secret goes wherever it stands: in values, in keys, within longer texts, deep down", () => {
    const secrets = new Secrets({ API_TOKEN: TOKEN });
    const value = { a: TOKEN, b: [{ [`x${TOKEN}y`]: `Bearer ${TOKEN}!` }], c: 5, d: null, e: true };
    expect(scrub(secrets, value)).toEqual({
      a: "[secret]",
      b: [{ "x[secret]y": "Bearer [secret]!" }],
      c: 5,
      d: null,
      e: true,
    });
    expect(secrets.scrubText(`no ${TOKEN}.`)).toBe("no [secret].");
  });

  test("a secret goes in other spellings too", () => {
    const secrets = new Secrets({ API_TOKEN: TOKEN });
    expect(secrets.scrubText(`?token=${encodeURIComponent(TOKEN)}`)).toBe("?token=[secret]");
    expect(secrets.scrubText(`Basic ${btoa(TOKEN)}`)).toBe("Basic [secret]");
  });

  test("the parts of a binding that holds several keys are secrets too", () => {
    const secrets = new Secrets({
      LINK_KEYS: '{"k1":"abcdefghijklmnopqrstuvwxyz","k2":"zyxwvutsrqponmlkjihgfedcba"}',
    });
    expect(secrets.scrubText("zyxwvutsrqponmlkjihgfedcba and k2")).toBe("[secret] and k2");
  });

  test("other bindings are left alone until they are read as secrets", () => {
    const secrets = new Secrets({ REGION: "north-east-1" });
    expect(secrets.scrubText("in north-east-1")).toBe("in north-east-1");
    secrets.read("REGION");
    expect(secrets.scrubText("in north-east-1")).toBe("in [secret]");
  });

  test("short values and numbers are not mistaken for secrets", () => {
    const secrets = new Secrets({ API_KEY: "abc", PIN_KEY: "12345678" });
    expect(scrub(secrets, { a: "abc", n: 12345678 })).toEqual({ a: "abc", n: 12345678 });
  });

  test("a value without secrets is the same object", () => {
    const value = { a: ["b"] };
    expect(scrub(new Secrets({ API_TOKEN: TOKEN }), value)).toBe(value);
  });

  test("no secret is left in any value, and what held none is as it was", () => {
    const secrets = new Secrets({ API_TOKEN: TOKEN });
    const plant = fc.constantFrom(TOKEN, `${TOKEN}${TOKEN}`, encodeURIComponent(TOKEN), "plain");
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.array(plant), fc.string(), (json, planted, key) => {
        const value = { json: json as Json, planted, [`k${key}`]: planted.join(" ") };
        const text = JSON.stringify(scrub(secrets, value));
        expect(text).not.toContain(JSON.stringify(TOKEN).slice(1, -1));
        expect(text).not.toContain(encodeURIComponent(TOKEN));
        if (planted.every((word) => word === "plain")) expect(scrub(secrets, value)).toBe(value);
      }),
    );
  });
});
