import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ModelReply } from "../../src/contracts/model.ts";
import { modelProviders } from "../../src/models/registry.ts";
import { askStreaming, matching, requestOf } from "./ask.ts";
import * as chat from "./fixtures/chat.ts";
import * as messages from "./fixtures/messages.ts";
import * as responses from "./fixtures/responses.ts";

const args = { orderId: "o-1", note: "déjà vu 🎉" };

/** A whole stream of each protocol, and what of it comes only after the reply is complete. */
const streams = [
  {
    name: "openai",
    stream: responses.streamOf([
      responses.reasoning("rs_1"),
      responses.message("Looking. 🎉"),
      responses.call(0, "get_order", args),
      responses.call(1, "list_orders", {}),
    ]),
    idleEnd: "\n\n",
  },
  {
    name: "openai-chat",
    stream: chat.streamOf(
      {
        content: "Looking. 🎉",
        tool_calls: [chat.call(0, "get_order", args), chat.call(1, "list_orders", {})],
      },
      "tool_calls",
    ),
    idleEnd: "\n\ndata: [DONE]\n\n",
  },
  {
    name: "anthropic",
    stream: messages.streamOf(
      [
        messages.thinking("sig"),
        messages.text("Looking. 🎉"),
        messages.toolUse(0, "get_order", args),
        messages.toolUse(1, "list_orders", {}),
      ],
      "tool_use",
    ),
    idleEnd: "\n\n",
  },
] as const;

type Name = (typeof streams)[number]["name"];

/** What becomes of a stream that comes in these pieces, and then ends or breaks. */
async function follow(name: Name, pieces: readonly Uint8Array[], end: "close" | "break" = "close") {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      if (end === "close") controller.close();
      else controller.error(new TypeError("terminated"));
    },
  });
  const headers = { "content-type": "text/event-stream" };
  const fetch = () => Promise.resolve(new Response(body, { headers }));
  const access = { apiKey: "sk-test-key", baseURL: "https://models.example" };
  const { reply } = await askStreaming(
    modelProviders({ access: { [name]: access }, fetch }),
    requestOf(name),
  );
  return ModelReply.parse(reply);
}

describe.each(streams)("a stream of $name", ({ name, stream, idleEnd }) => {
  const bytes = new TextEncoder().encode(stream);
  const completeAt = bytes.length - new TextEncoder().encode(idleEnd).length;

  test("is the same reply in whatever pieces it comes", async () => {
    const whole = await follow(name, [bytes]);
    expect(whole.stop).toBe("calls");
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(bytes.length), { maxLength: 40 }), async (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const pieces = at.slice(1).map((to, index) => bytes.slice(at[index], to));
        expect(await follow(name, pieces)).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });

  test("that is cut anywhere before its end is a typed failure, never a reply", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(completeAt - 1),
        fc.constantFrom("close" as const, "break" as const),
        async (at, end) => {
          const reply = await follow(name, [bytes.slice(0, at)], end);
          expect(reply).toMatchObject({
            stop: "failed",
            failure: { code: matching(/^(?:malformed|unavailable)$/), retryable: true },
          });
        },
      ),
      { numRuns: 400 },
    );
  });

  test("that is cut between two events is a typed failure, wherever that is", async () => {
    const ends = [...stream.matchAll(/\n\n/g)].map(
      (match) => new TextEncoder().encode(stream.slice(0, match.index + 2)).length,
    );
    for (const at of ends.filter((end) => end < completeAt)) {
      expect(await follow(name, [bytes.slice(0, at)])).toMatchObject({
        stop: "failed",
        failure: { code: "malformed" },
      });
    }
    expect(ends.length).toBeGreaterThan(10);
  });

  test("in which any event is missing or comes twice never throws", async () => {
    const frames = stream.split(/(?<=\n\n)/);
    for (const index of frames.keys()) {
      const without = frames.toSpliced(index, 1).join("");
      const twice = frames.toSpliced(index, 0, frames[index] ?? "").join("");
      for (const changed of [without, twice]) {
        const reply = await follow(name, [new TextEncoder().encode(changed)]);
        expect(reply.stop === "failed" || reply.stop === "calls").toBe(true);
      }
    }
  });
});
