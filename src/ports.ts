import type { Rights } from "./contracts/access.ts";
import type { ToolRequest, CallContext } from "./contracts/call.ts";
import type { CommitRow, Head } from "./contracts/journal.ts";
import type { ModelAnswer, ModelRequest } from "./contracts/model.ts";
import type { Observation } from "./core/health.ts";
import type { HealthView } from "./core/model-health.ts";
import type { Attempt, Finding } from "./contracts/outcome.ts";
import type { CallMessage } from "./contracts/queue.ts";
import type { Approval, ApprovalDecision, ApprovalStatus } from "./contracts/approval.ts";
import type { LimitsWanted } from "./contracts/budget.ts";
import type { ChildEnd } from "./core/delegation.ts";
import type { Lane } from "./core/placement.ts";
import type { Admission, Leave } from "./core/tenant-account.ts";
import type { UsageByDay } from "./core/usage.ts";
import type { ProblemCode } from "./contracts/problem.ts";
import type { ChildView, NewTask, TaskStatus, TaskView } from "./contracts/task.ts";
import type { Assurance } from "./contracts/tool.ts";

/** Wall-clock time. May jump; the core never compares two readings for order, only for due times. */
export interface Clock {
  nowMs(): number;
}

/** How hosts of tools fare, as far as is known here by now. Never waits. */
export interface HostBreakers {
  /** For how long a call to this host need not be tried; null when it may leave. */
  turnsAwayForMs(host: string): number | null;
  /** What a call that has ended showed of the host. */
  answered(host: string, seen: Observation): void;
}

/** What keeps the health of one provider's model, or of one host. What it is told is added to what it knows, and that is answered. */
export interface HealthDoor {
  report(seen: readonly Observation[], wantsProbe: boolean): Promise<HealthView>;
}

/**
 * Carries out one attempt of one allowed call. Never rejects; validates and bounds its result. Ends soon after `signal` aborts, which
 * its caller sees to when the tool's time-out is over (with a `TimeoutError`).
 */
export interface ToolGateway {
  execute(request: ToolRequest, signal: AbortSignal): Promise<Attempt>;
  /** Reads back whether an earlier attempt took effect, for tools whose recovery is `read`. */
  readBack(request: ToolRequest, signal: AbortSignal): Promise<Finding>;
}

/**
 * Keeps results that are too large for the conversation, by content hash, beside the journal of the call's task. Idempotent. Once it
 * has returned, the text is as durable as the commit that will refer to it.
 */
export interface ArtifactStore {
  put(of: CallContext, sha256: string, text: string): void | Promise<void>;
}

/**
 * The objects of a task's parent and children. Everything may be asked twice; rejects when an object cannot be reached now. What is
 * told of a child is what its own object says.
 */
export interface Family {
  /** How the child is: its end, `alive`, or null when it is not there. */
  look(child: NewTask): Promise<ChildEnd | "alive" | null>;
  /**
   * Ends the child, wherever it is in its life: one that is not there is made first, so that nobody makes it later. Rejects while
   * those below it have not ended.
   */
  end(child: NewTask, reason: string): Promise<ChildEnd>;
  /** Settles the parent's call. Resolves when the parent has it on record. */
  tell(child: NewTask, end: ChildEnd): Promise<void>;
}

/** Sends claims to workers elsewhere. A message may be lost or come twice; the claim at the object decides. */
export interface CallQueue {
  send(lane: Lane, messages: readonly CallMessage[]): Promise<void>;
}

/** One row of the task index: what lists show of a task. */
export interface IndexEntry {
  readonly tenant: string;
  readonly task: string;
  readonly seq: number;
  readonly status: TaskStatus;
  readonly paused: boolean;
  readonly agent: string;
  readonly agentVersion: string;
  readonly principal: string;
  /** The task whose child it is. */
  readonly parent?: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly spentMicroUsd: number;
  readonly spentTokens: number;
}

/** The whole row, with what is summed up over many tasks. */
export interface IndexedTask extends IndexEntry {
  readonly usage: UsageByDay;
}

/** One row of the approvals inbox. */
export interface InboxEntry {
  readonly id: string;
  readonly task: string;
  readonly seq: number;
  readonly approver: string;
  readonly kind: "call" | "budget" | "resend" | "join" | "funds" | "handOff";
  readonly subject: string;
  readonly state: ApprovalStatus;
  readonly openedAtMs: number;
  readonly expiresAtMs: number;
  /** The task whose child asks, as the index knows it. */
  readonly parent?: string;
}

export interface AuditBatch {
  readonly commits: readonly CommitRow[];
  readonly entry: IndexedTask;
  readonly approvals: readonly InboxEntry[];
}

/**
 * The audit log and its projections. `append` resolves only when all of the batch is durable; the same batch may be sent again
 * (a commit that stands is left as it is, a different one under its seq rejects), and an entry older by seq changes nothing.
 */
export interface AuditLog {
  append(batch: AuditBatch): Promise<void>;
}

/** Rights as of now. Rejects when they cannot be read; the gate then does not run. */
export interface RightsReader {
  read(query: { tenant: string; keyId: string; approvers: readonly string[] }): Promise<Rights>;
}

