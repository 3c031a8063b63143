import type { CommitRow } from "../../contracts/journal.ts";
import type { CoreFunctions } from "../functions.ts";
import { decodeBody, encodeBody, foldRow } from "./commit.ts";
import { RULES, decide } from "./decide.ts";
import type { TaskState } from "./state.ts";

/** J3. Where replay and journal part, if they do. */
export interface Replayed {
  readonly commits: number;
  readonly equal: boolean;
  readonly state: TaskState | null;
  readonly firstDifference?: { readonly seq: number; readonly reason: string };
}

/** Puts every command of a journal to `decide` again, with nothing but the journal, and compares the events byte for byte. */
export function replay(rows: Iterable<CommitRow>, fns: CoreFunctions): Replayed {
  let state: TaskState | null = null;
  let commits = 0;
  let firstDifference: Replayed["firstDifference"];
  for (const row of rows) {
    const reason: string | null = differenceIn(state, row, fns);
    if (reason !== null) firstDifference ??= { seq: row.seq, reason };
    state = foldRow(state, row);
    commits += 1;
  }
  const result = { commits, equal: firstDifference === undefined, state };
  return firstDifference === undefined ? result : { ...result, firstDifference };
}

function differenceIn(state: TaskState | null, row: CommitRow, fns: CoreFunctions): string | null {
  const { command } = decodeBody(row);
  const decision = decide(state, command, row.atMs, fns);
  if (!decision.ok) return `${ruled(row)}: the command is refused (${decision.refusal.code})`;
  return encodeBody({ command, events: decision.events }) === row.body
    ? null
    : `${ruled(row)}: other events are decided`;
}

function ruled(row: CommitRow): string {
  return row.rules === RULES ? `rules ${RULES}` : `rules ${row.rules} then, ${RULES} now`;
}
