/** One message of an event stream. Without an `event:` line it is a `message`. */
export interface StreamMessage {
  readonly event: string;
  readonly data: string;
}

/** The messages of a `text/event-stream`, as they come (HTML Standard, §9.2.6). What is not finished when it ends is dropped. */
export async function* messagesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<StreamMessage> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const blocks = rest.split(/\r?\n\r?\n/);
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const message = messageOf(block);
      if (message !== null) yield message;
    }
  }
}

function messageOf(block: string): StreamMessage | null {
  const fields = block.split(/\r?\n/).map(fieldOf);
  const data = fields.filter(([name]) => name === "data").map(([, value]) => value);
  if (data.length === 0) return null;
  const event = fields.findLast(([name]) => name === "event")?.[1] ?? "message";
  return { event, data: data.join("\n") };
}

function fieldOf(line: string): readonly [name: string, value: string] {
  const colon = line.indexOf(":");
  if (colon < 0) return [line, ""];
  return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, "")];
}
