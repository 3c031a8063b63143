import { once } from "node:events";
import type { Server } from "node:http";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mockModelServer } from "./server.ts";
import { SDK_LOOPS } from "./sdk-loops.ts";

const NAMED = {
  "two-steps": [
    { tool: "find", args: { id: 7 } },
    { tool: "fix", args: {} },
  ],
};
const everyLoop = Object.entries(SDK_LOOPS).flatMap(([name, loop]) => [
  { name, how: "whole", loop, streamed: false },
  { name, how: "streamed", loop, streamed: true },
]);

let server: Server;
let url: string;

beforeAll(async () => {
  server = mockModelServer({ named: NAMED, delayMs: 0 });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("The server has no port.");
  url = `http://127.0.0.1:${address.port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function plan(value: unknown): string {
  return `Please do this: ${JSON.stringify(value)}`;
}

async function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url + path, { method: "POST", body: JSON.stringify(body), headers });
}

describe.each(everyLoop)("through the $name SDK, $how", ({ name, loop, streamed }) => {
  test("n calls are n turns of one call each, then the final text", async () => {
    const told = await loop(url, plan({ scenario: "calls", n: 3, final: "All three done." }), streamed);
    expect(told).toEqual({
      turns: [0, 1, 2].map((turn) => [{ tool: "echo", argsText: `{"turn":${turn}}` }]),
      text: "All three done.",
    });
  });

  test("n parallel calls are one turn of n calls, then the final text", async () => {
    const told = await loop(url, plan({ scenario: "parallel", n: 50, tool: "slow" }), streamed);
    expect(told.turns.map((turn) => turn.length)).toEqual([50]);
    expect(told.turns[0]?.[49]).toEqual({ tool: "slow", argsText: '{"index":49}' });
    expect(told.text).toBe("Done.");
  });

  test("listed and named actions come one a turn, in order", async () => {
    const wanted = [[{ tool: "find", argsText: '{"id":7}' }], [{ tool: "fix", argsText: "{}" }]];
    const listed = await loop(url, plan({ scenario: "actions", actions: NAMED["two-steps"] }), streamed);
    const named = await loop(url, plan({ scenario: "named", name: "two-steps" }), streamed);
    expect(listed.turns).toEqual(wanted);
    expect(named.turns).toEqual(wanted);
  });

  test("a fault strikes its turn as often as it says, and no more", async () => {
    const faults = [{ turn: 1, kind: "overloaded", times: 1 }];
    const text = plan({ scenario: "calls", n: 2, faults, id: `${name}, streamed: ${streamed}` });
    await expect(loop(url, text, streamed)).rejects.toMatchObject({ status: 529 });
    expect((await loop(url, text, streamed)).turns).toHaveLength(2);
  });

  test.each([
    { kind: "server_error", status: 500 },
    { kind: "overloaded", status: 529 },
    { kind: "rate_limited", status: 429 },
    { kind: "quota_exhausted", status: 429 },
  ])("$kind is refused with $status", async ({ kind, status }) => {
    const text = plan({ scenario: "calls", n: 1, faults: [{ turn: 0, kind }] });
    await expect(loop(url, text, streamed)).rejects.toMatchObject({ status });
  });

  test("a lost connection breaks the reply", async () => {
    const text = plan({ scenario: "calls", n: 1, faults: [{ turn: 0, kind: "disconnected" }] });
    await expect(loop(url, text, streamed)).rejects.toThrow();
  });

  test("a text without a plan is refused as invalid", async () => {
    await expect(loop(url, "Hello", streamed)).rejects.toMatchObject({ status: 400 });
  });
});

describe("faults that only one form can have", () => {
  const faulty = (kind: string): string => plan({ scenario: "calls", n: 1, faults: [{ turn: 0, kind }] });

  test("rate limiting says when to come again", async () => {
    const text = faulty("rate_limited");
    const input = { model: "m", input: text };
    const refused = await post("/v1/responses", input);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
  });

  test("a spent quota names itself in each provider's words", async () => {
    const text = faulty("quota_exhausted");
    const openai = await post("/v1/responses", { model: "m", input: text });
    const anthropic = await post("/v1/messages", { model: "m", messages: [{ role: "user", content: text }] });
    expect(await openai.json()).toMatchObject({ error: { code: "insufficient_quota" } });
    expect(await anthropic.json()).toMatchObject({
      error: { details: { error_code: "enforced_spend_limit_reached" } },
    });
  });

  test("an overload in the middle of a stream is an error event after a good start", async () => {
    const text = faulty("overloaded_midstream");
    const seen: string[] = [];
    const client = new Anthropic({ apiKey: "test", maxRetries: 0, baseURL: url });
    const stream = await client.messages.create({
      model: "m",
      max_tokens: 10,
      stream: true,
      messages: [{ role: "user", content: text }],
    });
    const read = async (): Promise<void> => {
      for await (const event of stream) seen.push(event.type);
    };
    await expect(read()).rejects.toThrow(/overloaded/i);
    expect(seen).toContain("message_start");
  });

  test("a malformed body is not JSON", async () => {
    const text = faulty("malformed_body");
    const client = new OpenAI({ apiKey: "test", maxRetries: 0, baseURL: `${url}/v1` });
    await expect(client.responses.create({ model: "m", input: text })).rejects.toThrow(/JSON/);
  });

  test("a cut-off reply says so and carries usage", async () => {
    const text = faulty("cut_off");
    const client = new OpenAI({ apiKey: "test", maxRetries: 0, baseURL: `${url}/v1` });
    const reply = await client.responses.create({ model: "m", input: text });
    expect([reply.status, reply.incomplete_details?.reason]).toEqual(["incomplete", "max_output_tokens"]);
    expect(reply.usage?.output_tokens).toBeGreaterThan(0);
  });

  test("a turn with malformed arguments is asked again, under an id of its own", async () => {
    const faults = [{ turn: 0, kind: "malformed_args", times: 1 }];
    const user = { role: "user", content: plan({ scenario: "calls", n: 1, faults, id: "malformed" }) };
    const client = new OpenAI({ apiKey: "test", maxRetries: 0, baseURL: `${url}/v1` });
    const first = await client.chat.completions.create({
      model: "m",
      messages: [{ role: "user", content: user.content }],
    });
    const broken = first.choices[0]?.message;
    const call = broken?.tool_calls?.[0];
    if (broken === undefined || call?.type !== "function") throw new Error("No call came.");
    expect(call.function.arguments).toBe('{"turn":0,"');
    const second = await client.chat.completions.create({
      model: "m",
      messages: [
        { role: "user", content: user.content },
        broken,
        { role: "tool", tool_call_id: call.id, content: "not JSON" },
      ],
    });
    const repeated = second.choices[0]?.message.tool_calls?.[0];
    expect(repeated).toMatchObject({ id: "call_t0_0", function: { arguments: '{"turn":0}' } });
  });
});

describe("what the server tells a test", () => {
  test("attempts at each turn of a plan with an id", async () => {
    const text = plan({ scenario: "calls", n: 2, id: "counted" });
    await SDK_LOOPS["OpenAI Responses"]?.(url, text, false);
    await SDK_LOOPS["OpenAI Responses"]?.(url, text, false);
    expect(await (await fetch(`${url}/model/attempts?plan=counted`)).json()).toEqual([2, 2, 2]);
  });

  test("arrivals at the tool under each idempotency key, counted before a refusal", async () => {
    const headers = { "idempotency-key": "a" };
    const statuses = [
      (await post("/tools/echo?failTimes=1", { x: 1 }, headers)).status,
      (await post("/tools/echo?failTimes=1", { x: 1 }, headers)).status,
    ];
    expect(statuses).toEqual([503, 200]);
    expect(await (await fetch(`${url}/tools/arrivals`)).json()).toEqual({ a: 2 });
    await fetch(`${url}/tools/arrivals`, { method: "DELETE" });
    expect(await (await fetch(`${url}/tools/arrivals`)).json()).toEqual({});
  });

  test("the tool answers after the delay it was asked for", async () => {
    const startedMs = performance.now();
    const answer = await post("/tools/echo?delayMs=20", { x: 1 });
    expect(await answer.json()).toEqual({ echo: '{"x":1}' });
    expect(performance.now() - startedMs).toBeGreaterThan(19);
  });
});
