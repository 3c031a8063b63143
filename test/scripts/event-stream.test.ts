import { expect, test } from "vitest";
import { type StreamMessage, messagesOf } from "../../scripts/local/event-stream.ts";

const TEXT = `retry: 1000\n\nid: 1\nevent: commit\ndata: {"seq":1}\n\n: still here\n\ndata: ä\ndata:b\r\n\r\nevent: end\ndata: {}\n\ndata: cut`;

async function* pieces(bytesMax: number): AsyncGenerator<Uint8Array> {
  const bytes = await new Blob([TEXT]).bytes();
  for (let at = 0; at < bytes.length; at += bytesMax) yield bytes.subarray(at, at + bytesMax);
}

async function read(bytesMax: number): Promise<readonly StreamMessage[]> {
  const messages: StreamMessage[] = [];
  for await (const message of messagesOf(pieces(bytesMax))) messages.push(message);
  return messages;
}

test.each([1, 2, 3, 7, 1_000])(
  "messages are the same when the stream comes in pieces of %i bytes",
  async (size) => {
    expect(await read(size)).toEqual([
      { event: "commit", data: '{"seq":1}' },
      { event: "message", data: "ä\nb" },
      { event: "end", data: "{}" },
    ]);
  },
);