/** Those who watch a task now. Nothing is kept for a reader that is not there. */
export interface Readers {
  /** Whether someone reads along; those who only wait for the end do not. */
  connected(): boolean;
  committed(row: CommitRow): void;
  partial(text: string): void;
  /** Nothing more will come, unless the task is resumed. */
  ended(view: TaskView): void;
}

/** The object's one alarm. */
export interface Alarm {
  /** When it is due, if it is armed: it outlives the object's memory. */
  armedAtMs(): Promise<number | null>;
  set(atMs: number): void;
}

/** SHA-256 as lower-case hex, of UTF-8 text. */
export type Sha256 = (text: string) => string;

/** An answer of an object: a value, or a refusal whose code is the problem document's. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: ProblemCode; readonly detail: string };

/** Replaying a journal through `decide` (J3): equal, or the first commit whose events or state would differ. */
export interface ReplayReport {
  readonly commits: number;
  readonly equal: boolean;
  readonly firstDifference?: { readonly seq: number; readonly reason: string };
}

/** An answer to an approval, and how surely we know whose it is. A link is recorded as issued to its recipient. */
export interface ApprovalAnswer extends ApprovalDecision {
  readonly approval: string;
  readonly by: string;
  readonly assurance: Assurance;
}

export interface FamilyView {
  readonly view: TaskView;
  readonly children: readonly ChildView[];
}

/** What the API asks of a task's object, over RPC. A task that does not exist answers `null`, and nothing is written for it. */
export interface TaskDoor {
  /** `created` is false when the same request made the task before. Another body under the same id: `idempotency_conflict`. */
  create(order: NewTask): Promise<Answer<{ readonly created: boolean; readonly view: TaskView }>>;
  /** The task as it is, if a request with this body made it; another body under the same id: `idempotency_conflict`. */
  made(bodyHash: string): Promise<Answer<TaskView> | null>;
  view(): Promise<TaskView | null>;
  /** The task, and those whom it recruited itself. */
  family(): Promise<FamilyView | null>;
  /**
   * The JSON of the task (a `TaskView`) as it is at its end. Null when before that nothing of it runs in its object any more, and the
   * object may go idle: who waits on does so elsewhere.
   */
  endAtWork(): Promise<string | null>;
  cancel(by: string, reason: string | undefined): Promise<Answer<TaskView> | null>;
  pause(by: string): Promise<Answer<TaskView> | null>;
  resume(
    by: string,
    checkpoint: number | undefined,
    limits: LimitsWanted | undefined,
  ): Promise<Answer<TaskView> | null>;
  approval(id: string): Promise<Approval | null>;
  answer(answer: ApprovalAnswer): Promise<Answer<Approval> | null>;
  /** Commits from `fromSeq` on, in order; at most `limit`, and at most about 1 MB. */
  commits(fromSeq: number, limit: number): Promise<readonly CommitRow[] | null>;
  artifact(sha256: string): Promise<string | null>;
  replay(): Promise<ReplayReport | null>;
  head(): Promise<Head | null>;
}

/** What a queue consumer asks of a task's object: one claim and one settlement per task and batch. */
export interface CallDoor {
  /** Runs the gate again and commits the claims. What comes back is to be carried out now, before `leaseUntilMs`. */
  claim(claims: CallMessage["claims"]): Promise<readonly ClaimedEffect[]>;
  settle(settlements: readonly Settlement[]): Promise<void>;
  /** Nobody could take these claims: what was never claimed is settled as not carried out. */
  giveUp(claims: CallMessage["claims"]): Promise<void>;
  /** Text of a claimed model call as it streams; only worth sending when the claim says that someone reads. */
  partial(call: string, attempt: number, text: string): Promise<void>;
  /** Keeps a large result beside the journal, before the settlement that refers to it. */
  putArtifact(sha256: string, text: string): Promise<void>;
}

/** What parent and child ask of each other's objects. */
export interface FamilyDoor {
  /** Of a child: its end once its own children have ended too, `alive`, or null when there is no such task. */
  howItIs(): Promise<ChildEnd | "alive" | null>;
  /** Of a parent: the child that carries out this call has ended. */
  childEnded(call: string, end: ChildEnd): Promise<void>;
}

export type ClaimedEffect =
  | {
      readonly kind: "tool";
      readonly id: string;
      readonly attempt: number;
      readonly leaseUntilMs: number;
      readonly streamed: boolean;
      readonly request: ToolRequest;
    }
  | {
      readonly kind: "model";
      readonly id: string;
      readonly attempt: number;
      readonly leaseUntilMs: number;
      readonly streamed: boolean;
      readonly request: ModelRequest;
    }
  /** A child that is to be made. It settles the call itself, when it ends. */
  | {
      readonly kind: "child";
      readonly id: string;
      readonly attempt: number;
      readonly leaseUntilMs: number;
      readonly order: NewTask;
    };

export type Settlement =
  | {
      readonly kind: "tool";
      readonly id: string;
      readonly attempt: number;
      readonly latencyMs: number;
      readonly result: Attempt;
    }
  | {
      readonly kind: "model";
      readonly id: string;
      readonly attempt: number;
      readonly latencyMs: number;
      readonly reply: ModelAnswer;
    };

/** A tenant's caps (live tasks, cost a day, open approvals), asked before a task is made for which there is no leave. Idempotent by task. */
export interface TenantDoor {
  admit(admission: Admission): Promise<Answer<Leave>>;
}
