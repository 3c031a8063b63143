import type { Rights } from "../../../src/contracts/access.ts";
import { AUTHORITY_FRESH_MS } from "../../../src/core/authority.ts";
import type { Command } from "../../../src/core/task/command.ts";
import type { Event } from "../../../src/core/task/event.ts";
import { type Call, type TaskState, isSettled, openCalls } from "../../../src/core/task/state.ts";
import type { Check, Seen, Witness } from "./witness.ts";

/** Asking for rights takes two ways through the network. */
const ASKING_MS_MAX = 150;

/** P1. Whatever is let go was allowed in the same commit, with the rights of now, and by a human where one must agree. */
export const letsGoOnlyAllowed: Check = (seen, witness, report) => {
  for (const event of seen.events) {
    if (event.type !== "callIntended" && event.type !== "callClaimed") continue;
    const { call } = event;
    if (!isAllowed(seen.events, call)) report("P1", `${call} leaves without a verdict`);
    const rights = rightsOf(seen.command);
    const first = event.type === "callIntended" && event.attempt === 1;
    if (rights === null && !(first && seen.command.type === "modelReplied"))
      report("P1", `${call} leaves after a wait, and nobody looked at its rights (${seen.command.type})`);
    if (rights?.authorityActive === false) report("P1", `${call} leaves without authority`);
    const problem = missingConsent(seen, witness, call, rights);
    if (problem !== null) report("P1", `${call} ${problem}`);
  }
};

/**
 * P1, A1. The rights that a decision went by are those of the world, but for the time it takes to ask for them; a call that waited for
 * nothing may go by what was known of the key a little before.
 */
export function knowsRightsOfNow(world: RightsOfWorld): Check {
  return ({ row, command, events }, _witness, report) => {
    const rights = rightsOf(command);
    const askedMs = row.atMs - ASKING_MS_MAX;
    const letsGo = events.some(({ type }) => type === "callIntended" || type === "callClaimed");
    if (letsGo && !world.isKeyActive(rights === null ? askedMs - AUTHORITY_FRESH_MS : askedMs))
      report("P1", "a call leaves by an authority of long ago");
    if (rights === null) return;
    for (const approver of rights.entitledApprovers)
      if (!world.isEntitled(approver, askedMs) && !world.isEntitled(approver, row.atMs))
        report("A1", `${approver} may long not answer any more`);
  };
}

/** P1. Nothing more is asked of a model for a principal that is known to have lost the right to act. */
export const thinksOnlyWithAuthority: Check = ({ events, after }, _witness, report) => {
  const asks = events.some(({ type }) => type === "modelCallIntended" || type === "modelCallClaimed");
  if (asks && !after.authority.active) report("P1", "the model is asked without authority");
};

/** What was true of rights at a time. */
export interface RightsOfWorld {
  isKeyActive(atMs: number): boolean;
  isEntitled(approver: string, atMs: number): boolean;
  isAlwaysEntitled(approver: string): boolean;
}

/** Only what an earlier life of the object had let go can be lost from sight: the rest is still to be begun. */
export const interruptsOnlyWhatWasOut: Check = ({ command, events, life }, { intendedIn }, report) => {
  if (command.type !== "interrupted") return;
  for (const event of events) {
    const isLost =
      event.type === "modelCallFailed" ||
      event.type === "callReadied" ||
      event.type === "readBackIntended" ||
      event.type === "callHeld";
    if (isLost && intendedIn.get(event.call) === life)
      report("J1", `${event.call} is told as interrupted, and was never begun`);
  }
};

/** E1. What is settled stays as it was settled, wherever a resume puts it. */
export const keepsWhatIsSettled: Check = ({ command, after }, witness, report) => {
  if (command.type !== "resume" && command.type !== "callsSettled" && command.type !== "childEnded") return;
  const kept = new Map(allCalls(after).map((call) => [call.id, call]));
  for (const { id, outcome, attempt } of witness.calls.values()) {
    // What never left, a refusal among them, is no result of the world: it may be proposed anew.
    if (outcome === null || attempt === 0) continue;
    const call = kept.get(id);
    if (call === undefined || !isSettled(call)) report("E1", `${id} was settled and is no longer`);
    else if (JSON.stringify(call.progress.outcome) !== JSON.stringify(outcome))
      report("E1", `${id} has another result than was recorded`);
  }
};

/** E1. A result that came for a call which is not settled is recorded, also after the end. */
export const takesFirstOutcome: Check = ({ command }, witness, report) => {
  if (command.type !== "callsSettled") return;
  for (const { call, result } of command.settlements) {
    const record = witness.calls.get(call);
    if (result.kind === "done" && record?.outcome === null)
      report("E1", `the result of ${call} is not recorded`);
  }
};

function missingConsent(
  { after }: Seen,
  { calls }: Witness,
  call: string,
  rights: Rights | null,
): string | null {
  const record = calls.get(call);
  if (record?.tool?.mode === "auto") return null;
  const yes = after.approvals.filter(
    ({ state, question }) => state === "approved" && "callId" in question && question.callId === call,
  );
  const approval = yes.at(-1);
  if (approval === undefined) return "leaves, and no human agreed";
  if (!("proposalHash" in approval.question) || approval.question.proposalHash !== record?.proposalHash)
    return "leaves, and a human agreed to something else";
  return rights?.entitledApprovers.includes(approval.approver) === true
    ? null
    : "leaves, and who agreed may no longer agree";
}

function isAllowed(events: readonly Event[], call: string): boolean {
  const last = events.findLast((event) => event.type === "callJudged" && event.call === call);
  return last?.type === "callJudged" && last.verdict.decision === "allow";
}

function rightsOf(command: Command): Rights | null {
  return "rights" in command ? command.rights : null;
}

function allCalls(state: TaskState): readonly Call[] {
  return [...state.turns.flatMap(({ calls }) => calls), ...openCalls(state), ...state.reusable];
}
