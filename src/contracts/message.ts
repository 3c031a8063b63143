import { z } from "zod";
import { Json } from "./json.ts";
import { Outcome } from "./outcome.ts";

/** The wire protocols that carry items only they understand (signed thinking, encrypted reasoning). */
export const Protocol = z.enum(["openai-responses", "openai-chat", "anthropic", "scripted"]);
export type Protocol = z.infer<typeof Protocol>;

/** One part of a model's reply, in the order the model gave it. */
export const ReplyPart = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("text"), text: z.string() }),
  z.strictObject({ type: z.literal("refusal"), text: z.string() }),
  /** A tool call as the model wrote it: `argsText` is its raw JSON text, `providerCallId` the id that its result must carry. */
  z.strictObject({
    type: z.literal("call"),
    providerCallId: z.string().max(200),
    tool: z.string().max(200),
    argsText: z.string(),
  }),
  /** An item that only `protocol` understands. Carried back unchanged to the same protocol, dropped for any other. */
  z.strictObject({ type: z.literal("opaque"), protocol: Protocol, item: Json }),
]);
export type ReplyPart = Readonly<z.infer<typeof ReplyPart>>;

export const ResultPart = z.strictObject({
  providerCallId: z.string().max(200),
  tool: z.string().max(200),
  outcome: Outcome,
});
export type ResultPart = Readonly<z.infer<typeof ResultPart>>;

/** The runtime's own message model; adapters convert it at the edge and nowhere else. */
export const Message = z.discriminatedUnion("role", [
  z.strictObject({ role: z.literal("user"), text: z.string() }),
  z.strictObject({
    role: z.literal("assistant"),
    parts: z.array(ReplyPart).readonly(),
    /** Whose reply it is (`provider/model`), where several models may serve the task. */
    by: z.string().max(300).optional(),
  }),
  z.strictObject({ role: z.literal("tool"), results: z.array(ResultPart).readonly() }),
]);
export type Message = Readonly<z.infer<typeof Message>>;
