import type { Placement } from "../../contracts/agent.ts";
import type { Approval, ApprovalStatus, Question } from "../../contracts/approval.ts";
import type { Amounts, Dimension, OnLimit } from "../../contracts/budget.ts";
import type { JoinRule } from "../../contracts/join.ts";
import type { Because, HandOff } from "../../contracts/ladder.ts";
import type { ReplyPart } from "../../contracts/message.ts";
import type { Json } from "../../contracts/json.ts";
import type { ModelFailure } from "../../contracts/model.ts";
import type { Choice } from "../../contracts/route.ts";
import type { ErrorCode, ErrorEnvelope, Outcome } from "../../contracts/outcome.ts";
import type { Grant } from "../delegation.ts";
import type { JoinReport } from "../join-report.ts";
import type { Verdict } from "../gate/verdict.ts";

/**
 * What a task decided happened. An event never repeats what its command says: the order, a model's reply and a tool's output are
 * taken from the command of the same commit, so that content is stored once.
 */
export type Event = TaskEvent | ModelEvent | CallEvent | JoinEvent | ApprovalEvent;

export type TaskEvent =
  | { readonly type: "taskCreated" }
  | { readonly type: "taskStarted" }
  | { readonly type: "taskPaused"; readonly by: string }
  | { readonly type: "taskUnpaused"; readonly by: string }
  | { readonly type: "turnEnded"; readonly turn: number }
  | { readonly type: "rightsChanged"; readonly authorityActive: boolean }
  | { readonly type: "parentTold" }
  /** What the task holds now is the command's. */
  | { readonly type: "allowanceAnswered" }
  /** The task gives back what it does not need while it rests. */
  | { readonly type: "allowanceReturned" }
  /** The child of a call that was settled without it has ended. */
  | { readonly type: "strayEnded"; readonly call: string }
  /** A child that might finish without its call has had its time: it is ended. */
  | { readonly type: "strayOverdue"; readonly call: string }
  /** The agent has a ladder: what happens next follows in the same commit, unless the task is paused. */
  | {
      readonly type: "stepFailed";
      readonly because: Because;
      readonly code: ErrorCode;
      readonly message: string;
    }
  | {
      readonly type: "stepEscalated";
      readonly rung: number;
      /** Turns that had ended by then. */
      readonly turn: number;
      readonly untilMs: number;
      readonly handOff: HandOff;
    }
  /** The runtime proposes, in the model's place, that another agent takes the step. */
  | { readonly type: "stepDelegated"; readonly part: Extract<ReplyPart, { type: "call" }> }
  | { readonly type: "planRevised"; readonly plan: Json }
  | {
      readonly type: "limitReached";
      readonly dimension: Dimension;
      readonly limit: number;
      readonly needed: number;
      readonly reaction: OnLimit;
    }
  | { readonly type: "limitExtended"; readonly dimension: Dimension; readonly to: number }
  | { readonly type: "taskCompleted"; readonly answer: string }
  | { readonly type: "taskFailed"; readonly error: ErrorEnvelope; readonly partial: string }
  | { readonly type: "taskCanceled"; readonly by: string; readonly reason: string; readonly partial: string }
  /** T1: the checkpoint gone back to, and every call settled after it. */
  | {
      readonly type: "taskResumed";
      readonly by: string;
      readonly checkpoint: number;
      readonly settledAfter: readonly string[];
    };

export type ModelEvent =
  | {
      readonly type: "modelCallIntended";
      readonly call: string;
      readonly turn: number;
      readonly attempt: number;
      readonly placement: Placement;
      readonly reserved: Amounts;
      readonly resendAtMs: number;
      /** Which candidate of the task's route serves it, and why; absent where there is only one model. */
      readonly choice?: Choice;
    }
  | {
      readonly type: "modelCallHeld";
      readonly call: string;
      readonly turn: number;
      readonly approval: string;
    }
  /** It may not leave before the task has an allowance that covers it. */
  | { readonly type: "modelCallUnfunded"; readonly call: string; readonly turn: number }
  /** Its question is answered in its favour while the task is paused: it is intended when the task goes on. */
  | { readonly type: "modelCallReadied"; readonly call: string }
  | { readonly type: "modelCallResent"; readonly call: string; readonly resendAtMs: number }
  | {
      readonly type: "modelCallClaimed";
      readonly call: string;
      readonly attempt: number;
      readonly leaseUntilMs: number;
    }
  /** Which response that is, is the command's. It is looked after until then. */
  | {
      readonly type: "modelCallSubmitted";
      readonly call: string;
      readonly attempt: number;
      readonly untilMs: number;
    }
  | { readonly type: "responseDropped"; readonly response: string }
  | { readonly type: "outputStreamed"; readonly call: string; readonly attempt: number }
  /** The reply itself is the command's. `used` is what the budget is charged. */
  | { readonly type: "modelReplied"; readonly call: string; readonly attempt: number; readonly used: Amounts }
  | {
      readonly type: "modelCallFailed";
      readonly call: string;
      readonly attempt: number;
      readonly failure: ModelFailure;
      readonly used: Amounts;
      readonly interrupted: boolean;
      /** Absent when it is not tried again. */
      readonly retryAtMs?: number;
    };

