import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { WIRE_OF } from "./answer.ts";
import type { Reply } from "./plan.ts";
import type { Facts } from "./wire.ts";

/** Where recorded replies of the real providers are, on machines that have them. */
const RECORDINGS = join(import.meta.dirname, "../../../shared/data/model-recordings");

const Cassette = z.object({
  interactions: z.array(
    z.object({
      response: z.object({
        json: z.unknown().optional(),
        sse: z.string().optional(),
        raw: z.string().optional(),
      }),
    }),
  ),
});

const facts: Facts = {
  id: "1",
  model: "m",
  atS: 1_795_000_000,
  inputTokens: 10,
  outputTokens: 5,
  usageInStream: true,
};
const calls: Reply = {
  text: undefined,
  calls: [{ id: "call_t0_0", tool: "echo", argsText: '{"turn":0}' }],
  stop: "calls",
};
const text: Reply = { text: "All of it is done.", calls: [], stop: "end" };

/** Every path in a value with the type found there: `usage.input_tokens: number`. Items of a list share a path. */
function shapeOf(value: unknown, path = ""): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => shapeOf(item, `${path}[]`));
  if (typeof value !== "object" || value === null)
    return [`${path}: ${value === null ? "null" : typeof value}`];
  return Object.entries(value).flatMap(([key, member]) => shapeOf(member, `${path}.${key}`));
}

/** Each event's shape, under its type: a stream is a list of differently shaped events. */
function shapesOfStream(frames: string): readonly string[] {
  return [...frames.matchAll(/^data: (\{.*\})\s*$/gm)].flatMap(([, json]) => {
    const event: unknown = JSON.parse(json ?? "");
    const kind = z.object({ type: z.string() }).safeParse(event).data?.type ?? "chunk";
    // A response has one shape, whichever event carries it.
    return shapeOf(event, kind).map((shape) => shape.replace(/^response\.\w+\.response\./, "response."));
  });
}

function recorded(file: string): string {
  return readFileSync(join(RECORDINGS, file), "utf8");
}

function recordedWhole(file: string): readonly string[] {
  return Cassette.parse(JSON.parse(recorded(file))).interactions.flatMap(({ response }) =>
    shapeOf(response.json),
  );
}

function recordedStream(file: string): readonly string[] {
  if (file.endsWith(".sse")) return shapesOfStream(recorded(file));
  if (file.endsWith(".txt")) return shapesOfStream(recorded(file).replace(/^(?=\{)/gm, "data: "));
  const { interactions } = Cassette.parse(JSON.parse(recorded(file)));
  return interactions.flatMap(({ response }) => shapesOfStream(response.sse ?? response.raw ?? ""));
}

const protocols = [
  {
    path: "/v1/responses",
    whole: ["openai_responses/tool_call.json"],
    streams: ["openai_responses/stream_tool.json", "openai_responses/vercel_openai-error.1.chunks.txt"],
  },
  {
    path: "/v1/chat/completions",
    whole: ["openai_chat/tool_calls.json"],
    streams: ["openai_chat/stream.json"],
  },
  {
    path: "/v1/messages",
    whole: ["anthropic/parallel_tool_calls.json"],
    streams: ["anthropic/sdk_tool_use.sse", "anthropic/llm_test_stream_events_tool_calls.json"],
  },
];

test("a shape is every path with its type, and the items of a list share theirs", () => {
  expect(shapeOf({ a: [{ b: 1 }, { b: null }], c: "" })).toEqual([
    ".a[].b: number",
    ".a[].b: null",
    ".c: string",
  ]);
});

if (existsSync(RECORDINGS)) {
  describe.each(protocols)("what the mock says on $path", ({ path, whole, streams }) => {
    const wire = WIRE_OF[path];
    // Arguments belong to the plan, not to the protocol.
    const ours = (shape: string): boolean => !shape.includes(".input.");

    test.each([
      ["a call", calls],
      ["a text", text],
    ])("has no field that a recorded reply lacks: %s", (_what, reply) => {
      const real = new Set(whole.flatMap(recordedWhole));
      const mock = shapeOf(wire?.whole(reply, facts)).filter(ours);
      expect(mock.length).toBeGreaterThan(10);
      expect(mock.filter((shape) => !real.has(shape))).toEqual([]);
    });

    test("streams no event that a recorded stream lacks", () => {
      const real = new Set(streams.flatMap(recordedStream));
      const mock = shapesOfStream((wire?.stream(calls, facts) ?? []).join("")).filter(ours);
      expect(mock.length).toBeGreaterThan(10);
      expect(mock.filter((shape) => !real.has(shape) && !shape.includes(".sequence_number:"))).toEqual([]);
    });
  });
}
