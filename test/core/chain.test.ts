import { expect, test } from "vitest";
import type { CommitRow, Head } from "../../src/contracts/journal.ts";
import { GENESIS, concludeWalk, linkOf, verifyChain, walkChain } from "../../src/core/chain.ts";
import { sha256 } from "../../src/hash.ts";

const owner = { tenant: "acme", task: "tsk_1" };

/** Five commits as an object would make them, and their head. */
function chainOf(length: number, whose = owner): { rows: readonly CommitRow[]; head: Head } {
  const rows: CommitRow[] = [];
  let prevHash = GENESIS.hash;
  for (let seq = 1; seq <= length; seq++) {
    const row = { seq, atMs: 1_000 + seq, rules: 1, body: `{"n":${seq}}`, salt: `salt${seq}` };
    const link = linkOf(sha256, whose, prevHash, row);
    rows.push({ ...row, ...link });
    prevHash = link.hash;
  }
  return { rows, head: { seq: length, hash: prevHash } };
}

const { rows, head } = chainOf(5);
const without = (seq: number): readonly CommitRow[] => rows.filter((row) => row.seq !== seq);
const changed = (seq: number, change: Partial<CommitRow>): readonly CommitRow[] =>
  rows.map((row) => (row.seq === seq ? { ...row, ...change } : row));

test("the link of a commit is the hash of its header over the salted digest of its body", () => {
  const row = { seq: 1, atMs: 7, rules: 2, body: "{}", salt: "s" };
  const digest = sha256("s\n{}");
  expect(linkOf(sha256, owner, GENESIS.hash, row)).toEqual({
    digest,
    hash: sha256(`countersign.commit.v1\n${"0".repeat(64)}\nacme\ntsk_1\n1\n7\n2\n${digest}`),
  });
});

test("a whole chain that ends in the head is intact", () => {
  expect(verifyChain(sha256, owner, rows, head)).toEqual({ state: "intact", verified: head, fault: null });
});

test("a chain without commits is intact under a head without commits", () => {
  expect(verifyChain(sha256, owner, [], GENESIS)).toEqual({
    state: "intact",
    verified: GENESIS,
    fault: null,
  });
});

test.each([0, 1, 4])("with only the first %i rows there, the rest is pending", (count) => {
  const report = verifyChain(sha256, owner, rows.slice(0, count), head);
  expect(report).toMatchObject({ state: "pending", verified: { seq: count }, fault: null });
});

test.each([1, 2, 3, 4])("a missing row %i is named", (seq) => {
  expect(verifyChain(sha256, owner, without(seq), head)).toMatchObject({
    state: "broken",
    verified: { seq: seq - 1 },
    fault: { seq, kind: "missing" },
  });
});

test.each<[string, Partial<CommitRow>]>([
  ["body", { body: '{"n":30}' }],
  ["salt", { salt: "other" }],
  ["digest", { digest: sha256("other") }],
  ["hash", { hash: sha256("other") }],
  ["time", { atMs: 9 }],
  ["version of the rules", { rules: 9 }],
])("a row whose %s was changed is named", (_what, change) => {
  expect(verifyChain(sha256, owner, changed(3, change), head)).toMatchObject({
    state: "broken",
    verified: { seq: 2 },
    fault: { seq: 3, kind: "differs" },
  });
});

test("a body changed together with its digest still differs", () => {
  const body = '{"n":30}';
  const report = verifyChain(sha256, owner, changed(3, { body, digest: sha256(`salt3\n${body}`) }), head);
  expect(report.fault).toEqual({ seq: 3, kind: "differs" });
});

test("rows of another task or tenant differ from the first on", () => {
  for (const whose of [
    { ...owner, task: "tsk_2" },
    { ...owner, tenant: "other" },
  ]) {
    expect(verifyChain(sha256, owner, chainOf(5, whose).rows, head).fault).toEqual({
      seq: 1,
      kind: "differs",
    });
  }
});

test("a chain that holds together but ends in another hash than the head differs", () => {
  const last = rows.slice(0, 4);
  const row = { seq: 5, atMs: 1_005, rules: 1, body: "{}", salt: "salt5" };
  const forged = { ...row, ...linkOf(sha256, owner, last.at(-1)?.hash ?? "", row) };
  expect(verifyChain(sha256, owner, [...last, forged], head).fault).toEqual({ seq: 5, kind: "differs" });
});

test("rows behind the head were never committed", () => {
  const shorter: Head = { seq: 3, hash: rows[2]?.hash ?? "" };
  expect(verifyChain(sha256, owner, rows, shorter)).toMatchObject({
    state: "broken",
    fault: { seq: 4, kind: "unexpected" },
  });
  expect(verifyChain(sha256, owner, [...rows.slice(0, 3), ...rows.slice(4)], shorter).fault).toEqual({
    seq: 4,
    kind: "unexpected",
  });
});

const start = { verified: GENESIS, fault: null };

test("a walk taken on page by page ends where a walk in one go does", () => {
  const first = walkChain(sha256, owner, start, rows.slice(0, 2));
  expect(walkChain(sha256, owner, first, rows.slice(2))).toEqual(walkChain(sha256, owner, start, rows));
});

test("a walk stops for good at its first fault", () => {
  const stopped = walkChain(sha256, owner, start, without(2));
  expect(stopped).toEqual({ verified: { seq: 1, hash: rows[0]?.hash }, fault: { seq: 2, kind: "missing" } });
  expect(walkChain(sha256, owner, stopped, rows.slice(1))).toBe(stopped);
  expect(concludeWalk(stopped, head).state).toBe("broken");
});
