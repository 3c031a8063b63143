import type { PlannedCall, Reply } from "./plan.ts";
import type { Asked, Facts, JsonRecord, Refusal, RefusalKind, Wire } from "./wire.ts";
import { chunksOf, recordsOf, stringOr, textOf } from "./wire.ts";

/** Anthropic Messages. Shapes follow recorded replies and streams. */
export const messagesWire: Wire = {
  read: readMessages,
  whole: (reply, facts) => ({
    ...messageOf(facts, stopReason(reply)),
    content: [...(reply.text === undefined ? [] : [textBlock(reply.text)]), ...reply.calls.map(toolUse)],
    usage: usageOf(facts, facts.outputTokens),
  }),
  stream: streamOf,
  midstreamFailure: () => [
    frame({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } }),
  ],
  refuse: refuseMessages,
  invalid: (message) => refusal(400, "invalid_request_error", message),
};

function readMessages(body: JsonRecord): Asked {
  const messages = recordsOf(body["messages"]);
  const user = messages.find((message) => message["role"] === "user");
  const callIds: string[] = [];
  let plainReplies = 0;
  for (const message of messages) {
    if (message["role"] !== "assistant") continue;
    const uses = recordsOf(message["content"]).filter((block) => block["type"] === "tool_use");
    if (uses.length === 0) plainReplies += 1;
    for (const use of uses) callIds.push(stringOr(use["id"], "").replace(/^toolu_/, "call_"));
  }
  return {
    userText: user === undefined ? undefined : textOf(user["content"]),
    callIds,
    plainReplies,
    model: stringOr(body["model"], "mock"),
    stream: body["stream"] === true,
    usageInStream: true,
  };
}

function messageOf(facts: Facts, stop: string | null): JsonRecord {
  return {
    id: `msg_${facts.id}`,
    type: "message",
    role: "assistant",
    model: facts.model,
    content: [],
    stop_reason: stop,
    stop_sequence: null,
    usage: usageOf(facts, 1),
  };
}

function stopReason(reply: Reply): string {
  return { end: "end_turn", calls: "tool_use", cut_off: "max_tokens" }[reply.stop];
}

function usageOf(facts: Facts, outputTokens: number): JsonRecord {
  return {
    input_tokens: facts.inputTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    output_tokens: outputTokens,
    service_tier: "standard",
  };
}

function textBlock(text: string): JsonRecord {
  return { type: "text", text };
}

function toolUse(call: PlannedCall): JsonRecord {
  return { type: "tool_use", id: useId(call), name: call.tool, input: inputOf(call) };
}

/** Unstreamed input is an object already; arguments that are no JSON can then only be a wrong type. */
function inputOf(call: PlannedCall): unknown {
  try {
    return JSON.parse(call.argsText);
  } catch {
    return call.argsText;
  }
}

function useId(call: PlannedCall): string {
  return call.id.replace(/^call_/, "toolu_");
}

function streamOf(reply: Reply, facts: Facts): readonly string[] {
  const callsFrom = reply.text === undefined ? 0 : 1;
  return [
    frame({ type: "message_start", message: messageOf(facts, null) }),
    frame({ type: "ping" }),
    ...(reply.text === undefined ? [] : textFrames(reply.text)),
    ...reply.calls.flatMap((call, index) => callFrames(call, callsFrom + index)),
    frame({
      type: "message_delta",
      delta: { stop_reason: stopReason(reply), stop_sequence: null },
      usage: { output_tokens: facts.outputTokens },
    }),
    frame({ type: "message_stop" }),
  ];
}

function textFrames(text: string): readonly string[] {
  return blockFrames(
    0,
    textBlock(""),
    chunksOf(text).map((chunk) => ({ type: "text_delta", text: chunk })),
  );
}

function callFrames(call: PlannedCall, index: number): readonly string[] {
  const start = { type: "tool_use", id: useId(call), name: call.tool, input: {} };
  const parts = ["", ...chunksOf(call.argsText)];
  return blockFrames(
    index,
    start,
    parts.map((part) => ({ type: "input_json_delta", partial_json: part })),
  );
}

function blockFrames(index: number, start: JsonRecord, deltas: readonly JsonRecord[]): readonly string[] {
  return [
    frame({ type: "content_block_start", index, content_block: start }),
    ...deltas.map((delta) => frame({ type: "content_block_delta", index, delta })),
    frame({ type: "content_block_stop", index }),
  ];
}

function frame(event: JsonRecord & { readonly type: string }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

function refuseMessages(kind: RefusalKind, retryAfterS: number): Refusal {
  switch (kind) {
    case "rate_limited":
      return {
        ...refusal(429, "rate_limit_error", "Number of request tokens has exceeded your rate limit"),
        headers: {
          "retry-after": String(retryAfterS),
          "anthropic-ratelimit-requests-remaining": "0",
        },
      };
    case "quota_exhausted":
      return refusal(429, "rate_limit_error", "spend limit reached", {
        error_code: "enforced_spend_limit_reached",
      });
    case "server_error":
      return refusal(500, "api_error", "Internal server error");
    case "overloaded":
      return refusal(529, "overloaded_error", "Overloaded");
  }
}

function refusal(status: number, type: string, message: string, details?: JsonRecord): Refusal {
  const error = details === undefined ? { type, message } : { type, message, details };
  return { status, headers: {}, body: { type: "error", error, request_id: "req_mock" } };
}
