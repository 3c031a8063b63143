import { describe, expect, test } from "vitest";
import {
  fixedBytes,
  inputMessage,
  lastText,
  messageBytes,
  resultsMessage,
  reuseMessage,
  textOf,
  toolSketches,
} from "../../src/core/conversation.ts";
import { CONFLICT, DONE, asks, says } from "./fixtures/said.ts";
import { acting, thinking } from "./fixtures/states.ts";
import { TOOLS } from "./fixtures/tools.ts";

test("the input comes as text, with its JSON behind it", () => {
  expect(inputMessage({ text: "Hello" })).toEqual({ role: "user", text: "Hello" });
  expect(inputMessage({ json: { a: [1] } })).toEqual({ role: "user", text: '{"a":[1]}' });
  expect(inputMessage({ text: "Hello", json: null })).toEqual({ role: "user", text: "Hello\n\nnull" });
});

describe("what is told of calls", () => {
  const calls = () => {
    const task = acting(["addNote", "findCustomer", "refund"]);
    task.settles("add_note", DONE);
    task.settles("find_customer", CONFLICT);
    return ["add_note", "find_customer", "refund"].map((name) => task.call(name));
  };

  test("to the model, as results: those that are settled", () => {
    expect(resultsMessage(calls())).toMatchObject({
      role: "tool",
      results: [
        { providerCallId: "p-add_note", tool: "add_note", outcome: { ok: true } },
        { providerCallId: "p-find_customer", tool: "find_customer", outcome: { ok: false } },
      ],
    });
  });

  test("to the model, after a resume: what was carried out already, and how it came out", () => {
    const message = reuseMessage(calls());
    expect(message.role === "user" && message.text.split("\n").slice(1)).toEqual([
      '- add_note {"n":1} → {"ok":1}',
      '- find_customer {"n":1} → conflict',
    ]);
  });
});

test("a model sees of a tool its name, its description and its input, all of which is counted (B1)", () => {
  const { state } = thinking({ tools: [TOOLS.addNote] });
  const { order } = state;
  const { name, description, inputSchema } = TOOLS.addNote;
  expect(toolSketches(order, false)).toEqual([{ name, description, inputSchema }]);
  const bytes = new TextEncoder().encode(
    order.agent.instructions + JSON.stringify(toolSketches(order, false)),
  ).length;
  expect(fixedBytes(state)).toBe(bytes);
  expect(messageBytes({ role: "user", text: "€" })).toBe('{"role":"user","text":"€"}'.length + 2);
});

test("the text of a reply is all of its text, refusals too", () => {
  expect(textOf([says("One, "), asks(TOOLS.addNote), { type: "refusal", text: "two." }])).toBe("One, two.");
});

test("the last text that a model gave is the last that is not empty", () => {
  const assistant = (...texts: readonly string[]) => ({ role: "assistant", parts: texts.map(says) }) as const;
  expect(lastText([])).toBe("");
  expect(lastText([{ role: "user", text: "Hi" }])).toBe("");
  expect(lastText([assistant("First."), { role: "tool", results: [] }, assistant()])).toBe("First.");
  expect(lastText([assistant("First."), assistant("Second.")])).toBe("Second.");
});
