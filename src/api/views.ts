import { z } from "zod";
import { FundsQuestion } from "../contracts/allowance.ts";
import { HandOffQuestion } from "../contracts/ladder.ts";
import type { Caller } from "../contracts/access.ts";
import { type Approval, ApprovalStatus, Decision, type Question } from "../contracts/approval.ts";
import { Dimension } from "../contracts/budget.ts";
import { ParentView } from "../contracts/delegation.ts";
import type { CommitRow } from "../contracts/journal.ts";
import type { AuditedCommit } from "../contracts/lists.ts";
import { JoinQuestion } from "../contracts/join.ts";
import { Json } from "../contracts/json.ts";
import { TaskView } from "../contracts/task.ts";
import { Assurance } from "../contracts/tool.ts";
import type { InboxEntry, IndexEntry } from "../ports.ts";
import { jsonOf } from "./json-text.ts";
import { withoutContent } from "./redaction.ts";

/** Whether a viewer may see what was said and done, beside that it was. */
export function seesContent(viewer: Caller): boolean {
  return viewer.scopes.includes("content:read");
}

/** A task as its viewer may see it. */
export function taskFor(viewer: Caller, view: TaskView): object {
  if (seesContent(viewer)) return view;
  const error = view.error && { ...view.error, message: "" };
  return { ...view, answer: undefined, partial: undefined, error };
}

/** The same for the JSON text of a task, as its own object wrote it. */
export function taskTextFor(viewer: Caller, text: string): string {
  return seesContent(viewer) ? text : JSON.stringify(taskFor(viewer, TaskView.parse(jsonOf(text))));
}

/** What a list tells of a task. */
export const TaskSummary = TaskView.omit({
  model: true,
  servedBy: true,
  deadline: true,
  interactive: true,
  jurisdiction: true,
  metadata: true,
  parent: true,
  turn: true,
  budget: true,
  openApprovals: true,
  answer: true,
  partial: true,
  error: true,
  missing: true,
  hash: true,
}).extend({
  /** The task whose child it is. */
  parent: z.string().optional(),
  spent: z.strictObject({ costMicroUsd: z.int(), tokens: z.int() }),
});

export function summaryOf(entry: IndexEntry): z.infer<typeof TaskSummary> {
  const { task, status, paused, agent, agentVersion, principal, parent, seq } = entry;
  return {
    id: task,
    status,
    paused,
    agent,
    agentVersion,
    principal,
    ...(parent && { parent }),
    createdAt: rfc3339(entry.createdAtMs),
    updatedAt: rfc3339(entry.updatedAtMs),
    spent: { costMicroUsd: entry.spentMicroUsd, tokens: entry.spentTokens },
    seq,
  };
}

/** One commit. Without `content:read`, command and events keep their types, ids, codes and figures. */
export const CommitView = z.strictObject({
  seq: z.int(),
  at: z.iso.datetime(),
  rules: z.int(),
  command: Json,
  events: z.array(Json),
  digest: z.string(),
  hash: z.string(),
});
export type CommitView = z.infer<typeof CommitView>;

export function commitFor(viewer: Caller, row: CommitRow): CommitView {
  const { seq, atMs, rules, digest, hash } = row;
  const { command, events } = bodyOf(row);
  const show = seesContent(viewer) ? (value: Json) => value : withoutContent;
  return { seq, at: rfc3339(atMs), rules, command: show(command), events: events.map(show), digest, hash };
}

/** A commit whose JSON text may hold content, without it. */
export function shownWithoutContent(json: string): CommitView {
  const view = CommitView.parse(jsonOf(json));
  return { ...view, command: withoutContent(view.command), events: view.events.map(withoutContent) };
}

/** A commit of the audit log. */
export const AuditItem = CommitView.extend({ task: z.string() });

export function auditItemFor(viewer: Caller, row: AuditedCommit): z.infer<typeof AuditItem> {
  return { task: row.task, ...commitFor(viewer, row) };
}

/** A line of an export. Whoever may see content gets the very text and salt of each commit, so that the chain can be verified elsewhere. */
export function exportedFor(viewer: Caller, row: AuditedCommit): object {
  return seesContent(viewer)
    ? { tenant: viewer.tenant, ...row }
    : { tenant: viewer.tenant, ...auditItemFor(viewer, row) };
}

