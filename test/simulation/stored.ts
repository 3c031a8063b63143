import { CommitRow } from "../../src/contracts/journal.ts";
import type { Disk } from "./disk.ts";

/** Commits on disk behind a seq, read past the object that wrote them. */
export function rowsOf(disk: Disk, afterSeq: number): readonly CommitRow[] {
  const [made] = disk.rows("SELECT 1 FROM sqlite_master WHERE name = 'journal'");
  if (made === undefined) return [];
  return disk
    .rows(
      "SELECT seq, at_ms AS atMs, rules, body, salt, digest, hash FROM journal WHERE seq > ? ORDER BY seq",
      afterSeq,
    )
    .map((row) => CommitRow.parse({ ...row }));
}
