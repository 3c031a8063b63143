import type { Allowance } from "../../contracts/allowance.ts";
import type { Approval, Question } from "../../contracts/approval.ts";
import type { Amounts, Budget } from "../../contracts/budget.ts";
import type { Because } from "../../contracts/ladder.ts";
import type { Json } from "../../contracts/json.ts";
import type { Message } from "../../contracts/message.ts";
import type { ModelProviderName } from "../../contracts/model.ts";
import type { ErrorCode, ErrorEnvelope, Outcome } from "../../contracts/outcome.ts";
import type { Choice, Health } from "../../contracts/route.ts";
import type { Placement } from "../../contracts/agent.ts";
import type { NewTask } from "../../contracts/task.ts";
import type { Authority } from "../authority.ts";
import type { Grant } from "../delegation.ts";
import type { JoinReport } from "../join-report.ts";
import type { Tried } from "../routing.ts";
import type { UsageByDay } from "../usage.ts";

/** Everything that is true of a task: the fold of its journal (J2), and plain JSON, so that a snapshot is its text. */
export interface TaskState {
  readonly order: NewTask;
  readonly createdAtMs: number;
  /** Place and time of the last commit. */
  readonly seq: number;
  readonly updatedAtMs: number;
  /** When wall time began to count; null until the first start. */
  readonly startedAtMs: number | null;
  readonly budget: Budget;
  readonly paused: boolean;
  readonly phase: Phase;
  /** The conversation so far, and the UTF-8 bytes of its JSON. */
  readonly messages: readonly Message[];
  readonly messageBytes: number;
  /** Turns that have ended, in order. */
  readonly turns: readonly Turn[];
  /** Every approval ever opened, in order; `changedSeq` is the commit that changed it last. */
  readonly approvals: readonly TrackedApproval[];
  /** Calls carried out after a checkpoint that the task went back to: proposed again, they answer with what is recorded (E1). */
  readonly reusable: readonly SettledCall[];
  /** Those of them that the model has not been told of yet: told when the open turn ends. */
  readonly untold: readonly SettledCall[];
  /** Smoothed latency of the model, and of each tool by name. */
  readonly modelLatencyMs: number | null;
  readonly toolLatencyMs: Readonly<Record<string, number>>;
  readonly authority: Authority;
  readonly plan: Json;
  readonly usage: UsageByDay;
  /** Calls that were settled while their children may live on: these are to be ended. */
  readonly strays: readonly Stray[];
  /** Responses that nobody waits for any more, while their provider may still work at them. */
  readonly unwanted?: readonly Unwanted[];
  /** Whether the parent has acknowledged how this task ended. */
  readonly parentTold: boolean;
  /** Where the step stands on its agent's ladder; absent while it stands on none. */
  readonly climb?: Climb;
  /** A step that failed and has not been taken on yet. */
  readonly stuck?: Stuck;
  /** What it holds beside its own budget; absent before it first asked. */
  readonly allowance?: HeldAllowance;
  /** How the candidates of its route fare, as it was last told. */
  readonly health?: Health;
}

/** A response that is to be dropped; from `untilMs` on, there is no use in that. */
export interface Unwanted {
  readonly provider: ModelProviderName;
  readonly response: string;
  readonly untilMs: number;
}

/** `turn`: how many turns had ended when the step went there. */
export interface Climb {
  readonly rung: number;
  readonly turn: number;
  readonly untilMs: number;
}

/** By what it failed, and with what the task fails if nobody takes it on. */
export interface Stuck {
  readonly because: Because;
  readonly code: ErrorCode;
  readonly message: string;
}

/** `n`: how often it was answered. `returning`: what it held is on its way back. `heard`: what was last told on of a human's answers. */
export interface HeldAllowance extends Allowance {
  readonly heard?: string;
  readonly n: number;
  readonly returning: boolean;
}

/** B1. What its child may use stays set aside until that has ended. */
export interface Stray extends Call {
  /** Its child may finish, for as long as its grant says and the task lives. */
  readonly finishes?: boolean;
}

export interface TrackedApproval extends Approval {
  readonly changedSeq: number;
}

/** Where the task is. Only `acting` and `ended` have calls; only `thinking` has a model call. */
export type Phase =
  | { readonly kind: "queued"; readonly open: OpenTurn | null }
  | { readonly kind: "resting" }
  | { readonly kind: "thinking"; readonly model: ModelCall }
  | { readonly kind: "acting"; readonly open: OpenTurn }
  /** `seq`: the commit that ended it; a journal may have resumed it and ended it again. */
  | { readonly kind: "ended"; readonly end: End; readonly open: OpenTurn | null; readonly seq?: number };

export type End =
  | { readonly status: "completed"; readonly answer: string }
  | { readonly status: "failed"; readonly error: ErrorEnvelope; readonly partial: string }
  | { readonly status: "canceled"; readonly by: string; readonly reason: string; readonly partial: string };

