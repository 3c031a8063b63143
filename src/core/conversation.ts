import type { Message, ReplyPart } from "../contracts/message.ts";
import type { ToolSketch } from "../contracts/model.ts";
import type { NewTask, TaskInput } from "../contracts/task.ts";
import { depthLeft, fanOutMax } from "./delegation.ts";
import type { JoinReport } from "./join-report.ts";
import { type Call, type SettledCall, type TaskState, isSettled } from "./task/state.ts";
import { utf8Bytes } from "./text.ts";

/** What is missing comes first in it; values in conflict may be cut off. */
const JOIN_LENGTH_MAX = 20_000;

/** The first message: the task's input as its user gave it. JSON input comes as JSON text behind the text. */
export function inputMessage(input: TaskInput): Message {
  const json = input.json === undefined ? "" : JSON.stringify(input.json);
  return { role: "user", text: [input.text ?? "", json].filter((part) => part !== "").join("\n\n") };
}

/** The results of a turn, in the order of the proposals, whenever they came. */
export function resultsMessage(calls: readonly Call[]): Message {
  return {
    role: "tool",
    results: calls.filter(isSettled).map((call) => ({
      providerCallId: call.providerCallId,
      tool: call.tool,
      outcome: call.progress.outcome,
    })),
  };
}

/** Tells the model, after a resume from an earlier point, what is already done and will not be done again. */
export function reuseMessage(calls: readonly Call[]): Message {
  const lines = calls.filter(isSettled).map(reuseLine);
  return {
    role: "user",
    text: `The task was resumed from an earlier point. These calls were already carried out after it; do not repeat them:\n${lines.join("\n")}`,
  };
}

/** Tells the model what came of a join: which parts made it, which are missing and why, and on what the others disagree. */
export function joinMessage({ join, satisfied, joined, chosen, conflicts }: JoinReport): Message {
  const names = new Map(joined.map(({ call, providerCallId }) => [call, providerCallId]));
  const report = {
    join,
    satisfied,
    missing: joined.flatMap(({ call, tool, why }) =>
      why === undefined ? [] : [{ call: names.get(call), tool, why }],
    ),
    chosen: chosen?.map((call) => names.get(call)),
    conflicts: conflicts.map(({ field, values, preferred }) => ({
      field,
      values: values.map((told) => ({ ...told, call: names.get(told.call) })),
      preferred: preferred && names.get(preferred),
    })),
  };
  const text = `What came of these calls together: ${JSON.stringify(report)}`;
  return { role: "user", text: text.slice(0, JOIN_LENGTH_MAX).toWellFormed() };
}

/** What the model may see of the agent's tools. Delegations are not among them when there is no room for a child. */
export function toolSketches({ agent: { tools } }: NewTask, roomForChild: boolean): readonly ToolSketch[] {
  const visible = roomForChild ? tools : tools.filter(({ executor }) => executor.kind !== "agent");
  return visible.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
}

/** B1. UTF-8 bytes of what goes with every model call beside the messages: instructions and tools. */
export function fixedBytes(state: TaskState): number {
  return (
    utf8Bytes(state.order.agent.instructions) +
    utf8Bytes(JSON.stringify(toolSketches(state.order, hasRoomForChild(state))))
  );
}

/** C1. Whether the task may recruit one more, as far as depth and number are concerned. */
export function hasRoomForChild({ order, budget: { limit, spent, reserved } }: TaskState): boolean {
  return depthLeft(order) > 0 && fanOutMax(order) > 0 && spent.children + reserved.children < limit.children;
}

/**
 * The conversation as one of several models may be given it: what another one signed or encrypted for itself alone is left out of its
 * replies. Messages that stay as they are stay the same objects, and so do those that are changed, so that adapters convert each once.
 */
export function readableBy(model: string, messages: readonly Message[]): readonly Message[] {
  return messages.map((message) => (isForeign(message, model) ? withoutOpaque(message) : message));
}

type Reply = Extract<Message, { role: "assistant" }>;

function isForeign(message: Message, model: string): message is Reply {
  return message.role === "assistant" && message.by !== model && message.parts.some(isOpaque);
}

const stripped = new WeakMap<Reply, Reply>();

function withoutOpaque(reply: Reply): Reply {
  const known = stripped.get(reply) ?? { ...reply, parts: reply.parts.filter((part) => !isOpaque(part)) };
  stripped.set(reply, known);
  return known;
}

function isOpaque({ type }: ReplyPart): boolean {
  return type === "opaque";
}

export function messageBytes(message: Message): number {
  return utf8Bytes(JSON.stringify(message));
}

/** The text of a reply, refusals included. */
export function textOf(parts: readonly ReplyPart[]): string {
  return parts
    .flatMap((part) => (part.type === "text" || part.type === "refusal" ? [part.text] : []))
    .join("");
}

/** The last text the model gave, as the partial result of a task that does not complete. */
export function lastText(messages: readonly Message[]): string {
  for (let i = messages.length - 1; i >= 0; i--) {
    const message = messages[i];
    const text = message?.role === "assistant" ? textOf(message.parts) : "";
    if (text !== "") return text;
  }
  return "";
}

function reuseLine(call: SettledCall): string {
  const { outcome } = call.progress;
  return `- ${call.tool} ${JSON.stringify(call.args)} → ${outcome.ok ? JSON.stringify(outcome.output) : outcome.error.code}`;
}
