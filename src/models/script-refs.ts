import { Json } from "../contracts/json.ts";
import type { Message } from "../contracts/message.ts";
import type { Outcome } from "../contracts/outcome.ts";

/** A value of a script with its references filled in, or the first one that leads nowhere. */
export type Filled =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly reference: string };

/**
 * `$2.result.orders[0].id`: what the third call of the conversation gave, counted over all calls from 0. `$2.error.code`: how it
 * failed. `$2.outcome.orders[0].id`: what it gave, or `missing (timeout)`, with the code of its failure. `$input.json.orderId` and `$input.text`: the task's input. A string that is nothing but a reference becomes the value
 * itself; within a longer string it becomes text. Anything else with a `$` is left as it is.
 */
const REFERENCE =
  /\$(?:(?<call>\d+)\.(?<kind>result|error|outcome)|input\.(?<input>json|text))(?<path>(?:\.[A-Za-z_]\w*|\[\d+\])*)/g;
const WHOLE = new RegExp(`^(?:${REFERENCE.source})$`);

export function fill(value: Json, messages: readonly Message[]): Filled {
  const missing: string[] = [];
  const filled = fillIn(value, (reference) => {
    const found = lookUp(reference, messages);
    if (found === undefined) missing.push(reference);
    return found ?? null;
  });
  return missing[0] === undefined ? { ok: true, value: filled } : { ok: false, reference: missing[0] };
}

function fillIn(value: Json, find: (reference: string) => Json): Json {
  if (typeof value === "string") {
    return WHOLE.test(value)
      ? find(value)
      : value.replaceAll(REFERENCE, (reference) => textOf(find(reference)));
  }
  if (Array.isArray(value)) return value.map((item: Json) => fillIn(item, find));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, fillIn(member, find)]));
}

/** A filled value where a text is wanted. */
export function textOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function lookUp(reference: string, messages: readonly Message[]): Json | undefined {
  const { call, kind, input, path } = WHOLE.exec(reference)?.groups ?? {};
  const steps = stepsOf(path ?? "");
  if (input !== undefined) return steps.reduce(step, inputOf(messages, input));
  const outcome = outcomeAt(messages, Number(call));
  if (outcome === undefined) return undefined;
  if (outcome.ok) return kind === "error" ? undefined : steps.reduce(step, outcome.output);
  const { code, message } = outcome.error;
  if (kind === "outcome") return `missing (${code})`;
  return kind === "error" ? steps.reduce(step, { code, message }) : undefined;
}

function outcomeAt(messages: readonly Message[], index: number): Outcome | undefined {
  return messages.flatMap((message) => (message.role === "tool" ? message.results : []))[index]?.outcome;
}

/** The task's input as its first message carries it: text, an empty line, JSON on one line; either may be missing. */
function inputOf(messages: readonly Message[], which: string): Json | undefined {
  const first = messages.find((message) => message.role === "user")?.text ?? "";
  const at = first.lastIndexOf("\n\n");
  const json = parsed(at < 0 ? first : first.slice(at + 2));
  if (which === "json") return json;
  return json === undefined || at < 0 ? first : first.slice(0, at);
}

function parsed(text: string): Json | undefined {
  try {
    return Json.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function stepsOf(path: string): readonly string[] {
  return [...path.matchAll(/\.(\w+)|\[(\d+)\]/g)].map(([, name, index]) => name ?? index ?? "");
}

function step(value: Json | undefined, name: string): Json | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  return new Map<string, Json>(Object.entries(value)).get(name);
}