/** One call of the model: its turn, its stable id, and what is set aside for the attempt that is out. */
export interface ModelCall {
  readonly id: string;
  readonly turn: number;
  readonly attempt: number;
  /** Attempts that count towards the retry policy, and attempts lost to a crash in a row. */
  readonly tries: number;
  readonly interruptions: number;
  /** How often in a row a guard had no place for it. */
  readonly turnedAway: number;
  readonly reserved: Amounts;
  /** Text streamed by the attempt that is out, as checkpointed. */
  readonly partial: string;
  /** Which candidate of the task's route serves the attempt, and which of them failed before it. */
  readonly choice?: Choice;
  readonly tried?: readonly Tried[];
  readonly progress: ModelProgress;
}

export type ModelProgress =
  | {
      readonly at: "intended";
      readonly placement: Placement;
      readonly resendAtMs: number;
      readonly resends: number;
    }
  | { readonly at: "claimed"; readonly leaseUntilMs: number }
  /** The provider works at it in the background. */
  | {
      readonly at: "submitted";
      readonly response: string;
      readonly sinceMs: number;
      readonly untilMs: number;
    }
  | { readonly at: "retrying"; readonly atMs: number }
  | { readonly at: "held"; readonly approval: string }
  /** Waits for an allowance that covers it. */
  | { readonly at: "unfunded" };

/** A turn whose reply is in and whose calls are not all settled. `messageCount` is the conversation's length before it. */
export interface OpenTurn {
  readonly n: number;
  readonly repliedSeq: number;
  readonly messageCount: number;
  readonly calls: readonly Call[];
  /** The joins that have parts in this turn, in the order of the agent's rules; absent when there are none. */
  readonly joins?: readonly Join[];
}

/** A join of one turn: its calls in the order of the proposals, when it closes at the latest, and its report once it has. */
export interface Join {
  readonly name: string;
  readonly calls: readonly string[];
  readonly dueAtMs: number | null;
  readonly report: JoinReport | null;
  /** The approval by which a human let the task go on with what it brought. */
  readonly agreedBy: string | null;
}

export interface Turn extends OpenTurn {
  readonly endedSeq: number;
}

/** A proposal, and what became of it. `id` is its idempotency key: the same for every attempt. */
export interface Call {
  readonly id: string;
  readonly turn: number;
  readonly index: number;
  readonly providerCallId: string;
  readonly tool: string;
  readonly toolVersion: string;
  readonly args: Json;
  readonly argsDigest: string;
  readonly proposalHash: string;
  readonly attempt: number;
  readonly tries: number;
  readonly interruptions: number;
  /** How often in a row a guard had no place for it. */
  readonly turnedAway: number;
  readonly readBacks: number;
  /** E2. From then on, a write that is read back as absent will not take effect any more. */
  readonly conclusiveAtMs: number;
  /** E2. Whether an earlier attempt may have taken effect without anybody knowing. */
  readonly inDoubt: boolean;
  /** How often a human was asked about this call. */
  readonly asked: number;
  /** E1. The call whose recorded result this one answered with, after a resume. */
  readonly reusedFrom: string | null;
  /** B1. What is set aside for it in the budget: one call, and all that a child task may use; null when nothing is. */
  readonly reserved: Amounts | null;
  /** What the child task is given that carries it out; null for other calls, and before it is first intended. */
  readonly grant: Grant | null;
  /** Whether its child may be there: someone was let through to make it. */
  readonly recruited: boolean;
  /** The approval that was answered in its favour, if any. */
  readonly approvedBy: string | null;
  readonly progress: CallProgress;
}

export type CallProgress =
  /** Waits for the gate to run, with the rights of now. */
  | { readonly at: "ready" }
  | { readonly at: "held"; readonly approval: string; readonly about: Question["kind"] }
  | {
      readonly at: "intended";
      readonly placement: Placement;
      readonly resendAtMs: number;
      readonly resends: number;
    }
  | { readonly at: "claimed"; readonly leaseUntilMs: number }
  | { readonly at: "retrying"; readonly atMs: number; readonly next: "send" | "readBack" }
  | { readonly at: "readingBack"; readonly sinceMs: number }
  | { readonly at: "settled"; readonly outcome: Outcome; readonly seq: number };

export type SettledCall = Call & { readonly progress: Extract<CallProgress, { at: "settled" }> };

export function isSettled(call: Call): call is SettledCall {
  return call.progress.at === "settled";
}

/** The calls of the turn that is open, none when no turn is. */
export function openCalls(state: TaskState): readonly Call[] {
  return openTurn(state)?.calls ?? [];
}

export function openTurn(state: TaskState): OpenTurn | null {
  const { phase } = state;
  return phase.kind === "acting" || phase.kind === "ended" || phase.kind === "queued" ? phase.open : null;
}

/** How long wall time has counted; nothing before the first start. */
export function elapsedMs({ startedAtMs }: TaskState, nowMs: number): number {
  return startedAtMs === null ? 0 : nowMs - startedAtMs;
}

/** Whether children of it may be there that have not told how they ended. */
export function hasChildren(state: TaskState): boolean {
  return state.strays.length > 0 || openCalls(state).some((call) => call.recruited && !isSettled(call));
}

export function isLive(state: TaskState): boolean {
  return state.phase.kind !== "ended";
}
