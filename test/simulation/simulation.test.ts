import { beforeAll, describe, expect, test } from "vitest";
import { CRASH_POINTS, type CrashCounts, noCrashes } from "./crashes.ts";
import { simulate } from "./simulate.ts";

/** `SIM_SEEDS` worlds, from the seed `SIM_FROM` on; or the one of `SIM_SEED` alone, told in full. */
const ONE = process.env["SIM_SEED"];
const SEEDS = Number(process.env["SIM_SEEDS"] ?? 1_000);
const FROM = Number(process.env["SIM_FROM"] ?? 1);
const MINUTES_MAX = 30;

test.runIf(ONE !== undefined)("the world of SIM_SEED keeps every invariant", async () => {
  const { trace, violations } = await simulate(Number(ONE));
  process.stdout.write(`${trace}\n`);
  expect(violations).toEqual([]);
});

describe.runIf(ONE === undefined)("any world", () => {
  const crashes: CrashCounts = noCrashes();
  const broken: string[] = [];
  const ends = new Map<string, number>();
  let commits = 0;

  beforeAll(async () => {
    for (let seed = FROM; seed < FROM + SEEDS; seed++) {
      const world = await simulate(seed);
      commits += world.commits;
      for (const point of CRASH_POINTS) crashes[point] += world.crashes[point];
      for (const status of world.statuses) ends.set(status, (ends.get(status) ?? 0) + 1);
      for (const { invariant, what } of world.violations)
        broken.push(`SIM_SEED=${seed} breaks ${invariant}: ${what}`);
    }
    process.stdout.write(reportOf());
  }, MINUTES_MAX * 60_000);

  test("keeps every invariant, whoever dies and whatever is late, lost or doubled", () => {
    expect(broken).toEqual([]);
  });

  test.each(CRASH_POINTS)("dies %s", (point) => {
    expect(crashes[point]).toBeGreaterThan(0);
  });

  test("has tasks that end in every way", () => {
    expect([...ends.keys()].sort()).toEqual(["canceled", "completed", "failed"]);
  });

  test("unrolls in the same way from the same seed, to the last byte", async () => {
    for (let seed = FROM; seed < FROM + 20; seed++)
      expect((await simulate(seed)).trace).toBe((await simulate(seed)).trace);
  });

  function reportOf(): string {
    const lines = CRASH_POINTS.map((point) => `${String(crashes[point]).padStart(7)}  ${point}`);
    const tasks = [...ends].map(([status, count]) => `${count} ${status}`).join(", ");
    return `${SEEDS} worlds, ${commits} commits; tasks: ${tasks}\n died:\n${lines.join("\n")}\n`;
  }
});
