import { addressedTask } from "./addressed.ts";
import type { FeedSocket } from "../feed.ts";
import type { TaskHandle } from "./deps.ts";
import type { Asked, Reply } from "./operation.ts";
import { NOT_FOUND, Refusal } from "./problem.ts";
import { Seq } from "./queries.ts";
import { BEHIND_BYTES_MAX, StreamBridge } from "./stream-bridge.ts";

/**
 * Server-sent events from a task's socket. The Worker waits with the reader, so that the object need not: it may be evicted meanwhile.
 * Every commit carries its seq as id, so a reader that comes back with `Last-Event-ID` misses nothing and sees nothing twice.
 */
export async function eventStream(asked: Asked, after: number): Promise<Reply> {
  const from = Seq.safeParse(asked.request.headers.get("last-event-id") ?? after);
  if (!from.success)
    return new Refusal("invalid_input", "Last-Event-ID is the id of an event of this stream.");
  const handle = addressedTask(asked);
  if (handle instanceof Refusal) return handle;
  const socket = await socketOf(handle, from.data);
  if (socket instanceof Refusal) return socket;
  const bridge = new StreamBridge(socket, asked.caller, asked.callerNow);
  const body = new ReadableStream<Uint8Array>(
    {
      start: (controller) => bridge.open(controller),
      cancel: () => bridge.stop(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: BEHIND_BYTES_MAX }),
  );
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

async function socketOf(handle: TaskHandle, fromSeq: number): Promise<FeedSocket | Refusal> {
  const response = await handle.fetch(`https://task/events?from=${fromSeq}`, {
    headers: { upgrade: "websocket" },
  });
  if (response.webSocket !== null) return response.webSocket;
  return response.status === 404
    ? NOT_FOUND
    : new Refusal("unavailable", "The task's events cannot be followed now.");
}
