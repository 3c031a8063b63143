import { Jurisdiction } from "./contracts/task.ts";

const TASK_ID = /^tsk_(?:(eu|fedramp)_)?[0-9a-f]{32}$/;
const APPROVAL_ID = /^(.+)\.([1-9][0-9]{0,9})\.(0|[1-9][0-9]{0,9})$/;

/** A task's id says where its object lives, so that whoever has the id finds the object. */
export interface TaskName {
  readonly id: string;
  readonly jurisdiction: Jurisdiction | undefined;
}

/** `unique`: at least 32 lower-case hex digits, random or a hash; the first 128 bits are taken. */
export function taskName(unique: string, jurisdiction: Jurisdiction | undefined): TaskName {
  return {
    id: `tsk_${jurisdiction === undefined ? "" : `${jurisdiction}_`}${unique.slice(0, 32)}`,
    jurisdiction,
  };
}

/** Null when no task was ever given such an id. */
export function parseTaskName(id: string): TaskName | null {
  const match = TASK_ID.exec(id);
  return match === null ? null : { id, jurisdiction: Jurisdiction.optional().parse(match[1]) };
}

/** The task that an approval belongs to: approvals are named `<task>.<seq>.<n>`. */
export function taskOfApproval(approval: string): TaskName | null {
  const match = APPROVAL_ID.exec(approval);
  return match?.[1] === undefined ? null : parseTaskName(match[1]);
}

/**
 * The namespace that holds a task's objects. Null where the runtime has no jurisdictions, as workerd on one's own machine: a task
 * that was promised a jurisdiction must not be made elsewhere.
 */
export function namespaceOf<N extends { jurisdiction(name: Jurisdiction): N }>(
  namespace: N,
  task: TaskName,
): N | null {
  if (task.jurisdiction === undefined) return namespace;
  try {
    return namespace.jurisdiction(task.jurisdiction);
  } catch {
    return null;
  }
}

/** H1. The name of a task's object holds the tenant, so a tenant that asks for another's task reaches an empty object of its own. */
export function objectName(tenant: string, task: TaskName): string {
  return `${tenant}/${task.id}`;
}
