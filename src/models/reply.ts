import type { ReplyPart } from "../contracts/message.ts";
import type { ModelReply, Usage } from "../contracts/model.ts";
import { failed } from "./failure.ts";

/** What a provider gave as its whole reply. */
export interface Given {
  readonly parts: readonly ReplyPart[];
  /** Absent when the provider did not tell, which no reply may be taken without: it could not be paid for. */
  readonly usage: Usage | undefined;
  readonly servedBy: string;
  /** The provider says that the model declined; whatever it began to propose is void. */
  readonly refused?: boolean;
}

/** Takes a whole reply, or says what makes it no reply: nothing in it, no usage, or calls that cannot be told apart. */
export function replyOf({ parts: given, usage, servedBy, refused = false }: Given): ModelReply {
  const parts = given.filter(
    (part) => !(part.type === "text" && part.text === "") && !(refused && part.type === "call"),
  );
  if (usage === undefined) return failed("malformed", "The reply does not tell what it used.");
  if (parts.every((part) => part.type === "opaque")) return failed("malformed", "The reply is empty.", usage);
  const fault = callFault(parts);
  if (fault !== null) return failed("malformed", fault, usage);
  return {
    stop: refused ? "refusal" : stopOf(parts),
    parts,
    usage,
    servedBy: servedBy.slice(0, NAME_LENGTH_MAX),
  };
}

const NAME_LENGTH_MAX = 200;

function stopOf(parts: readonly ReplyPart[]): "calls" | "refusal" | "end" {
  if (parts.some((part) => part.type === "call")) return "calls";
  return parts.some((part) => part.type === "refusal") ? "refusal" : "end";
}

function callFault(parts: readonly ReplyPart[]): string | null {
  const calls = parts.filter((part) => part.type === "call");
  const ids = new Set(calls.map((call) => call.providerCallId));
  if (ids.size < calls.length) return "Two calls of the reply carry the same id.";
  if (calls.some(({ tool, providerCallId }) => tool === "" || providerCallId === ""))
    return "A call of the reply has no name or no id.";
  if (
    calls.some(
      ({ tool, providerCallId }) => tool.length > NAME_LENGTH_MAX || providerCallId.length > NAME_LENGTH_MAX,
    )
  )
    return "A call's name or id is too long.";
  return null;
}
