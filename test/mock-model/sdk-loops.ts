import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

/** What a conversation came to: the calls of each turn, and the text it ended with. */
export interface Told {
  readonly turns: readonly (readonly { readonly tool: string; readonly argsText: string }[])[];
  readonly text: string;
}

/** Runs a whole conversation through an official SDK, answering every call with "ok". */
export type SdkLoop = (url: string, userText: string, streamed: boolean) => Promise<Told>;

type Turns = { tool: string; argsText: string }[][];

const KEY = { apiKey: "test", maxRetries: 0 };

export const SDK_LOOPS: Readonly<Record<string, SdkLoop>> = {
  "OpenAI Responses": async (url, userText, streamed) => {
    const client = new OpenAI({ ...KEY, baseURL: `${url}/v1` });
    const input: OpenAI.Responses.ResponseInput = [{ role: "user", content: userText }];
    const turns: Turns = [];
    for (;;) {
      const reply = await respond(client, input, streamed);
      const calls = reply.output.filter((item) => item.type === "function_call");
      if (calls.length === 0) return { turns, text: outputText(reply) };
      turns.push(calls.map((call) => ({ tool: call.name, argsText: call.arguments })));
      input.push(...calls);
      for (const call of calls) {
        input.push({ type: "function_call_output", call_id: call.call_id, output: "ok" });
      }
    }
  },
  "OpenAI Chat Completions": async (url, userText, streamed) => {
    const client = new OpenAI({ ...KEY, baseURL: `${url}/v1` });
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: userText }];
    const turns: Turns = [];
    for (;;) {
      const message = await complete(client, messages, streamed);
      const calls = (message.tool_calls ?? []).filter((call) => call.type === "function");
      if (calls.length === 0) return { turns, text: message.content ?? "" };
      turns.push(calls.map((call) => ({ tool: call.function.name, argsText: call.function.arguments })));
      messages.push(message);
      for (const call of calls) messages.push({ role: "tool", tool_call_id: call.id, content: "ok" });
    }
  },
  "Anthropic Messages": async (url, userText, streamed) => {
    const client = new Anthropic({ ...KEY, baseURL: url });
    const messages: Anthropic.MessageParam[] = [{ role: "user", content: userText }];
    const turns: Turns = [];
    for (;;) {
      const body = { model: "claude-mock", max_tokens: 1_000, messages };
      const reply = await (streamed
        ? client.messages.stream(body).finalMessage()
        : client.messages.create(body));
      const uses = reply.content.filter((block) => block.type === "tool_use");
      if (uses.length === 0) {
        return {
          turns,
          text: reply.content.map((block) => (block.type === "text" ? block.text : "")).join(""),
        };
      }
      turns.push(uses.map((use) => ({ tool: use.name, argsText: JSON.stringify(use.input) })));
      messages.push({ role: "assistant", content: reply.content });
      messages.push({
        role: "user",
        content: uses.map((use) => ({ type: "tool_result", tool_use_id: use.id, content: "ok" })),
      });
    }
  },
};

async function respond(
  client: OpenAI,
  input: OpenAI.Responses.ResponseInput,
  streamed: boolean,
): Promise<OpenAI.Responses.Response> {
  const body = { model: "gpt-mock", input };
  return streamed ? client.responses.stream(body).finalResponse() : client.responses.create(body);
}

function outputText(reply: OpenAI.Responses.Response): string {
  return reply.output
    .flatMap((item) => (item.type === "message" ? item.content : []))
    .map((part) => (part.type === "output_text" ? part.text : ""))
    .join("");
}

async function complete(
  client: OpenAI,
  messages: OpenAI.ChatCompletionMessageParam[],
  streamed: boolean,
): Promise<OpenAI.ChatCompletionMessage> {
  const body = { model: "gpt-mock", messages };
  if (streamed) return client.chat.completions.stream(body).finalMessage();
  const reply = await client.chat.completions.create(body);
  const message = reply.choices[0]?.message;
  if (message === undefined) throw new Error("The reply has no choice.");
  return message;
}
