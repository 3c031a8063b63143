import type { Message, ReplyPart } from "../contracts/message.ts";
import type { ModelReply, ModelRequest, ScriptTurn, Usage } from "../contracts/model.ts";
import { utf8Bytes } from "../core/text.ts";
import type { ModelProvider } from "../model-ports.ts";
import { failed } from "./failure.ts";
import { remembered } from "./request-body.ts";
import { fill, textOf } from "./script-refs.ts";

/** Each script by its name, which a task pins as its model: usually the agent's. */
export type Scripts = Readonly<Record<string, readonly ScriptTurn[]>>;

type Failing = Extract<ScriptTurn, { fail: string }>;
type Speaking = Exclude<ScriptTurn, Failing>;

/**
 * Plays scripts instead of asking a model. It remembers nothing: the turn is the number of replies in the conversation, so that a
 * task goes on where it was after any crash. Failures do not count as turns. Those before a turn are played by the first attempts
 * at that turn, one each; those at a script's end by every attempt from then on, the last of them again and again.
 */
export function scriptedModel(scripts: Scripts): ModelProvider {
  return {
    async complete(request, signal, onText) {
      await Promise.resolve();
      if (signal.aborted) return failed("aborted", "The call was aborted.");
      const { model } = request.model;
      const script = Object.hasOwn(scripts, model) ? scripts[model] : undefined;
      if (script === undefined) return failed("invalid_request", `There is no script named ${model}.`);
      const turn = turnAt(script, repliesIn(request.messages), request.attempt);
      if (turn === null) return failed("invalid_request", `The script ${model} has ended.`);
      const reply = "fail" in turn ? failureOf(turn, request) : replyOf(turn, request);
      if (onText !== undefined && reply.stop !== "failed") await speak(reply.parts, signal, onText);
      return signal.aborted ? failed("aborted", "The call was aborted.") : reply;
    },
  };
}

function turnAt(script: readonly ScriptTurn[], turn: number, attempt: number): ScriptTurn | null {
  let turns = 0;
  let failures: Failing[] = [];
  for (const entry of script) {
    if ("fail" in entry) failures.push(entry);
    else if (turns === turn) return failures[attempt - 1] ?? entry;
    else {
      turns++;
      failures = [];
    }
  }
  return turns === turn ? (failures[attempt - 1] ?? failures.at(-1) ?? null) : null;
}

function failureOf({ fail }: Failing, request: ModelRequest): ModelReply {
  switch (fail) {
    case "overloaded":
      return failed("overloaded", "The script plays an overloaded provider.");
    case "malformed":
      return failed("malformed", "The script plays a malformed reply.", usageOf(request, []));
    case "cut_off":
      return failed("cut_off", "The script plays a reply that was cut off.", {
        ...usageOf(request, []),
        outputTokens: request.model.maxOutputTokens,
      });
  }
}

function replyOf(turn: Speaking, request: ModelRequest): ModelReply {
  const text = fill(turn.text ?? "", request.messages);
  if (!text.ok) return lost(text.reference);
  const parts: ReplyPart[] = text.value === "" ? [] : [{ type: "text", text: textOf(text.value) }];
  const calls = "calls" in turn ? turn.calls : [];
  const earlier = callsIn(request.messages);
  for (const [index, { tool, args }] of calls.entries()) {
    const filled = fill(args, request.messages);
    if (!filled.ok) return lost(filled.reference);
    parts.push({
      type: "call",
      providerCallId: `call_${earlier + index}`,
      tool,
      argsText: JSON.stringify(filled.value),
    });
  }
  return {
    stop: calls.length > 0 ? "calls" : "end",
    parts,
    usage: usageOf(request, parts),
    servedBy: `scripted/${request.model.model}`.slice(0, 200),
  };
}

function lost(reference: string): ModelReply {
  return failed("invalid_request", `Nothing in the conversation answers to ${reference}.`);
}

function repliesIn(messages: readonly Message[]): number {
  return messages.filter((message) => message.role === "assistant").length;
}

function callsIn(messages: readonly Message[]): number {
  return messages.reduce(
    (count, message) =>
      count +
      (message.role === "assistant" ? message.parts.filter((part) => part.type === "call").length : 0),
    0,
  );
}

const BYTES_PER_TOKEN = 4;
const bytesOf = remembered((value: object) => utf8Bytes(JSON.stringify(value)));

function usageOf({ instructions, messages, tools }: ModelRequest, parts: readonly ReplyPart[]): Usage {
  const inputBytes = [...messages, ...tools].reduce(
    (bytes, item) => bytes + bytesOf(item),
    utf8Bytes(instructions),
  );
  const outputBytes = parts.reduce((bytes, part) => bytes + bytesOf(part), 0);
  return {
    inputTokens: Math.ceil(inputBytes / BYTES_PER_TOKEN),
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: Math.ceil(outputBytes / BYTES_PER_TOKEN),
  };
}

const CHUNKS = 4;

/** Tells the text in a few chunks, none of which splits a character, and lets others run in between. */
async function speak(
  parts: readonly ReplyPart[],
  signal: AbortSignal,
  onText: (text: string) => void,
): Promise<void> {
  for (const part of parts) {
    for (const chunk of part.type === "text" ? chunksOf(part.text) : []) {
      if (signal.aborted) return;
      onText(chunk);
      await Promise.resolve();
    }
  }
}

function chunksOf(text: string): readonly string[] {
  const size = Math.ceil(text.length / CHUNKS);
  const chunks: string[] = [];
  let from = 0;
  while (from < text.length) {
    const splits = isHighSurrogate(text.charCodeAt(from + size - 1));
    const to = from + size + (splits ? 1 : 0);
    chunks.push(text.slice(from, to));
    from = to;
  }
  return chunks;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
