import type { CoreFunctions } from "../functions.ts";
import { decideAnswer } from "./answer.ts";
import { decideClaim } from "./claim.ts";
import type { Command } from "./command.ts";
import { decideAllowance, giveBack } from "./funding.ts";
import { climbOn } from "./climbing.ts";
import { decideCancel, decidePause, decideResume } from "./control.ts";
import { Draft } from "./draft.ts";
import type { Event } from "./event.ts";
import { evolve } from "./evolve.ts";
import { judgeReady } from "./judging.ts";
import type { TaskRefusal } from "./refusal.ts";
import { decideChildEnded, decideParentTold } from "./family.ts";
import { decideInterrupted, decideReadBack, decideSettlements } from "./settle.ts";
import type { TaskState } from "./state.ts";
import { decideDropped, decideReply, decideStart, decideStreamed, decideSubmitted } from "./thinking.ts";
import { decideTimer } from "./timer.ts";

/** The version of these rules. Raised by every change that could decide a journal differently. */
export const RULES = 5;

/** No events: the command changes nothing (a duplicate, or something superseded), and nothing is committed. */
export type Decision =
  | { readonly ok: true; readonly events: readonly Event[]; readonly state: TaskState | null }
  | { readonly ok: false; readonly refusal: TaskRefusal };

/** The one function that decides. It touches nothing: the same state, command and time always give the same events (J3). */
export function decide(
  state: TaskState | null,
  command: Command,
  nowMs: number,
  fns: CoreFunctions,
): Decision {
  if (state === null) return decideCreate(command, nowMs);
  const draft = new Draft(state, { command, nowMs, fns });
  const refusal = dispatch(draft, command);
  climbOn(draft);
  giveBack(draft, state);
  return refusal === null ? { ok: true, events: draft.events, state: draft.state } : { ok: false, refusal };
}

function decideCreate(command: Command, nowMs: number): Decision {
  if (command.type !== "create")
    return { ok: false, refusal: { code: "not_found", detail: "There is no such task." } };
  const event: Event = { type: "taskCreated" };
  return { ok: true, events: [event], state: evolve(null, event, { seq: 1, atMs: nowMs, command }) };
}

function dispatch(draft: Draft, command: Command): TaskRefusal | null {
  switch (command.type) {
    case "create":
      return decideCreatedAgain(draft, command);
    case "start":
      return decideStart(draft);
    case "interrupted":
      return decideInterrupted(draft);
    case "outputStreamed":
      return decideStreamed(draft, command);
    case "modelReplied":
      return decideReply(draft, command);
    case "modelSubmitted":
      return decideSubmitted(draft, command);
    case "responseDropped":
      return decideDropped(draft, command);
    case "callsSettled":
      return decideSettlements(draft, command.settlements);
    case "readBackEnded":
      return decideReadBack(draft, command);
    case "childEnded":
      return decideChildEnded(draft, command);
    case "parentTold":
      return decideParentTold(draft);
    case "allowanceAnswered":
      return decideAllowance(draft, command);
    case "rightsRead":
      return judgeReady(draft, command.rights);
    case "claim":
      return decideClaim(draft, command);
    case "approvalAnswered":
      return decideAnswer(draft, command);
    case "timerFired":
      return decideTimer(draft);
    case "cancel":
      return decideCancel(draft, command);
    case "pause":
      return decidePause(draft, command);
    case "resume":
      return decideResume(draft, command);
  }
}

/** The same request again finds the task as it is; another one under the same name is refused. */
function decideCreatedAgain(draft: Draft, command: Extract<Command, { type: "create" }>): TaskRefusal | null {
  return conflictWith(draft.state, command.order.bodyHash);
}

/** Why a request with this body cannot be the one that made the task. */
export function conflictWith({ order }: TaskState, bodyHash: string): TaskRefusal | null {
  if (order.bodyHash === bodyHash) return null;
  return { code: "idempotency_conflict", detail: "This idempotency key was used for a different request." };
}
