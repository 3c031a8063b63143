import type { Json } from "../../contracts/json.ts";
import type { ReplyPart } from "../../contracts/message.ts";
import { isFresh } from "../authority.ts";
import { argsDigestOf, proposalHashOf } from "../binding.ts";
import type { Draft } from "./draft.ts";
import { openJoins } from "./joining.ts";
import { judgeCalls } from "./judging.ts";
import { openCalls } from "./state.ts";

/** Proposals of one reply that are looked at; more are refused unseen, and are parts of nothing. */
export const PROPOSALS_MAX = 100;

type CallPart = Extract<ReplyPart, { type: "call" }>;

/** Turns what the model asked for into proposals, in its order, and puts them before the gate. */
export function propose(draft: Draft, turn: number, parts: readonly ReplyPart[]): void {
  putForward(draft, turn, parts);
  const { authority } = draft.state;
  // P1. Else the calls wait until the rights of now are read.
  if (isFresh(authority, draft.nowMs))
    judgeCalls(draft, { authorityActive: authority.active, entitledApprovers: null });
}

/** P1. The same, for the gate to look at with the rights of now. */
export function putForward(draft: Draft, turn: number, parts: readonly ReplyPart[]): void {
  const asked = parts.filter((part): part is CallPart => part.type === "call");
  asked.forEach((part, index) => proposeOne(draft, part, { turn, index }));
  openJoins(
    draft,
    openCalls(draft.state).filter(({ index }) => index < PROPOSALS_MAX),
  );
}

function proposeOne(draft: Draft, part: CallPart, at: { turn: number; index: number }): void {
  const parsed = draft.fns.parseJson(part.argsText);
  const args: Json = parsed.ok ? parsed.value : null;
  const { order } = draft.state;
  const tool = order.agent.tools.find(({ name }) => name === part.tool);
  const name = {
    ...at,
    tool: part.tool,
    toolVersion: tool?.version ?? "",
    args,
  };
  const call = draft.nextId();
  draft.emit({
    type: "callProposed",
    call,
    index: at.index,
    providerCallId: part.providerCallId,
    tool: part.tool,
    toolVersion: name.toolVersion,
    args,
    argsDigest: argsDigestOf(name, draft.fns),
    proposalHash: proposalHashOf(order, name, draft.fns),
  });
  if (!parsed.ok) refuseUnread(draft, call, `The arguments are not acceptable JSON: ${parsed.reason}`);
  else if (at.index >= PROPOSALS_MAX)
    refuseUnread(draft, call, `At most ${PROPOSALS_MAX} calls may be proposed in one reply.`);
}

function refuseUnread(draft: Draft, call: string, message: string): void {
  const error = { code: "invalid_input", message, retryable: true } as const;
  draft.emit({ type: "callSettled", call, attempt: 0, outcome: { ok: false, error }, late: false });
}