/** What a commit's text says. Someone may have changed it from outside: what cannot be read is shown as nothing. */
export function bodyOf({ body }: Pick<CommitRow, "body">): {
  readonly command: Json;
  readonly events: readonly Json[];
} {
  const parsed = CommitBody.safeParse(jsonOf(body));
  return parsed.success ? parsed.data : { command: null, events: [] };
}

/** The type of a command or an event; nothing when it has none. */
export function typeOf(said: Json): string | undefined {
  return Typed.safeParse(said).data?.type;
}

const Typed = z.object({ type: z.string() });

/** Whatever was parsed from JSON is JSON: there is nothing to check below the first level. */
const ParsedJson = z.custom<Json>(() => true);
const CommitBody = z.object({ command: ParsedJson, events: z.array(ParsedJson) });

export const InboxItem = z.strictObject({
  id: z.string(),
  task: z.string(),
  kind: z.enum(["call", "budget", "resend", "join", "funds", "handOff"]),
  subject: z.string(),
  approver: z.string(),
  state: ApprovalStatus,
  openedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  /** The task whose child asks. */
  parent: z.string().optional(),
});

export function inboxItemOf(entry: InboxEntry): z.infer<typeof InboxItem> {
  const { id, task, kind, subject, approver, state, openedAtMs, expiresAtMs, parent } = entry;
  return {
    id,
    task,
    kind,
    subject,
    approver,
    state,
    openedAt: rfc3339(openedAtMs),
    expiresAt: rfc3339(expiresAtMs),
    ...(parent && { parent }),
  };
}

const AboutCall = {
  callId: z.string(),
  tool: z.string(),
  args: Json.optional(),
  proposalHash: z.string().optional(),
};
const QuestionView = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("call"), ...AboutCall }),
  z.strictObject({ kind: z.literal("resend"), ...AboutCall }),
  z.strictObject({ kind: z.literal("budget"), dimension: Dimension, limit: z.int(), proposed: z.int() }),
  FundsQuestion.partial({ ceiling: true, raiseTo: true }),
  HandOffQuestion.partial({ handOff: true }),
  JoinQuestion.partial({ conflicts: true }),
]);

/** One approval. What is asked about is content; its approver sees it in any case, since nobody can answer for what they do not see. */
export const ApprovalView = z.strictObject({
  id: z.string(),
  task: z.string(),
  state: ApprovalStatus,
  question: QuestionView,
  approver: z.string(),
  assurance: Assurance,
  openedAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  /** Whose child it is that asks. */
  childOf: ParentView.optional(),
  answer: z
    .strictObject({
      decision: Decision,
      by: z.string(),
      assurance: Assurance,
      at: z.iso.datetime(),
      comment: z.string().optional(),
    })
    .optional(),
  /** A signed link for the approver; needs the scope `approvals:link`. */
  link: z.string().optional(),
});
export type ApprovalView = z.infer<typeof ApprovalView>;

export function approvalFor(content: boolean, task: string, approval: Approval): ApprovalView {
  const { id, state, question, approver, assurance, openedAtMs, expiresAtMs, childOf, answer } = approval;
  return {
    id,
    task,
    state,
    question: questionFor(content, question),
    approver,
    assurance,
    openedAt: rfc3339(openedAtMs),
    expiresAt: rfc3339(expiresAtMs),
    ...(childOf && { childOf }),
    ...(answer === undefined ? {} : { answer: answerFor(content, answer) }),
  };
}

function questionFor(content: boolean, question: Question): ApprovalView["question"] {
  if (content || question.kind === "budget") return question;
  if (question.kind === "funds") return { ...question, ceiling: undefined, raiseTo: undefined };
  if (question.kind === "handOff") return { ...question, handOff: undefined };
  if (question.kind === "join") return { ...question, conflicts: undefined };
  const { kind, callId, tool } = question;
  return { kind, callId, tool };
}

function answerFor(
  content: boolean,
  answer: NonNullable<Approval["answer"]>,
): NonNullable<ApprovalView["answer"]> {
  const { decision, by, assurance, atMs, comment } = answer;
  const shown = { decision, by, assurance, at: rfc3339(atMs) };
  return content && comment !== undefined ? { ...shown, comment } : shown;
}

export function rfc3339(ms: number): string {
  return new Date(ms).toISOString();
}
