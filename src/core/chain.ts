import type { CommitRow, Head } from "../contracts/journal.ts";
import type { CoreFunctions } from "./functions.ts";

type Sha256 = CoreFunctions["sha256"];

/** Whose chain it is. Both names are part of every hash, so that a row cannot be moved to another task. */
export interface ChainOwner {
  readonly tenant: string;
  readonly task: string;
}

/** The head of a chain without commits: what the first commit links to. */
export const GENESIS: Head = { seq: 0, hash: "0".repeat(64) };

export type Unlinked = Omit<CommitRow, "digest" | "hash">;

/** A row that is not there, one that is not what was committed, or one that was never committed. */
export interface ChainFault {
  readonly seq: number;
  readonly kind: "missing" | "differs" | "unexpected";
}

/** How far rows follow from each other: the last one that does, and the first that does not. */
export interface ChainWalk {
  readonly verified: Head;
  readonly fault: ChainFault | null;
}

/** `pending`: the rows that are there are right, and the tail has not arrived yet. */
export interface ChainReport extends ChainWalk {
  readonly state: "intact" | "pending" | "broken";
}

/** L1. Digest and hash of the commit that follows the one with `prevHash`. */
export function linkOf(
  sha256: Sha256,
  owner: ChainOwner,
  prevHash: string,
  row: Unlinked,
): Pick<CommitRow, "digest" | "hash"> {
  const digest = sha256(`${row.salt}\n${row.body}`);
  const header = `${owner.tenant}\n${owner.task}\n${row.seq}\n${row.atMs}\n${row.rules}`;
  return { digest, hash: sha256(`countersign.commit.v1\n${prevHash}\n${header}\n${digest}`) };
}

/** Takes a walk on over further rows, in the order of `seq`. It stops at its first fault. */
export function walkChain(
  sha256: Sha256,
  owner: ChainOwner,
  from: ChainWalk,
  rows: readonly CommitRow[],
): ChainWalk {
  let walk = from;
  for (const row of rows) {
    if (walk.fault !== null) break;
    const fault = faultOf(sha256, owner, walk.verified, row);
    walk = fault === null ? { verified: { seq: row.seq, hash: row.hash }, fault } : { ...walk, fault };
  }
  return walk;
}

/** L1. Compares the end of a walk with the head that the task's object held after the rows were read. */
export function concludeWalk(walk: ChainWalk, head: Head): ChainReport {
  const { verified, fault } = walk;
  const last = fault?.seq ?? verified.seq;
  if (last > head.seq) return broken(walk, { seq: Math.min(last, head.seq + 1), kind: "unexpected" });
  if (fault !== null) return { ...walk, state: "broken" };
  if (verified.seq < head.seq) return { ...walk, state: "pending" };
  return verified.hash === head.hash
    ? { ...walk, state: "intact" }
    : broken(walk, { seq: head.seq, kind: "differs" });
}

/** L1. A whole chain at once, from its first row. */
export function verifyChain(
  sha256: Sha256,
  owner: ChainOwner,
  rows: readonly CommitRow[],
  head: Head,
): ChainReport {
  return concludeWalk(walkChain(sha256, owner, { verified: GENESIS, fault: null }, rows), head);
}

function faultOf(sha256: Sha256, owner: ChainOwner, verified: Head, row: CommitRow): ChainFault | null {
  const seq = verified.seq + 1;
  if (row.seq !== seq) return { seq, kind: "missing" };
  const link = linkOf(sha256, owner, verified.hash, row);
  return link.digest === row.digest && link.hash === row.hash ? null : { seq, kind: "differs" };
}

function broken(walk: ChainWalk, fault: ChainFault): ChainReport {
  return { ...walk, fault, state: "broken" };
}
