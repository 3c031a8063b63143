import { z } from "zod";
import { FundsQuestion } from "./allowance.ts";
import { Dimension } from "./budget.ts";
import { ParentView } from "./delegation.ts";
import { JoinQuestion } from "./join.ts";
import { HandOffQuestion } from "./ladder.ts";
import { Json } from "./json.ts";
import { Assurance } from "./tool.ts";

/**
 * The question: may this call be made; may a ceiling be raised; shall a write of unknown outcome be sent again; may the task go on with
 * what a join brought; may the budget of a tenant or principal be raised; may it go
 * on with a step that failed.
 */
export const Question = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("call"),
    callId: z.string(),
    tool: z.string(),
    args: Json,
    proposalHash: z.string(),
  }),
  z.strictObject({ kind: z.literal("budget"), dimension: Dimension, limit: z.int(), proposed: z.int() }),
  z.strictObject({
    kind: z.literal("resend"),
    callId: z.string(),
    tool: z.string(),
    args: Json,
    proposalHash: z.string(),
  }),
  JoinQuestion,
  FundsQuestion,
  HandOffQuestion,
]);
export type Question = Readonly<z.infer<typeof Question>>;

export const Decision = z.enum(["approve", "deny"]);
export type Decision = z.infer<typeof Decision>;

export const ApprovalStatus = z.enum(["open", "approved", "denied", "expired", "closed"]);
export type ApprovalStatus = z.infer<typeof ApprovalStatus>;

/** A question to one named approver, answered at most once (A1). `binding` names all it was opened for. */
export const Approval = z.strictObject({
  id: z.string(),
  question: Question,
  approver: z.string(),
  assurance: Assurance,
  openedAtMs: z.int(),
  expiresAtMs: z.int(),
  binding: z.string().length(64),
  state: ApprovalStatus,
  /** The rung of the agent's ladder on which it is asked: unanswered, it goes to the next human there. */
  rung: z.int().nonnegative().optional(),
  /** Whose child it is that asks. */
  childOf: ParentView.optional(),
  answer: z
    .strictObject({
      decision: Decision,
      by: z.string(),
      assurance: Assurance,
      atMs: z.int(),
      comment: z.string().optional(),
    })
    .optional(),
});
export type Approval = Readonly<z.infer<typeof Approval>>;

/** What a human sends. */
export const ApprovalDecision = z.strictObject({
  decision: Decision,
  comment: z.string().max(2_000).optional(),
});
export type ApprovalDecision = Readonly<z.infer<typeof ApprovalDecision>>;
