import { describe, expect, test } from "vitest";
import { modelProviders } from "../../src/models/registry.ts";
import { tokensLeftIn, waitToldMs } from "../../src/models/rate-headers.ts";
import { answering, ask, json, requestOf } from "./ask.ts";
import * as chat from "./fixtures/chat.ts";

const NOW = Date.parse("2026-11-27T12:00:00Z");

/** As OpenAI heads its replies, with what a test is about. */
const openai = (of: Readonly<Record<string, string>>) =>
  new Headers({
    "x-ratelimit-limit-requests": "60",
    "x-ratelimit-remaining-requests": "59",
    "x-ratelimit-reset-requests": "1s",
    "x-ratelimit-limit-tokens": "150000",
    "x-ratelimit-remaining-tokens": "149984",
    "x-ratelimit-reset-tokens": "6m0s",
    ...of,
  });

/** As Anthropic does. */
const anthropic = (of: Readonly<Record<string, string>>) =>
  new Headers({
    "anthropic-ratelimit-requests-limit": "1000",
    "anthropic-ratelimit-requests-remaining": "999",
    "anthropic-ratelimit-requests-reset": "2026-11-27T12:00:01Z",
    "anthropic-ratelimit-input-tokens-limit": "80000",
    "anthropic-ratelimit-input-tokens-remaining": "80000",
    "anthropic-ratelimit-input-tokens-reset": "2026-11-27T12:00:00Z",
    "anthropic-ratelimit-output-tokens-limit": "16000",
    "anthropic-ratelimit-output-tokens-remaining": "16000",
    "anthropic-ratelimit-output-tokens-reset": "2026-11-27T12:00:00Z",
    ...of,
  });

describe("the head of a good reply", () => {
  test.each([
    ["that there is plenty left", openai({}), 0],
    [
      "that no request is left: a sixtieth of a minute until there is one",
      openai({ "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m0s" }),
      1_000,
    ],
    [
      "that as good as no token is left",
      openai({ "x-ratelimit-remaining-tokens": "500", "x-ratelimit-reset-tokens": "59.8s" }),
      100,
    ],
    [
      "that little is left: enough for whoever needs little",
      openai({ "x-ratelimit-remaining-tokens": "2000", "x-ratelimit-reset-tokens": "59.8s" }),
      0,
    ],
    [
      "milliseconds",
      openai({
        "x-ratelimit-limit-requests": "1",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "120ms",
      }),
      120,
    ],
    [
      "a number of seconds",
      openai({
        "x-ratelimit-limit-requests": "1",
        "x-ratelimit-remaining-requests": "0",
        "x-ratelimit-reset-requests": "2",
      }),
      2_000,
    ],
    [
      "no whole: all of the time",
      new Headers({ "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "3s" }),
      3_000,
    ],
    [
      "hours: a minute at most",
      new Headers({ "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "4h0m0s" }),
      60_000,
    ],
    ["as Anthropic says it, that there is plenty left", anthropic({}), 0],
    [
      "as Anthropic says it, that no output is left",
      anthropic({
        "anthropic-ratelimit-output-tokens-remaining": "0",
        "anthropic-ratelimit-output-tokens-reset": "2026-11-27T12:00:16Z",
      }),
      80,
    ],
    [
      "as Anthropic says it, that no input is left",
      anthropic({
        "anthropic-ratelimit-input-tokens-remaining": "0",
        "anthropic-ratelimit-input-tokens-reset": "2026-11-27T12:00:40Z",
      }),
      200,
    ],
    [
      "a time that has passed",
      anthropic({
        "anthropic-ratelimit-requests-remaining": "0",
        "anthropic-ratelimit-requests-reset": "2026-11-27T11:00:00Z",
      }),
      0,
    ],
    ["nothing", new Headers(), 0],
    ["rubbish", openai({ "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "soon" }), 0],
    [
      "rubbish that looks like a time",
      openai({ "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "2026-99-99T" }),
      0,
    ],
    ["more rubbish", openai({ "x-ratelimit-remaining-requests": "-1" }), 0],
    [
      "rubbish without end",
      openai({ "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1s".repeat(99) }),
      0,
    ],
  ])("tells %s", (_what, headers, waitMs) => {
    expect(waitToldMs(headers, NOW)).toBe(waitMs);
  });
});

test.each([
  ["little", openai({ "x-ratelimit-remaining-tokens": "2000" }), 2_000],
  ["a good deal", openai({}), 149_984],
  ["nothing that is counted", openai({ "x-ratelimit-remaining-tokens": "many" }), null],
  ["nothing of the whole", new Headers({ "x-ratelimit-remaining-tokens": "5" }), null],
  ["nothing", new Headers(), null],
  // Anthropic counts neither what it has cached nor output that is not there yet: nobody can say beforehand what a call will need.
  ["as Anthropic does", anthropic({ "anthropic-ratelimit-input-tokens-remaining": "2000" }), null],
])("a head that tells %s is heard as what is left of the tokens", (_what, headers, left) => {
  const whole = { whole: 150_000, resetMs: 60_000 };
  expect(tokensLeftIn(headers, NOW)).toEqual(left === null ? null : { left, ...whole });
});

test("a reply is as it is, whatever its head says; and who shares the rate is told", async () => {
  const told: unknown[] = [];
  const whole = chat.whole({ content: "Hi." }, "stop");
  const head = openai({ "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "30s" });
  const headers = Object.fromEntries(head);
  const plain = answering(whole);
  const headed = answering({ ...whole, headers: { ...whole.headers, ...headers } });
  const models = (fetch: typeof globalThis.fetch) =>
    modelProviders({
      access: { openai: { apiKey: "sk-test-key" } },
      fetch,
      told: ({ model }, waitMs, tokensLeft) => void told.push([model, waitMs, tokensLeft?.left]),
    });
  const first = await ask(models(plain.fetch), requestOf("openai-chat"));
  expect(told).toEqual([["test-model", 0, undefined]]);
  expect(await ask(models(headed.fetch), requestOf("openai-chat"))).toEqual(first);
  expect(told).toEqual([
    ["test-model", 0, undefined],
    ["test-model", 500, 149_984],
  ]);
  const failing = answering({ ...json({ error: {} }), status: 500, headers });
  await ask(models(failing.fetch), requestOf("openai-chat"));
  expect(told).toHaveLength(2);
});
