import type { Amounts } from "../../contracts/budget.ts";
import type { Outcome } from "../../contracts/outcome.ts";
import { ONE_CALL, reserve, setAside, settle } from "../budget.ts";
import type { CallSettlement, ChildEnded } from "./command.ts";
import { recordLatency } from "../placement.ts";
import { outcomeOf } from "./outcome-of.ts";
import { type UsageByDay, withToolUse } from "../usage.ts";
import type { CallEvent } from "./event.ts";
import type { Stamp } from "./stamp.ts";
import { type Call, type OpenTurn, type Stray, type TaskState, openTurn } from "./state.ts";

type Of<T extends CallEvent["type"]> = Extract<CallEvent, { type: T }>;

/** What events of calls do to the turn that is open. */
export function evolveCall(state: TaskState, event: CallEvent, stamp: Stamp): TaskState {
  if (event.type === "callProposed") return proposed(state, event);
  const before = callOf(state, event.call);
  const after = evolved(before, event, stamp);
  const next = withOpen(state, (open) => ({
    ...open,
    calls: open.calls.map((call) => (call === before ? after : call)),
  }));
  return accounted(next, { before, after, event, stamp });
}

function proposed(state: TaskState, event: Of<"callProposed">): TaskState {
  const { call: id, index, providerCallId, tool, toolVersion, args, argsDigest, proposalHash } = event;
  return withOpen(state, (open) => {
    const call: Call = {
      id,
      turn: open.n,
      index,
      providerCallId,
      tool,
      toolVersion,
      args,
      argsDigest,
      proposalHash,
      attempt: 0,
      tries: 0,
      interruptions: 0,
      turnedAway: 0,
      readBacks: 0,
      conclusiveAtMs: 0,
      inDoubt: false,
      asked: 0,
      reusedFrom: null,
      reserved: null,
      grant: null,
      recruited: false,
      approvedBy: null,
      progress: { at: "ready" },
    };
    return { ...open, calls: [...open.calls, call] };
  });
}

function evolved(call: Call, event: Exclude<CallEvent, { type: "callProposed" }>, stamp: Stamp): Call {
  switch (event.type) {
    case "callJudged":
      return call;
    case "callIntended": {
      const grant = call.grant ?? event.grant ?? null;
      return {
        ...call,
        attempt: event.attempt,
        reserved: call.reserved ?? setAside(grant?.limit),
        grant,
        progress: { at: "intended", placement: event.placement, resendAtMs: event.resendAtMs, resends: 0 },
      };
    }
    case "callResent":
      return resent(call, event);
    case "callClaimed":
      return {
        ...call,
        recruited: call.grant !== null,
        progress: { at: "claimed", leaseUntilMs: event.leaseUntilMs },
      };
    case "callHeld":
      return held(call, event);
    case "callReadied":
      return readied(call, event);
    case "callRetryScheduled":
      return {
        ...call,
        tries: call.tries + (event.turnedAway === true ? 0 : 1),
        turnedAway: event.turnedAway === true ? call.turnedAway + 1 : 0,
        interruptions: 0,
        inDoubt: event.inDoubt,
        progress: { at: "retrying", atMs: event.atMs, next: event.next },
      };
    case "readBackIntended":
      return readingBack(call, event, stamp);
    case "readBackPostponed":
      return { ...call, progress: { at: "retrying", atMs: event.atMs, next: "readBack" } };
    case "callSettled":
      return settledCall(call, event, stamp);
  }
}

function readingBack(call: Call, { conclusiveAtMs }: Of<"readBackIntended">, stamp: Stamp): Call {
  const readBacks = call.readBacks + 1;
  const progress = { at: "readingBack", sinceMs: stamp.atMs } as const;
  return { ...call, readBacks, conclusiveAtMs, inDoubt: true, progress };
}

function resent(call: Call, event: Of<"callResent">): Call {
  if (call.progress.at !== "intended") throw new Error("only an intended call is sent again");
  return {
    ...call,
    progress: { ...call.progress, resendAtMs: event.resendAtMs, resends: call.progress.resends + 1 },
  };
}

/** Asking about the call itself overtakes an earlier answer; asking for budget leaves it standing. */
function held(call: Call, { approval, about }: Of<"callHeld">): Call {
  const progress = { at: "held", approval, about } as const;
  if (about === "budget") return { ...call, progress };
  return {
    ...call,
    asked: call.asked + (about === "call" ? 1 : 0),
    inDoubt: call.inDoubt || about === "resend",
    approvedBy: null,
    progress,
  };
}

function readied(call: Call, event: Of<"callReadied">): Call {
  const { progress } = call;
  const approvedBy =
    progress.at === "held" && progress.about !== "budget" ? progress.approval : call.approvedBy;
  return {
    ...call,
    approvedBy,
    interruptions: call.interruptions + (event.interrupted ? 1 : 0),
    inDoubt: call.inDoubt || event.interrupted,
    progress: { at: "ready" },
  };
}

