import type { CommitRow, Head } from "../../src/contracts/journal.ts";
import { GENESIS, linkOf } from "../../src/core/chain.ts";
import { sha256 } from "../../src/hash.ts";
import type { UsageByDay } from "../../src/core/usage.ts";
import type { AuditBatch, InboxEntry, IndexEntry } from "../../src/ports.ts";

export const T0 = Date.UTC(2026, 0, 5, 12);

/** Commits of a task, chained as its object would; `bodyOf` gives each its body. */
export function commitsOf(
  owner: { tenant: string; task: string },
  count: number,
  bodyOf: (seq: number) => string = (seq) =>
    JSON.stringify({ command: { type: "start" }, events: [{ type: "turnEnded", turn: seq }] }),
): readonly CommitRow[] {
  const rows: CommitRow[] = [];
  let head: Head = GENESIS;
  for (let seq = 1; seq <= count; seq++) {
    const row = { seq, atMs: T0 + seq * 1_000, rules: 1, body: bodyOf(seq), salt: `salt${seq}` };
    const link = linkOf(sha256, owner, head.hash, row);
    rows.push({ ...row, ...link });
    head = { seq, hash: link.hash };
  }
  return rows;
}

export function indexEntry(of: Partial<IndexEntry> & { tenant: string; task: string }): IndexEntry {
  return {
    seq: 1,
    status: "running",
    paused: false,
    agent: "support-desk",
    agentVersion: "a".repeat(64),
    principal: "mia",
    createdAtMs: T0,
    updatedAtMs: T0,
    spentMicroUsd: 0,
    spentTokens: 0,
    ...of,
  };
}

export function inboxEntry(of: Partial<InboxEntry> & { id: string }): InboxEntry {
  return {
    task: "tsk_1",
    seq: 1,
    approver: "ana",
    kind: "call",
    subject: "refund_order",
    state: "open",
    openedAtMs: T0,
    expiresAtMs: T0 + 3_600_000,
    ...of,
  };
}

/** The batch that a task's object would send after `commits`. */
export function batchOf(
  commits: readonly CommitRow[],
  entry: Partial<IndexEntry> & { tenant: string; task: string },
  usage: UsageByDay = {},
): AuditBatch {
  const last = commits.at(-1);
  return {
    commits,
    entry: { ...indexEntry({ seq: last?.seq ?? 1, updatedAtMs: last?.atMs ?? T0, ...entry }), usage },
    approvals: [],
  };
}
