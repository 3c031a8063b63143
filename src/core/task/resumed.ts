import { messageBytes, reuseMessage } from "../conversation.ts";
import type { TaskEvent } from "./event.ts";
import { appended } from "./appended.ts";
import { offLadder } from "./evolve-climb.ts";
import { unagreed } from "./evolve-join.ts";
import { carriedOut, spareResults } from "./reuse.ts";
import type { Stamp } from "./stamp.ts";
import { type Call, type OpenTurn, type TaskState, type Turn, isSettled, openTurn } from "./state.ts";

/**
 * T1. A failed task back at a checkpoint: turns that ended by then stay; the turn that was open then keeps its reply and its calls,
 * settled ones as they are settled now (E1); what came later is taken back, but its settled calls are kept for reuse. A reply of which
 * no call was proposed (the model declined, or used too much) is taken back too: the model is asked again.
 */
export function resumed(
  state: TaskState,
  event: Extract<TaskEvent, { type: "taskResumed" }>,
  stamp: Stamp,
): TaskState {
  const { kept, open, dropped } = splitAt(state, event.checkpoint);
  const messageCount =
    open === null ? (dropped[0]?.messageCount ?? state.messages.length) : open.messageCount + 1;
  const messages = state.messages.slice(0, messageCount);
  const next: TaskState = {
    ...offLadder(state),
    messages,
    messageBytes: messages.reduce((bytes, message) => bytes + messageBytes(message), 0),
    turns: kept.map(unagreed),
    reusable: [...state.reusable, ...carriedOut(dropped.flatMap((turn) => turn.calls))],
    phase: {
      kind: "queued",
      open: open === null ? null : { ...unagreed(open), calls: open.calls.map(takenUpAgain) },
    },
    updatedAtMs: stamp.atMs,
  };
  // What is taken back may have told the model of earlier results.
  const untold = messageCount < state.messages.length ? spareResults(next) : state.untold;
  if (open !== null || untold.length === 0) return { ...next, untold };
  return appended({ ...next, untold: [] }, reuseMessage(untold));
}

/** T1. Every call settled after a checkpoint, in the turn that was open then and in those that going back would drop. */
export function settledAfter(state: TaskState, checkpoint: number): readonly string[] {
  const { open, dropped } = splitAt(state, checkpoint);
  const calls = [...(open?.calls ?? []), ...dropped.flatMap((turn) => turn.calls)];
  return calls
    .filter(isSettled)
    .filter(({ progress }) => progress.seq > checkpoint)
    .map(({ id }) => id);
}

function splitAt(
  state: TaskState,
  checkpoint: number,
): { kept: readonly Turn[]; open: OpenTurn | null; dropped: readonly OpenTurn[] } {
  const kept = state.turns.filter((turn) => turn.endedSeq <= checkpoint);
  const last = openTurn(state);
  const later: readonly OpenTurn[] = [...state.turns.slice(kept.length), ...(last === null ? [] : [last])];
  const [first, ...rest] = later;
  const wasOpen = first !== undefined && first.calls.length > 0 && first.repliedSeq <= checkpoint;
  return wasOpen ? { kept, open: first, dropped: rest } : { kept, open: null, dropped: later };
}

/**
 * What was not settled goes through the gate again; approvals are not inherited. What a consumer has claimed stays with it until its
 * lease ends (E2), and what the object carried out itself is lost from sight.
 */
function takenUpAgain(call: Call): Call {
  if (isSettled(call)) return call;
  const { progress } = call;
  // What was granted to a child that may be there stands; another is granted what fits then.
  const grant = call.recruited ? call.grant : null;
  const reserved = call.recruited ? call.reserved : null;
  const fresh = { ...call, approvedBy: null, asked: 0, reserved, grant };
  if (progress.at === "claimed") return fresh;
  const wasOut = progress.at === "intended" && progress.placement === "inline";
  return { ...fresh, inDoubt: call.inDoubt || wasOut, progress: { at: "ready" } };
}
