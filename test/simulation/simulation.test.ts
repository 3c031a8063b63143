import { beforeAll, describe, expect, test } from "vitest";
import { CRASH_POINTS, type CrashCounts, noCrashes } from "./crashes.ts";
import { FreshReplay } from "../replay/fresh-replay.ts";
import { simulate } from "./simulate.ts";

/** `SIM_SEEDS` worlds, from the seed `SIM_FROM` on; or the one of `SIM_SEED` alone, told in full. */
const ONE = process.env["SIM_SEED"];
const SEEDS = Number(process.env["SIM_SEEDS"] ?? 1_000);
const FROM = Number(process.env["SIM_FROM"] ?? 1);
const MINUTES_MAX = 30;
/** All events but `planRevised`, whose command is to come. */
const EVENTS_THAT_HAPPEN = 47;
/**
 * Waking up from a snapshot, joins of five kinds that are satisfied or not, two kinds of stragglers and rests until one has ended,
 * eight reasons to pass a candidate over, probes, five ways of being turned away by a budget or for want of a place, and five
 * reasons to go on to each kind of rung.
 */
const OTHERS_THAT_HAPPEN = 1 + 5 * 2 + 2 + 1 + 8 + 1 + 5 + 5 * 3;

if (ONE === undefined) describe("any world", manyWorlds);
else test(`the world of seed ${ONE} keeps every invariant`, oneWorld);

async function oneWorld(): Promise<void> {
  const { trace, violations } = await simulate(Number(ONE));
  process.stdout.write(`${trace}\n`);
  expect(violations).toEqual([]);
}

function manyWorlds(): void {
  const crashes: CrashCounts = noCrashes();
  const broken: string[] = [];
  const met = new Map<string, number>();
  let commits = 0;
  const fresh = new FreshReplay();

  beforeAll(async () => {
    for (let seed = FROM; seed < FROM + SEEDS; seed++) {
      const world = await simulate(seed);
      for (const [task, rows] of world.journals) fresh.take(`SIM_SEED=${seed} ${task}`, rows);
      commits += world.commits;
      for (const point of CRASH_POINTS) crashes[point] += world.crashes[point];
      for (const [what, times] of world.met) met.set(what, (met.get(what) ?? 0) + times);
      for (const { invariant, what } of world.violations)
        broken.push(`SIM_SEED=${seed} breaks ${invariant}: ${what}`);
    }
    process.stdout.write(report());
  }, MINUTES_MAX * 60_000);

  test("keeps every invariant, whoever dies and whatever is late, lost or doubled", () => {
    expect(broken).toEqual([]);
  });

  test("is decided in the same way again in a fresh process, to the last byte", async () => {
    expect(fresh.tasks).toBeGreaterThanOrEqual(SEEDS);
    expect(await fresh.faults()).toEqual([]);
  });

  test.each(CRASH_POINTS)("dies %s", (point) => {
    expect(crashes[point]).toBeGreaterThan(0);
  });

  test("meets every event that is committed at all, and all that is counted beside", () => {
    expect(met.size).toBe(EVENTS_THAT_HAPPEN + OTHERS_THAT_HAPPEN);
  });

  test("unrolls in the same way from the same seed, to the last byte", async () => {
    for (let seed = FROM; seed < FROM + 20; seed++)
      expect((await simulate(seed)).trace).toBe((await simulate(seed)).trace);
  }, 120_000);

  function report(): string {
    const died = CRASH_POINTS.map((point) => counted(point, crashes[point]));
    const happened = [...met]
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([what, times]) => counted(what, times));
    return [`${SEEDS} worlds, ${commits} commits`, "died:", ...died, "met:", ...happened, ""].join("\n");
  }
}

function counted(what: string, times: number): string {
  return `${String(times).padStart(7)}  ${what}`;
}
