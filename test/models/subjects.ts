import type { ModelProviderName } from "../../src/contracts/model.ts";
import { type ModelsConfig, modelProviders } from "../../src/models/registry.ts";
import { type Canned, answering, requestOf, silence } from "./ask.ts";
import { ONE_CALL, PARALLEL_CALLS, type Scenario, type Subject, TEXT } from "./conformance.ts";
import * as chat from "./fixtures/chat.ts";
import * as messages from "./fixtures/messages.ts";
import * as responses from "./fixtures/responses.ts";

const access = { apiKey: "sk-test-key", baseURL: "https://models.example" };

/** What a wire protocol answers, whole or streamed. */
type Answers = (scenario: Exclude<Scenario, "refused" | "silence">, streamed: boolean) => Canned;

const inResponses: Answers = (scenario, streamed) => {
  const output = {
    text: [responses.reasoning("rs_1"), responses.message(TEXT)],
    cutOff: [responses.message("This is as far as I ")],
    oneCall: [responses.reasoning("rs_1"), responses.call(0, ONE_CALL[0].tool, ONE_CALL[0].args)],
    parallelCalls: PARALLEL_CALLS.map(({ tool, args }, index) => responses.call(index, tool, args)),
  }[scenario];
  const cut = { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } };
  const given = scenario === "cutOff" ? cut : {};
  return streamed ? responses.streamed(output, given) : responses.whole(output, given);
};

const inChat: Answers = (scenario, streamed) => {
  const said = {
    text: { content: TEXT },
    cutOff: { content: "This is as far as I " },
    oneCall: { tool_calls: ONE_CALL.map(({ tool, args }, index) => chat.call(index, tool, args)) },
    parallelCalls: {
      content: "Looking.",
      tool_calls: PARALLEL_CALLS.map(({ tool, args }, index) => chat.call(index, tool, args)),
    },
  }[scenario];
  const finish = { text: "stop", cutOff: "length", oneCall: "tool_calls", parallelCalls: "tool_calls" }[
    scenario
  ];
  return streamed ? chat.streamed(said, finish) : chat.whole(said, finish);
};

const inMessages: Answers = (scenario, streamed) => {
  const content = {
    text: [messages.thinking("sig-1"), messages.text(TEXT)],
    cutOff: [messages.text("This is as far as I ")],
    oneCall: [messages.thinking("sig-1"), messages.toolUse(0, ONE_CALL[0].tool, ONE_CALL[0].args)],
    parallelCalls: [
      messages.text("Looking."),
      ...PARALLEL_CALLS.map(({ tool, args }, index) => messages.toolUse(index, tool, args)),
    ],
  }[scenario];
  const stop = { text: "end_turn", cutOff: "max_tokens", oneCall: "tool_use", parallelCalls: "tool_use" }[
    scenario
  ];
  return streamed ? messages.streamed(content, stop) : messages.whole(content, stop);
};

const overloaded: Canned = {
  status: 529,
  headers: { "content-type": "application/json" },
  body: { error: { message: "Overloaded" } },
};

/** Answers as it is asked: with a stream when the body wants one. */
function fetchFor(scenario: Scenario, answers: Answers): typeof fetch {
  if (scenario === "silence") return silence;
  if (scenario === "refused") return answering(overloaded).fetch;
  return (input, init) => {
    const wantsStream = typeof init?.body === "string" && init.body.includes('"stream":true');
    return answering(answers(scenario, wantsStream)).fetch(input, init);
  };
}

const onTheWire: readonly (readonly [ModelProviderName, Answers])[] = [
  ["openai", inResponses],
  ["openai-chat", inChat],
  ["openai-compatible", inChat],
  ["anthropic", inMessages],
];

const scripted: Subject = {
  name: "scripted",
  playing: (scenario) => {
    const script = {
      text: [{ text: TEXT }],
      silence: [{ text: TEXT }],
      oneCall: [{ calls: [...ONE_CALL] }],
      parallelCalls: [{ text: "Looking.", calls: [...PARALLEL_CALLS] }],
      cutOff: [{ fail: "cut_off" as const }],
      refused: [{ fail: "overloaded" as const }],
    }[scenario];
    const scripts = { "test-model": script };
    return { provider: modelProviders({ access: {}, scripts }), request: requestOf("scripted") };
  },
};

/** Every adapter, each made to play the same scenarios on its own wire. */
export const SUBJECTS: readonly Subject[] = [
  ...onTheWire.map(([name, answers]): Subject => ({
    name,
    playing: (scenario) => {
      const config: ModelsConfig = { access: { [name]: access }, fetch: fetchFor(scenario, answers) };
      return { provider: modelProviders(config), request: requestOf(name) };
    },
  })),
  scripted,
];
