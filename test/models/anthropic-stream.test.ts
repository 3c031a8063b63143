import { describe, expect, test } from "vitest";
import { asker, events, partsOf, sse } from "./ask.ts";
import { eventsOf, text, toolUse } from "./fixtures/messages.ts";

const failure = (code: string, retryable: boolean) => ({ stop: "failed", failure: { code, retryable } });

const { streaming } = asker("anthropic");

describe("what Anthropic streams", () => {
  test("keeps streamed arguments as the text that they came as", async () => {
    const odd = '{"amountCents": 9007199254740993, "amountCents": 1 ';
    const [start, ping, ...rest] = eventsOf([toolUse(0, "refund", {})], "tool_use");
    const pieces = {
      type: "content_block_delta",
      index: 0,
      delta: { type: "input_json_delta", partial_json: odd },
    };
    const stream = [start, ping, rest[0], pieces, ...rest.slice(1)].filter((event) => event !== undefined);
    expect(partsOf((await streaming(sse(events(stream)))).reply)).toMatchObject([{ argsText: odd.trim() }]);
  });

  test("keeps blocks of its own as they are, with the input that was streamed for them", async () => {
    const own = { type: "server_tool_use", id: "srvtoolu_1", name: "web_search", input: {} };
    const stream = eventsOf([own, text("Found it.")], "end_turn");
    const pieces = {
      type: "content_block_delta",
      index: 0,
      delta: { type: "input_json_delta", partial_json: '{"query": "x"}' },
    };
    const { reply } = await streaming(sse(events([...stream.slice(0, 3), pieces, ...stream.slice(3)])));
    expect(partsOf(reply)[0]).toMatchObject({ type: "opaque", item: { ...own, input: { query: "x" } } });
  });

  test("passes over events that came into the protocol later, citations, and a text's beginning", async () => {
    const stream = eventsOf([text("Hi.")], "end_turn");
    const cited = { type: "content_block_delta", index: 0, delta: { type: "citations_delta", citation: {} } };
    const begun = { type: "content_block_start", index: 1, content_block: { type: "text", text: "And " } };
    const ended = { type: "content_block_stop", index: 1 };
    const { reply, pieces } = await streaming(
      sse(
        events([
          { type: "tomorrow" },
          ...stream.slice(0, 4),
          cited,
          stream[4] ?? {},
          begun,
          ended,
          ...stream.slice(5),
        ]),
      ),
    );
    expect(partsOf(reply)).toEqual([
      { type: "text", text: "Hi." },
      { type: "text", text: "And " },
    ]);
    expect(pieces.join("")).toBe("Hi.And ");
  });

  test.each([
    [
      "a delta of an unknown kind",
      { type: "content_block_delta", index: 0, delta: { type: "hologram_delta" } },
    ],
    [
      "a delta for a block that is not there",
      { type: "content_block_delta", index: 7, delta: { type: "text_delta", text: "x" } },
    ],
    [
      "a block that begins twice",
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
    ],
    ["the end of a block that is not there", { type: "content_block_stop", index: 7 }],
    ["the end of the message within a block", { type: "message_stop" }],
    ["a block without a place", { type: "content_block_start", content_block: { type: "text", text: "" } }],
  ])("with %s is malformed", async (_what, event) => {
    const stream = eventsOf([text("Hi.")], "end_turn");
    expect(
      (await streaming(sse(events([...stream.slice(0, 3), event, ...stream.slice(3)])))).reply,
    ).toMatchObject(failure("malformed", true));
  });

  test("that ends before its last block does is malformed", async () => {
    const stream = eventsOf([text("Hi.")], "end_turn").filter(
      (event) => event["type"] !== "content_block_stop",
    );
    expect((await streaming(sse(events(stream)))).reply).toMatchObject(failure("malformed", true));
  });

  test("that begins twice is malformed", async () => {
    const stream = eventsOf([text("Hi.")], "end_turn");
    expect((await streaming(sse(events([...stream.slice(0, 1), ...stream])))).reply).toMatchObject(
      failure("malformed", true),
    );
  });

  test("without a beginning is malformed", async () => {
    expect((await streaming(sse(events(eventsOf([text("Hi.")], "end_turn").slice(1))))).reply).toMatchObject(
      failure("malformed", true),
    );
  });

  test("that fails on its way is told by its error", async () => {
    const stream = eventsOf([text("Hi.")], "end_turn").slice(0, 4);
    const overloaded = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } };
    expect((await streaming(sse(events([...stream, overloaded])))).reply).toMatchObject({
      ...failure("overloaded", true),
    });
  });
});
