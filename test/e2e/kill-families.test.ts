import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { replays } from "../replay/fresh-replay.ts";
import { familyMakers } from "./kill/cases.ts";
import * as checks from "./kill/checks.ts";
import type { Evidence } from "./kill/evidence.ts";
import { sums, trees, withChildren } from "./kill/family-checks.ts";
import { ordeal } from "./kill/ordeal.ts";
import { retailSource } from "./kill/retail-source.ts";
import { summary } from "./kill/summary.ts";

/*
 * The same ordeal, with tasks that recruit others: every kill finds parents that wait and children that write.
 */

const KILLS_MIN = 20;
const kills = Math.max(KILLS_MIN, Number(process.env["KILL_ROUNDS"] ?? KILLS_MIN));
const seed = Number(process.env["KILL_SEED"] ?? Date.now() % 1_000_000);
/** A child whose making was hit between claim and creation is missed when its parent asks for it, after a minute: a few times at the worst. */
const MS_MAX = 300_000 + kills * 9_000;

const folder = mkdtempSync(join(tmpdir(), "countersign-kill-families-"));
let evidence: Evidence;

beforeAll(async () => {
  console.log(`KILL_SEED=${seed}`);
  const beganMs = performance.now();
  const posted = await ordeal({
    folder,
    source: retailSource(),
    makers: familyMakers,
    seed,
    kills,
    msMax: MS_MAX,
  });
  console.log(summary(posted, performance.now() - beganMs));
  evidence = withChildren(posted);
}, MS_MAX + 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the runtime was killed often enough, with children at work and calls of theirs out", () => {
  expect(evidence.kills.length).toBeGreaterThanOrEqual(KILLS_MIN);
  const hit = evidence.kills.flatMap(({ activities }) => [...activities.keys()]);
  expect(hit).toEqual(expect.arrayContaining(["child at work", "tool call"]));
});

test("every tree is whole: each task completed, one child a call, and nobody left behind", () => {
  expect(trees(evidence)).toEqual([]);
});

test("what a task has spent is what it and its children used (B1)", () => {
  expect(sums(evidence)).toEqual([]);
});

test.each([
  ["what anybody was told before a kill is true after it", checks.promises],
  ["a call keeps its key, however often it is sent", checks.keys],
  ["a call settles once, and is never sent after that", checks.settlements],
  ["every write takes effect exactly once across the tree", checks.effects],
  ["the audit chain of every task is whole and names every call once, in order", checks.audit],
])("%s", (_what, check) => {
  expect(check(evidence)).toEqual([]);
});

test("each journal of a tree decides the same again in a fresh process", async () => {
  expect(await replays(evidence.journals)).toEqual([]);
});
