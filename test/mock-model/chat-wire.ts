import { openaiInvalid, openaiRefusal } from "./openai-errors.ts";
import type { PlannedCall, Reply } from "./plan.ts";
import type { Asked, Facts, JsonRecord, Wire } from "./wire.ts";
import { chunksOf, isRecord, recordsOf, stringOr, textOf } from "./wire.ts";

/** OpenAI Chat Completions. Shapes follow recorded replies and streams. */
export const chatWire: Wire = {
  read: readChat,
  whole: (reply, facts) => ({
    id: `chatcmpl-${facts.id}`,
    object: "chat.completion",
    created: facts.atS,
    model: facts.model,
    service_tier: "default",
    system_fingerprint: "fp_mock",
    choices: [{ index: 0, message: messageOf(reply), logprobs: null, finish_reason: finishOf(reply) }],
    usage: usageOf(facts),
  }),
  stream: (reply, facts) => [
    ...deltasOf(reply).map((delta) => chunk(facts, [choice(delta, null)])),
    chunk(facts, [choice({}, finishOf(reply))]),
    ...(facts.usageInStream ? [chunk(facts, [], usageOf(facts))] : []),
    "data: [DONE]\n\n",
  ],
  midstreamFailure: () => [
    `data: ${JSON.stringify({ error: { message: "Overloaded", type: "server_error", param: null, code: null } })}\n\n`,
  ],
  refuse: openaiRefusal,
  invalid: openaiInvalid,
};

function readChat(body: JsonRecord): Asked {
  const callIds: string[] = [];
  let plainReplies = 0;
  let userText: string | undefined;
  for (const message of recordsOf(body["messages"])) {
    if (message["role"] === "user") userText ??= textOf(message["content"]);
    if (message["role"] !== "assistant") continue;
    const calls = recordsOf(message["tool_calls"]);
    if (calls.length === 0) plainReplies += 1;
    for (const call of calls) callIds.push(stringOr(call["id"], ""));
  }
  const options = body["stream_options"];
  return {
    userText,
    callIds,
    plainReplies,
    model: stringOr(body["model"], "mock"),
    stream: body["stream"] === true,
    usageInStream: isRecord(options) && options["include_usage"] === true,
  };
}

function messageOf(reply: Reply): JsonRecord {
  const message = { role: "assistant", content: reply.text ?? null, refusal: null, annotations: [] };
  return reply.calls.length === 0 ? message : { ...message, tool_calls: reply.calls.map(toolCall) };
}

function toolCall(call: PlannedCall): JsonRecord {
  return { id: call.id, type: "function", function: { name: call.tool, arguments: call.argsText } };
}

function finishOf(reply: Reply): string {
  return { end: "stop", calls: "tool_calls", cut_off: "length" }[reply.stop];
}

function usageOf(facts: Facts): JsonRecord {
  return {
    prompt_tokens: facts.inputTokens,
    completion_tokens: facts.outputTokens,
    total_tokens: facts.inputTokens + facts.outputTokens,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

function deltasOf(reply: Reply): readonly JsonRecord[] {
  const opening = { role: "assistant", content: reply.text === undefined ? null : "", refusal: null };
  const texts = reply.text === undefined ? [] : chunksOf(reply.text).map((content) => ({ content }));
  const calls = reply.calls.flatMap((call, index) => [
    {
      tool_calls: [{ index, id: call.id, type: "function", function: { name: call.tool, arguments: "" } }],
    },
    ...chunksOf(call.argsText).map((part) => ({ tool_calls: [{ index, function: { arguments: part } }] })),
  ]);
  return [opening, ...texts, ...calls];
}

function choice(delta: JsonRecord, finish: string | null): JsonRecord {
  return { index: 0, delta, logprobs: null, finish_reason: finish };
}

function chunk(facts: Facts, choices: readonly JsonRecord[], usage: JsonRecord | null = null): string {
  const body = {
    id: `chatcmpl-${facts.id}`,
    object: "chat.completion.chunk",
    created: facts.atS,
    model: facts.model,
    service_tier: "default",
    system_fingerprint: "fp_mock",
    choices,
    usage,
  };
  return `data: ${JSON.stringify(body)}\n\n`;
}
