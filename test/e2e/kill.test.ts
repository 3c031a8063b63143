import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { replays } from "../replay/fresh-replay.ts";
import type { Random } from "../simulation/random.ts";
import { loneMakers } from "./kill/cases.ts";
import * as checks from "./kill/checks.ts";
import type { Evidence } from "./kill/evidence.ts";
import { ordeal } from "./kill/ordeal.ts";
import { retailSource } from "./kill/retail-source.ts";
import { summary } from "./kill/summary.ts";

/*
 * The built bundle in plain Miniflare, killed with SIGKILL again and again while it works, and started anew on the same state.
 * Killing a process leaves what the operating system has taken for written: power loss cannot be tested in this way.
 */

const KILLS_MIN = 40;
const kills = Math.max(KILLS_MIN, Number(process.env["KILL_ROUNDS"] ?? KILLS_MIN));
const seed = Number(process.env["KILL_SEED"] ?? Date.now() % 1_000_000);
/** A kill takes about two seconds, several times that on a machine that is busy with other things. */
const MS_MAX = 60_000 + kills * 9_000;

const folder = mkdtempSync(join(tmpdir(), "countersign-kill-"));
let evidence: Evidence;

beforeAll(async () => {
  const source = retailSource();
  console.log(`KILL_SEED=${seed}: ${source.said}, and the project's own.`);
  const beganMs = performance.now();
  const makers = (random: Random) => loneMakers(source.tasks, random);
  evidence = await ordeal({ folder, source, makers, seed, kills, msMax: MS_MAX });
  console.log(summary(evidence, performance.now() - beganMs));
}, MS_MAX + 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the runtime was killed often enough, in the middle of everything that it does", () => {
  expect(evidence.kills.length).toBeGreaterThanOrEqual(KILLS_MIN);
  const hit = evidence.kills.flatMap(({ activities }) => [...activities.keys()]);
  expect(hit).toEqual(
    expect.arrayContaining(["model call", "tool call", "tool call claimed from a queue", "approval"]),
  );
});

test("no task is lost, and each ends as its approver decided", () => {
  expect(checks.endings(evidence)).toEqual([]);
});

test("what anybody was told before a kill is true after it", () => {
  expect(checks.promises(evidence)).toEqual([]);
});

test("every question is answered once, with the word of its approver", () => {
  expect(checks.answers(evidence)).toEqual([]);
});

test("a call keeps its key, however often it is sent", () => {
  expect(checks.keys(evidence)).toEqual([]);
});

test("a call settles once, and is never sent after that", () => {
  expect(checks.settlements(evidence)).toEqual([]);
});

test("every write that was let through takes effect exactly once, and no other does", () => {
  expect(checks.effects(evidence)).toEqual([]);
});

test("no write leaves before its yes", () => {
  expect(checks.permissions(evidence)).toEqual([]);
});

test("the audit chain is whole and names every call once, in order", () => {
  expect(checks.audit(evidence)).toEqual([]);
});

test("each journal, replayed in a fresh process, decides the same again, byte for byte", async () => {
  expect(await replays(evidence.journals)).toEqual([]);
});
