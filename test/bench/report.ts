import { cpus } from "node:os";
import { usdPerMillionTasks } from "./cost.ts";
import type { Ratios, SideFigures } from "./figures.ts";
import type { Spread } from "./statistics.ts";
import type { Use } from "./use.ts";

/** All that one contender's measuring came to. */
export interface Result {
  readonly name: string;
  readonly figures: SideFigures;
  readonly use: Use;
  /** Against the baseline; the baseline itself has none. */
  readonly ratios: Ratios | undefined;
}

/** What Countersign is held to, against the baseline. */
const TARGETS = { c1P50: 1.5, tasksPerS: 0.65, cpu: 1.75, fan50: 3, turns300: 1.3 };

export function report(results: readonly Result[]): string {
  return [
    `${cpus().length} × ${cpus()[0]?.model ?? "unknown CPU"}, Node ${process.versions.node}`,
    "",
    table([["", ...results.map((result) => result.name)], ...rows.map((row) => cells(row, results))]),
    ...results.flatMap(compared),
    "",
    "platform use of a task of ten calls, as workerd counted it",
    table([["", ...results.map((result) => result.name)], ...useRows.map((row) => cells(row, results))]),
  ].join("\n");
}

type Row = readonly [label: string, of: (result: Result) => number];

const rows: readonly Row[] = [
  ["one at a time, p50 ms", ({ figures }) => figures.c1.p50Ms],
  ["one at a time, p99 ms", ({ figures }) => figures.c1.p99Ms],
  ["32 at once, tasks/s", ({ figures }) => figures.c32.tasksPerS],
  ["256 at once, tasks/s", ({ figures }) => figures.c256.tasksPerS],
  ["CPU ms a task (32 at once)", ({ figures }) => figures.cpuMsPerTask],
  ["first event, p50 ms", ({ figures }) => figures.firstEvent.p50Ms],
  ["50 parallel calls, p50 ms", ({ figures }) => figures.fan50.p50Ms],
  ["a turn of 300 against one of 11", ({ figures }) => figures.turns300.perTurnRatio],
  ["the same in CPU", ({ figures }) => figures.turns300.perTurnCpuRatio],
  ["memory that 300 turns add, MB", ({ figures }) => figures.turns300.growthMb],
  ["peak memory at 256, MB", ({ figures }) => figures.peakRssMb],
];

const useRows: readonly Row[] = [
  ["rows written", ({ use }) => use.perTask.rowsWritten],
  ["  a model call", ({ use }) => use.rowsWrittenPerModelCall],
  ["  fixed", ({ use }) => use.rowsWrittenFixedPerTask],
  ["commits a model call", ({ use }) => use.commitsPerModelCall],
  ["object requests", ({ use }) => use.perTask.objectRequests],
  ["object active, ms", ({ use }) => use.perTask.objectActiveMs],
  ["Worker requests", ({ use }) => use.perTask.workerRequests],
  ["queue operations", ({ use }) => use.perTask.queueOperations],
  ["D1 rows written", ({ use }) => use.perTask.d1RowsWritten],
  ["  a commit", ({ use }) => use.d1RowsPerCommit],
  ["  fixed", ({ use }) => use.d1RowsFixedPerTask],
  ["USD a million tasks", ({ use }) => usdPerMillionTasks(use.perTask).total],
  ["USD, model calls of 15 s", ({ use }) => usdPerMillionTasks(use.perWaitingTask).total],
];

function cells([label, of]: Row, results: readonly Result[]): readonly string[] {
  return [label, ...results.map((result) => of(result).toFixed(2))];
}

function compared({ name, ratios, figures }: Result): readonly string[] {
  if (ratios === undefined) return [];
  const { c1P50, c32TasksPerS, c256TasksPerS, cpuMsPerTask, fan50P50 } = ratios;
  return [
    "",
    `${name} against raw: median of the rounds (least to most)`,
    table([
      ["p50, one at a time", spread(c1P50), atMost(c1P50.median, TARGETS.c1P50)],
      ["tasks/s, 32 at once", spread(c32TasksPerS), atLeast(c32TasksPerS.median, TARGETS.tasksPerS)],
      ["tasks/s, 256 at once", spread(c256TasksPerS), atLeast(c256TasksPerS.median, TARGETS.tasksPerS)],
      ["CPU a task", spread(cpuMsPerTask), atMost(cpuMsPerTask.median, TARGETS.cpu)],
      ["50 parallel calls", spread(fan50P50), atMost(fan50P50.median, TARGETS.fan50)],
      [
        "a turn of 300",
        figures.turns300.perTurnRatio.toFixed(2),
        atMost(figures.turns300.perTurnRatio, TARGETS.turns300),
      ],
    ]),
  ];
}

function spread({ median, min, max }: Spread): string {
  return `${median.toFixed(2)} (${min.toFixed(2)} to ${max.toFixed(2)})`;
}

function atMost(value: number, target: number): string {
  return `${value <= target ? "within" : "OVER"} ${target}`;
}

function atLeast(value: number, target: number): string {
  return `${value >= target ? "within" : "UNDER"} ${target}`;
}

/** Columns as wide as their widest cell; the first one to the left, figures to the right. */
export function table(lines: readonly (readonly string[])[]): string {
  const columns = Math.max(...lines.map((cellsOf) => cellsOf.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...lines.map((cellsOf) => cellsOf[column]?.length ?? 0)),
  );
  return lines
    .map((cellsOf) =>
      cellsOf
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
