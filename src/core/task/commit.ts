import type { CommitRow, Head } from "../../contracts/journal.ts";
import { linkOf } from "../chain.ts";
import type { CoreFunctions } from "../functions.ts";
import type { Command } from "./command.ts";
import type { Event } from "./event.ts";
import { evolve } from "./evolve.ts";
import type { TaskState } from "./state.ts";

/** What one commit says. Its text is what is stored, hashed and audited. */
export interface CommitBody {
  readonly command: Command;
  readonly events: readonly Event[];
}

export function encodeBody(body: CommitBody): string {
  return JSON.stringify({ command: body.command, events: body.events });
}

/** Throws when a row is not one of ours: the chain was checked before, so it is a bug, not bad input. */
export function decodeBody(row: CommitRow): CommitBody {
  const body: unknown = JSON.parse(row.body);
  if (!isCommitBody(body)) throw new Error(`commit ${row.seq} has no command and events`);
  return body;
}

/** The row that a decision becomes, linked to the chain's head. */
export function commitRow(
  of: {
    task: { tenant: string; task: string };
    head: Head;
    atMs: number;
    rules: number;
    body: string;
    salt: string;
  },
  fns: CoreFunctions,
): CommitRow {
  const { task, head, atMs, rules, body, salt } = of;
  const seq = head.seq + 1;
  const unlinked = { seq, atMs, rules, body, salt };
  return { ...unlinked, ...linkOf(fns.sha256, task, head.hash, unlinked) };
}

/** J2. Folds one row into the state. */
export function foldRow(state: TaskState | null, row: CommitRow): TaskState {
  const { command, events } = decodeBody(row);
  let next = state;
  for (const event of events) next = evolve(next, event, { seq: row.seq, atMs: row.atMs, command });
  if (next === null) throw new Error("a commit has at least one event");
  return next;
}

function isCommitBody(value: unknown): value is CommitBody {
  return (
    typeof value === "object" &&
    value !== null &&
    "command" in value &&
    "events" in value &&
    Array.isArray(value.events)
  );
}