export type CallEvent =
  | {
      readonly type: "callProposed";
      readonly call: string;
      readonly index: number;
      readonly providerCallId: string;
      readonly tool: string;
      readonly toolVersion: string;
      readonly args: Json;
      readonly argsDigest: string;
      readonly proposalHash: string;
    }
  | { readonly type: "callJudged"; readonly call: string; readonly verdict: Verdict }
  | {
      readonly type: "callIntended";
      readonly call: string;
      readonly attempt: number;
      readonly placement: Placement;
      readonly resendAtMs: number;
      /** What the child task is given that is to carry it out. */
      readonly grant?: Grant;
    }
  | { readonly type: "callResent"; readonly call: string; readonly resendAtMs: number }
  | {
      readonly type: "callClaimed";
      readonly call: string;
      readonly attempt: number;
      readonly leaseUntilMs: number;
    }
  | {
      readonly type: "callHeld";
      readonly call: string;
      readonly approval: string;
      readonly about: Question["kind"];
    }
  | { readonly type: "callReadied"; readonly call: string; readonly interrupted: boolean }
  | {
      readonly type: "callRetryScheduled";
      readonly call: string;
      readonly attempt: number;
      readonly atMs: number;
      readonly next: "send" | "readBack";
      readonly error: ErrorEnvelope;
      /** E2. Whether the attempt may have taken effect all the same. */
      readonly inDoubt: boolean;
      /** A guard had no place for the attempt, which does not count towards the retry policy. */
      readonly turnedAway?: true;
    }
  | {
      readonly type: "readBackIntended";
      readonly call: string;
      readonly attempt: number;
      /** E2. Before this, the attempt may still take effect: that it is absent says nothing yet. */
      readonly conclusiveAtMs: number;
    }
  | {
      readonly type: "readBackPostponed";
      readonly call: string;
      readonly attempt: number;
      readonly atMs: number;
    }
  /** `settlement` is the place of its result in the command; without it, `outcome` is given here. */
  | {
      readonly type: "callSettled";
      readonly call: string;
      readonly attempt: number;
      readonly settlement?: number;
      readonly outcome?: Outcome;
      /** The call whose recorded result this is, after a resume (E1). */
      readonly reusedFrom?: string;
      /** A join closed without it: what becomes of the child that may be there. */
      readonly straggler?: JoinRule["stragglers"];
      readonly late: boolean;
    };

export type JoinEvent =
  | {
      readonly type: "joinOpened";
      readonly join: string;
      readonly calls: readonly string[];
      readonly dueAtMs?: number;
    }
  | { readonly type: "joinClosed"; readonly report: JoinReport };

export type ApprovalEvent =
  | { readonly type: "approvalOpened"; readonly approval: Approval }
  /** Who answered, and how, is the command's. */
  | { readonly type: "approvalAnswered"; readonly approval: string }
  | {
      readonly type: "approvalClosed";
      readonly approval: string;
      readonly state: Extract<ApprovalStatus, "expired" | "closed">;
      readonly reason: string;
    };

const MODEL_EVENTS = [
  "modelCallIntended",
  "modelCallHeld",
  "modelCallUnfunded",
  "modelCallReadied",
  "modelCallResent",
  "modelCallClaimed",
  "modelCallSubmitted",
  "responseDropped",
  "outputStreamed",
  "modelReplied",
  "modelCallFailed",
] as const satisfies readonly ModelEvent["type"][];
const CALL_EVENTS = [
  "callProposed",
  "callJudged",
  "callIntended",
  "callResent",
  "callClaimed",
  "callHeld",
  "callReadied",
  "callRetryScheduled",
  "readBackIntended",
  "readBackPostponed",
  "callSettled",
] as const satisfies readonly CallEvent["type"][];
const JOIN_EVENTS = ["joinOpened", "joinClosed"] as const satisfies readonly JoinEvent["type"][];
const APPROVAL_EVENTS = [
  "approvalOpened",
  "approvalAnswered",
  "approvalClosed",
] as const satisfies readonly ApprovalEvent["type"][];

const modelEvents: ReadonlySet<string> = new Set(MODEL_EVENTS);
const callEvents: ReadonlySet<string> = new Set(CALL_EVENTS);
const joinEvents: ReadonlySet<string> = new Set(JOIN_EVENTS);
const approvalEvents: ReadonlySet<string> = new Set(APPROVAL_EVENTS);

export function isModelEvent(event: Event): event is ModelEvent {
  return modelEvents.has(event.type);
}

export function isCallEvent(event: Event): event is CallEvent {
  return callEvents.has(event.type);
}

export function isJoinEvent(event: Event): event is JoinEvent {
  return joinEvents.has(event.type);
}

export function isApprovalEvent(event: Event): event is ApprovalEvent {
  return approvalEvents.has(event.type);
}
