import type { CommitRow, Head } from "../contracts/journal.ts";
import {
  type ChainOwner,
  type ChainReport,
  type ChainWalk,
  GENESIS,
  concludeWalk,
  walkChain,
} from "../core/chain.ts";
import type { Sha256, TaskDoor } from "../ports.ts";

/** A task's rows in the log, and the last one that ever reached it. */
export interface LogOfTask {
  rowsAfter(seq: number): Promise<readonly CommitRow[]>;
  auditedSeq(): Promise<number>;
}

type JournalOfTask = Pick<TaskDoor, "head" | "commits">;

/** Commits compared at a time when the log has to be laid beside the journal. */
const COMPARE_MAX = 200;

/**
 * L1. Recomputes a task's chain from the log and compares it with what its object holds. Null when there is neither task nor row.
 * The order of the reads matters: a row is in the log only after its commit, so the head is read after the rows; and the index
 * before them, so that a row which it counts on and which is not there was removed.
 */
export async function verifyTask(
  sha256: Sha256,
  owner: ChainOwner,
  log: LogOfTask,
  journal: JournalOfTask,
): Promise<ChainReport | null> {
  const auditedSeq = await log.auditedSeq();
  const walk = await walkLog(sha256, owner, log);
  const head = await journal.head();
  if (head === null && walk.verified.seq === 0 && walk.fault === null && auditedSeq === 0) return null;
  const report = withRemovedTail(concludeWalk(walk, head ?? GENESIS), auditedSeq);
  if (report.state === "intact") return report;
  const differing = await firstDiffering(report.verified, head ?? GENESIS, { log, journal });
  return differing === null
    ? report
    : { ...report, state: "broken", fault: { seq: differing, kind: "differs" } };
}

async function walkLog(sha256: Sha256, owner: ChainOwner, log: LogOfTask): Promise<ChainWalk> {
  let walk: ChainWalk = { verified: GENESIS, fault: null };
  for (;;) {
    const rows = await log.rowsAfter(walk.verified.seq);
    walk = walkChain(sha256, owner, walk, rows);
    if (rows.length === 0 || walk.fault !== null) return walk;
  }
}

/** What the index says had arrived is not pending but gone. */
function withRemovedTail(report: ChainReport, auditedSeq: number): ChainReport {
  const { verified, state } = report;
  if (state !== "pending" || verified.seq >= auditedSeq) return report;
  return { ...report, state: "broken", fault: { seq: verified.seq + 1, kind: "missing" } };
}

/**
 * Rows that hold together can still be others than were committed, up to the first that does not fit. Null when all that follow
 * from each other are the journal's: the hash of the last one stands for all before it.
 */
async function firstDiffering(
  verified: Head,
  head: Head,
  of: { log: LogOfTask; journal: JournalOfTask },
): Promise<number | null> {
  const last = Math.min(verified.seq, head.seq);
  let seq = last === verified.seq && (await hashAt(of.journal, last)) === verified.hash ? last : 0;
  while (seq < last) {
    const [rows, commits] = await Promise.all([
      of.log.rowsAfter(seq),
      of.journal.commits(seq + 1, COMPARE_MAX),
    ]);
    const compared = Math.min(last - seq, Math.max(1, commits?.length ?? 0), Math.max(1, rows.length));
    for (let n = 0; n < compared; n++) {
      if (rows[n]?.hash !== commits?.[n]?.hash) return seq + 1;
      seq += 1;
    }
  }
  return null;
}

async function hashAt(journal: JournalOfTask, seq: number): Promise<string | undefined> {
  if (seq === 0) return GENESIS.hash;
  return (await journal.commits(seq, 1))?.[0]?.hash;
}
