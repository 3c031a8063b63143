import { z } from "zod";
import { ApprovalStatus } from "./approval.ts";
import type { CommitRow } from "./journal.ts";
import { TaskStatus } from "./task.ts";

const Ms = z.int().nonnegative();

/** Which tasks a list shows: made from one time on, and before another. */
export const TaskFilter = z.strictObject({
  status: TaskStatus.optional(),
  agent: z.string().optional(),
  principal: z.string().optional(),
  parent: z.string().optional(),
  fromMs: Ms.optional(),
  toMs: Ms.optional(),
});
export type TaskFilter = Readonly<z.infer<typeof TaskFilter>>;

/** Where a list of tasks goes on: behind this one, newest first. */
export const TaskPosition = z.object({ createdAtMs: Ms, task: z.string() });
export type TaskPosition = Readonly<z.infer<typeof TaskPosition>>;

/** Which approvals the inbox shows. */
export const InboxFilter = z.strictObject({
  state: ApprovalStatus.optional(),
  approver: z.string().optional(),
  task: z.string().optional(),
});
export type InboxFilter = Readonly<z.infer<typeof InboxFilter>>;

/** Where a list of approvals goes on: behind this one, newest first. */
export const InboxPosition = z.object({ openedAtMs: Ms, id: z.string() });
export type InboxPosition = Readonly<z.infer<typeof InboxPosition>>;

/** Where a list of accounts goes on: behind this one, by name; the tenant's own has an empty name, and comes first. */
export const AccountPosition = z.object({ principal: z.string() });
export type AccountPosition = Readonly<z.infer<typeof AccountPosition>>;

/** Which commits of the audit log are read: those from one time on, and before another. */
export const AuditFilter = z.strictObject({
  task: z.string().optional(),
  principal: z.string().optional(),
  fromMs: Ms.optional(),
  toMs: Ms.optional(),
});
export type AuditFilter = Readonly<z.infer<typeof AuditFilter>>;

/** Where a reading of the log goes on: tasks in the order in which they were made, and a task's commits in theirs. */
export const AuditPosition = z.object({ createdAtMs: Ms, task: z.string(), seq: Ms });
export type AuditPosition = Readonly<z.infer<typeof AuditPosition>>;

/** A commit as the audit log has it. */
export interface AuditedCommit extends CommitRow {
  readonly task: string;
}

/** A page of a list; without `next` it is the last one. */
export interface AuditPage {
  readonly rows: readonly AuditedCommit[];
  readonly next?: AuditPosition;
}