function settledCall(call: Call, event: Of<"callSettled">, stamp: Stamp): Call {
  const outcome = settledOutcome(event, stamp);
  return {
    ...call,
    reserved: null,
    reusedFrom: event.reusedFrom ?? null,
    progress: { at: "settled", outcome, seq: stamp.seq },
  };
}

function settledOutcome(event: Of<"callSettled">, stamp: Stamp): Outcome {
  if (event.outcome !== undefined) return event.outcome;
  if (stamp.command.type === "childEnded") return outcomeOf(stamp.command.result);
  const settlement = settlementOf(event, stamp);
  if (settlement === undefined) throw new Error("a settlement comes by its command");
  return outcomeOf(settlement.result);
}

/** What the command brought for a call, when the event points there. */
function settlementOf(event: Of<"callSettled">, { command }: Stamp): CallSettlement | undefined {
  if (command.type !== "callsSettled" || event.settlement === undefined) return undefined;
  return command.settlements[event.settlement];
}

/** B1. It is set aside when the call is first intended, and spent when it settles; a call that never left costs nothing. */
function accounted(
  state: TaskState,
  change: { before: Call; after: Call; event: CallEvent; stamp: Stamp },
): TaskState {
  const { before, after, event, stamp } = change;
  if (event.type === "callIntended" && before.reserved === null && after.reserved !== null)
    return { ...state, budget: reserve(state.budget, after.reserved) };
  if (event.type !== "callSettled") return state;
  const { reserved } = before;
  const stray = isStray(before, event, stamp) ? strayOf(before, after, event) : null;
  const isPaid = reserved === null || stray !== null;
  const budget = isPaid
    ? state.budget
    : settle(state.budget, reserved, usedBy({ ...before, reserved }, event, stamp));
  const strays = stray === null ? state.strays : [...state.strays, stray];
  return {
    ...state,
    budget,
    strays,
    toolLatencyMs: latencies(state, before, event, stamp),
    usage: usageAfter(state, after, stamp),
  };
}

/** A call that never left, or answers with an earlier one's result, used nothing. */
function usageAfter(
  { usage }: TaskState,
  { tool, attempt, progress, reusedFrom }: Call,
  stamp: Stamp,
): UsageByDay {
  if (attempt === 0 || reusedFrom !== null || progress.at !== "settled") return usage;
  return withToolUse(usage, stamp.atMs, tool, progress.outcome.ok);
}

/** Settled by the runtime's or a human's word, and neither by its child's end nor for want of a child. */
function isStray(call: Call, event: Of<"callSettled">, { command }: Stamp): boolean {
  return call.recruited && !isChildsEnd(command, call.id) && !isChildless(call, event);
}

/** Who was let through says that no child could be made. That a later attempt was not taken says nothing of an earlier one's child. */
function isChildless({ recruited, progress }: Call, { settlement }: Of<"callSettled">): boolean {
  return !recruited || (settlement !== undefined && progress.at === "claimed");
}

/** B1. A child that nobody waits for any more gives back what it does not use. */
function strayOf({ reserved }: Call, after: Call, { straggler }: Of<"callSettled">): Stray {
  return { ...after, reserved, ...(straggler === "finish" && { finishes: true }) };
}

function isChildsEnd(command: Stamp["command"], call: string): command is ChildEnded {
  return command.type === "childEnded" && command.call === call;
}

/** What a child task has used is told with its end. */
function usedBy(
  call: Call & { readonly reserved: Amounts },
  event: Of<"callSettled">,
  { command }: Stamp,
): Amounts {
  if (isChildsEnd(command, call.id)) return setAside(command.used);
  return call.grant !== null && isChildless(call, event) ? ONE_CALL : call.reserved;
}

function latencies(
  state: TaskState,
  call: Call,
  event: Of<"callSettled">,
  stamp: Stamp,
): TaskState["toolLatencyMs"] {
  const settlement = settlementOf(event, stamp);
  if (settlement === undefined) return state.toolLatencyMs;
  return {
    ...state.toolLatencyMs,
    [call.tool]: recordLatency(state.toolLatencyMs[call.tool], settlement.latencyMs),
  };
}

function callOf(state: TaskState, id: string): Call {
  const call = openTurn(state)?.calls.find((candidate) => candidate.id === id);
  if (call === undefined) throw new Error(`no open call ${id}`);
  return call;
}

function withOpen(state: TaskState, change: (open: OpenTurn) => OpenTurn): TaskState {
  const { phase } = state;
  if (!("open" in phase) || phase.open === null) throw new Error("no turn is open");
  return { ...state, phase: { ...phase, open: change(phase.open) } };
}
