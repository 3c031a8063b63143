import { openaiInvalid, openaiRefusal } from "./openai-errors.ts";
import type { PlannedCall, Reply } from "./plan.ts";
import type { Asked, Facts, JsonRecord, Wire } from "./wire.ts";
import { chunksOf, recordsOf, stringOr, textOf } from "./wire.ts";

/** OpenAI Responses. Shapes follow recorded replies and streams. */
export const responsesWire: Wire = {
  read: readResponses,
  whole: (reply, facts) => responseOf(facts, statusOf(reply), itemsOf(reply, facts)),
  stream: streamOf,
  midstreamFailure: (facts) => {
    const error = { code: "server_error", message: "Overloaded" };
    return numbered([
      { type: "error", error: { type: "server_error", ...error, param: null } },
      { type: "response.failed", response: { ...responseOf(facts, "failed", []), error } },
    ]);
  },
  refuse: openaiRefusal,
  invalid: openaiInvalid,
};

function readResponses(body: JsonRecord): Asked {
  const input = body["input"];
  const items = typeof input === "string" ? [{ role: "user", content: input }] : recordsOf(input);
  const user = items.find((item) => item["role"] === "user");
  return {
    userText: user === undefined ? undefined : textOf(user["content"]),
    callIds: items
      .filter((item) => item["type"] === "function_call")
      .map((item) => stringOr(item["call_id"], "")),
    plainReplies: items.filter((item) => item["role"] === "assistant").length,
    model: stringOr(body["model"], "mock"),
    stream: body["stream"] === true,
    usageInStream: true,
  };
}

type StreamEvent = JsonRecord & { readonly type: string };

type Status = "in_progress" | "completed" | "incomplete" | "failed";

function statusOf(reply: Reply): Status {
  return reply.stop === "cut_off" ? "incomplete" : "completed";
}

function responseOf(facts: Facts, status: Status, output: readonly JsonRecord[]): JsonRecord {
  return {
    id: `resp_${facts.id}`,
    object: "response",
    created_at: facts.atS,
    status,
    background: false,
    error: null,
    incomplete_details: status === "incomplete" ? { reason: "max_output_tokens" } : null,
    instructions: null,
    max_output_tokens: null,
    max_tool_calls: null,
    model: facts.model,
    output,
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    service_tier: "default",
    store: false,
    temperature: 1,
    text: { format: { type: "text" }, verbosity: "medium" },
    tool_choice: "auto",
    tools: [],
    top_logprobs: 0,
    top_p: 1,
    truncation: "disabled",
    usage: status === "in_progress" ? null : usageOf(facts),
    user: null,
    metadata: {},
  };
}

function usageOf(facts: Facts): JsonRecord {
  return {
    input_tokens: facts.inputTokens,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: facts.outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: facts.inputTokens + facts.outputTokens,
  };
}

function itemsOf(reply: Reply, facts: Facts): readonly JsonRecord[] {
  const text = reply.text === undefined ? [] : [messageItem(reply, facts)];
  return [...text, ...reply.calls.map((call) => callItem(call, facts, "completed"))];
}

function messageItem(reply: Reply, facts: Facts): JsonRecord {
  return {
    id: `msg_${facts.id}`,
    type: "message",
    role: "assistant",
    status: statusOf(reply),
    content: [textPart(reply.text ?? "")],
  };
}

function textPart(text: string): JsonRecord {
  return { type: "output_text", annotations: [], logprobs: [], text };
}

function callItem(call: PlannedCall, facts: Facts, status: Status): JsonRecord {
  return {
    id: itemId(call, facts),
    type: "function_call",
    call_id: call.id,
    name: call.tool,
    arguments: status === "completed" ? call.argsText : "",
    status,
  };
}

function itemId(call: PlannedCall, facts: Facts): string {
  return `fc_${facts.id}_${call.id}`;
}

function streamOf(reply: Reply, facts: Facts): readonly string[] {
  const opening = responseOf(facts, "in_progress", []);
  const textEvents = reply.text === undefined ? [] : messageEvents(reply, facts, reply.text);
  const callsFrom = reply.text === undefined ? 0 : 1;
  const last = reply.stop === "cut_off" ? "response.incomplete" : "response.completed";
  return numbered([
    { type: "response.created", response: opening },
    { type: "response.in_progress", response: opening },
    ...textEvents,
    ...reply.calls.flatMap((call, index) => callEvents(call, facts, callsFrom + index)),
    { type: last, response: responseOf(facts, statusOf(reply), itemsOf(reply, facts)) },
  ]);
}

function messageEvents(reply: Reply, facts: Facts, text: string): readonly StreamEvent[] {
  const place = { item_id: `msg_${facts.id}`, output_index: 0, content_index: 0 };
  const item = messageItem(reply, facts);
  return [
    {
      type: "response.output_item.added",
      output_index: 0,
      item: { ...item, status: "in_progress", content: [] },
    },
    { type: "response.content_part.added", ...place, part: textPart("") },
    ...chunksOf(text).map((delta) => ({
      type: "response.output_text.delta",
      ...place,
      delta,
      logprobs: [],
    })),
    { type: "response.output_text.done", ...place, text, logprobs: [] },
    { type: "response.content_part.done", ...place, part: textPart(text) },
    { type: "response.output_item.done", output_index: 0, item },
  ];
}

function callEvents(call: PlannedCall, facts: Facts, index: number): readonly StreamEvent[] {
  const place = { item_id: itemId(call, facts), output_index: index };
  return [
    {
      type: "response.output_item.added",
      output_index: index,
      item: callItem(call, facts, "in_progress"),
    },
    ...chunksOf(call.argsText).map((delta) => ({
      type: "response.function_call_arguments.delta",
      ...place,
      delta,
    })),
    { type: "response.function_call_arguments.done", ...place, arguments: call.argsText },
    {
      type: "response.output_item.done",
      output_index: index,
      item: callItem(call, facts, "completed"),
    },
  ];
}

function numbered(events: readonly StreamEvent[]): readonly string[] {
  return events.map(
    (event, number) =>
      `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: number })}\n\n`,
  );
}
