import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startMockModel } from "../mock-model/mock-model.ts";
import type { MockModelProcess } from "../mock-model/mock-model.ts";
import type { Contender } from "./contender.ts";
import { build, openStage } from "./contender.ts";
import { countersign } from "./countersign/contender.ts";
import { usdPerMillionTasks } from "./cost.ts";
import { ratios, sideFigures } from "./figures.ts";
import { measureMemory } from "./memory.ts";
import { USAGE, readOptions } from "./options.ts";
import type { BenchOptions } from "./options.ts";
import { measureFamily } from "./family.ts";
import type { Family } from "./family.ts";
import { familyRatios, familyReport } from "./family-report.ts";
import { raw } from "./raw/contender.ts";
import { report } from "./report.ts";
import type { Result } from "./report.ts";
import { effort, firstEvents, runRounds } from "./rounds.ts";
import type { Rounds } from "./rounds.ts";
import { measureUse } from "./use.ts";

/**
 * The bench. All contenders run as built bundles in one plain Miniflare, that is, one workerd, against a mock model in a process of
 * its own; the rounds interleave them. On a disk, not in memory: a commit is an fsync. Exits with an error only if measuring failed.
 */
const FOLDER = join(import.meta.dirname, "../../.tmp/bench");
const CONTENDERS: readonly Contender[] = [raw, countersign];

function chosen(options: BenchOptions): readonly Contender[] {
  if (options.only === undefined) return CONTENDERS;
  const only = CONTENDERS.filter((contender) => contender.name === options.only);
  if (only.length === 0) throw new Error(`No contender is called ${options.only}.\n\n${USAGE}`);
  return only;
}

interface Measured {
  readonly results: readonly Result[];
  /** Of Countersign: the baseline recruits nobody. */
  readonly family: Family | undefined;
}

async function bench(options: BenchOptions, model: MockModelProcess): Promise<Measured> {
  const contenders = chosen(options);
  const work = effort(options.quick);
  const scripts = await build(contenders, FOLDER);
  const countedScripts = await build(contenders, FOLDER, true);
  const stage = await openStage(scripts, model, join(FOLDER, "rounds"));
  const timed = new Map<string, { readonly rounds: Rounds; readonly firstEventsMs: readonly number[] }>();
  try {
    for (const [side, rounds] of await runRounds(stage, work, { modelPid: model.pid, told: console.error })) {
      timed.set(side.name, { rounds, firstEventsMs: await firstEvents(side, work.firstEvents) });
    }
  } finally {
    await stage.close();
  }
  // Counts are exact whatever else runs, and waiting takes minutes, so that is done for all at the same time; peaks of memory are not.
  const uses = await Promise.all(
    [...countedScripts].map((built) => measureUse(built, model, { folder: FOLDER, ...work })),
  );
  const results: Result[] = [];
  for (const [at, [contender, script]] of [...scripts].entries()) {
    const { name } = contender;
    const [own, use] = [timed.get(name), uses[at]];
    if (own === undefined || use === undefined) throw new Error(`${name} was not measured.`);
    console.error(`memory of ${name}`);
    const memory = await measureMemory([contender, script], model, { folder: FOLDER, crowd: work.crowd });
    const baseline = name === raw.name ? undefined : timed.get(raw.name)?.rounds;
    results.push({
      name,
      figures: sideFigures(own.rounds, own.firstEventsMs, memory),
      use,
      ratios: baseline === undefined ? undefined : ratios(own.rounds, baseline),
    });
  }
  return { results, family: await familyOf(scripts, countedScripts, model, work.pairs) };
}

type Scripts = ReadonlyMap<Contender, string>;

async function familyOf(
  scripts: Scripts,
  countedScripts: Scripts,
  model: MockModelProcess,
  pairs: number,
): Promise<Family | undefined> {
  const [timed, counted] = [scripts.get(countersign), countedScripts.get(countersign)];
  if (timed === undefined || counted === undefined) return undefined;
  console.error("children and separate tasks");
  const built = { timed: [countersign, timed], counted: [countersign, counted] } as const;
  return await measureFamily(built, model, { folder: FOLDER, pairs });
}

/** The figures of each contender by its name, and what Countersign uses of the platform beside them. */
function asJson({ results, family }: Measured): unknown {
  const own = results.find(({ name }) => name === countersign.name);
  const sides = results.map(({ name, figures, use, ratios: against }) => [
    name,
    { ...figures, ratios: against, use, usdPerMillionTasks: costs(use) },
  ]);
  return {
    ...Object.fromEntries(sides),
    ...(own === undefined ? {} : platformFigures(own)),
    ...(family && { family: { ...family, ratios: familyRatios(family) } }),
  };
}

function platformFigures({ figures, use }: Result): object {
  return {
    rowsWrittenPerModelCall: use.rowsWrittenPerModelCall,
    rowsWrittenFixedPerTask: use.rowsWrittenFixedPerTask,
    d1RowsPerCommit: use.d1RowsPerCommit,
    objectRequestsPerTask: use.perTask.objectRequests,
    queueOpsPerTask: use.perTask.queueOperations,
    usdPerMillionTasks: costs(use),
    turns300: figures.turns300,
  };
}

function costs({ perTask, perWaitingTask }: Result["use"]): object {
  return { instant: usdPerMillionTasks(perTask).total, wait15s: usdPerMillionTasks(perWaitingTask).total };
}

const options = readOptions(process.argv.slice(2));
rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
const model = await startMockModel();
try {
  const measured = await bench(options, model);
  console.log(report(measured.results));
  if (measured.family !== undefined) console.log(`\n${familyReport(measured.family)}`);
  if (options.json !== undefined)
    writeFileSync(options.json, `${JSON.stringify(asJson(measured), null, 2)}\n`);
} finally {
  await model.stop();
  rmSync(FOLDER, { recursive: true, force: true });
}
