import type { Allowance } from "../../contracts/allowance.ts";
import type { Rights } from "../../contracts/access.ts";
import type { Decision } from "../../contracts/approval.ts";
import type { LimitsWanted } from "../../contracts/budget.ts";
import type { ModelReply } from "../../contracts/model.ts";
import type { Attempt, Finding } from "../../contracts/outcome.ts";
import type { NewTask } from "../../contracts/task.ts";
import type { Health } from "../../contracts/route.ts";
import type { Assurance } from "../../contracts/tool.ts";
import type { Authority } from "../authority.ts";
import type { ChildEnd } from "../delegation.ts";

/** What is asked of a task, or learned from outside. Facts that a decision needs travel in its command, so that replay needs nothing else. */
export type Command = Told & {
  /** How the candidates of the task's route fare, when that has changed since the task was last told. */
  readonly health?: Health;
};

type Told =
  | { readonly type: "create"; readonly order: NewTask }
  | { readonly type: "start" }
  /** The object was restarted: whatever it carried out itself is lost from sight. */
  | { readonly type: "interrupted" }
  | {
      readonly type: "outputStreamed";
      readonly call: string;
      readonly attempt: number;
      readonly text: string;
    }
  | ModelReplied
  | ModelSubmitted
  /** The provider was told that nobody waits for its response, or there is no use in telling it any more. */
  | { readonly type: "responseDropped"; readonly response: string }
  | { readonly type: "callsSettled"; readonly settlements: readonly CallSettlement[] }
  | {
      readonly type: "readBackEnded";
      readonly call: string;
      readonly attempt: number;
      readonly finding: Finding;
    }
  | ChildEnded
  /** The parent's object has what this task settles its call with. */
  | { readonly type: "parentTold" }
  | AllowanceAnswered
  | { readonly type: "rightsRead"; readonly rights: Rights }
  | Claim
  | ApprovalAnswered
  | { readonly type: "timerFired" }
  | { readonly type: "cancel"; readonly by: string; readonly reason?: string }
  | { readonly type: "pause"; readonly by: string }
  | {
      readonly type: "resume";
      readonly by: string;
      readonly checkpoint?: number;
      readonly limits?: LimitsWanted;
    };

/** What the task has got of what it asked for, or still has after it gave back; `n` says which asking it answers. */
export interface AllowanceAnswered {
  readonly type: "allowanceAnswered";
  readonly n: number;
  readonly gaveBack: boolean;
  readonly allowance: Allowance;
  /** The approval whose answer those who keep the budgets heard with the asking. */
  readonly heard?: string;
}

export interface ModelReplied {
  readonly type: "modelReplied";
  readonly call: string;
  readonly attempt: number;
  readonly reply: ModelReply;
  readonly latencyMs: number;
  /** What was read of the task's key while the model thought, if anything. */
  readonly authority?: Authority;
}

/** The provider has taken a call of the model on, to work at it in the background. */
export interface ModelSubmitted extends Omit<ModelReplied, "type" | "reply" | "latencyMs"> {
  readonly type: "modelSubmitted";
  /** The provider's id of what there will be. */
  readonly response: string;
}

export interface CallSettlement {
  readonly call: string;
  readonly attempt: number;
  readonly result: Attempt;
  readonly latencyMs: number;
}

/** The child task that carries a call out has ended, and what it used, its own children's part included. */
export interface ChildEnded extends ChildEnd {
  readonly type: "childEnded";
  readonly call: string;
}

/** A queue's consumer asks to carry calls out; the rights are those of now. Null: they were not asked for, and no tool is claimed. */
export interface Claim {
  readonly type: "claim";
  readonly claims: readonly { readonly id: string; readonly attempt: number }[];
  readonly rights: Rights | null;
}

export interface ApprovalAnswered {
  readonly type: "approvalAnswered";
  readonly approval: string;
  readonly decision: Decision;
  readonly by: string;
  readonly assurance: Assurance;
  readonly comment?: string;
  readonly rights: Rights;
}
