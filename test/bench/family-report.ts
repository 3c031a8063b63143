import type { PlatformUse } from "./cost.ts";
import { usdPerMillionTasks } from "./cost.ts";
import type { Family, Figures } from "./family.ts";
import { median } from "./statistics.ts";
import { table } from "./report.ts";

/** What a parent with children may take, against the same work in tasks of their own: time and USD. */
const TARGET = 1.3;

type Row = readonly [label: string, of: (figures: Figures) => number];

const uses: readonly (readonly [string, keyof PlatformUse])[] = [
  ["rows written", "rowsWritten"],
  ["object requests", "objectRequests"],
  ["object active, ms", "objectActiveMs"],
  ["Worker requests", "workerRequests"],
  ["queue operations", "queueOperations"],
  ["D1 rows written", "d1RowsWritten"],
  ["CPU ms", "cpuMs"],
];
const rows: readonly Row[] = [
  ["time, ms", (figures) => median(figures.tookMs)],
  ...uses.map(([label, what]): Row => [label, ({ use }) => use[what]]),
  ["USD for a million", ({ use }) => usdPerMillionTasks(use).total],
];

export function familyReport({ parent, alone, awaited }: Family): string {
  const cells = ([label, of]: Row): readonly string[] => [
    label,
    ...[parent, alone, awaited].map((figures) => of(figures).toFixed(1)),
    ratio(of(parent), of(alone)),
    ratio(of(parent), of(awaited)),
  ];
  const { time, usd } = familyRatios({ parent, alone, awaited });
  return [
    "a parent with 50 children of five turns, against 50 tasks of their own, and 50 that somebody waits for",
    table([["", "children", "tasks", "awaited", "ratio", "ratio"], ...rows.map(cells)]),
    `time ${verdict(time)}, USD ${verdict(usd)}`,
  ].join("\n");
}

/** Against tasks that nobody waits for, as nobody waits for a child. */
export function familyRatios({ parent, alone }: Family): { readonly time: number; readonly usd: number } {
  const usd = (figures: Figures): number => usdPerMillionTasks(figures.use).total;
  return { time: median(parent.tookMs) / median(alone.tookMs), usd: usd(parent) / usd(alone) };
}

function ratio(over: number, under: number): string {
  return under === 0 ? "" : (over / under).toFixed(2);
}

function verdict(value: number): string {
  return `${value.toFixed(2)}: ${value <= TARGET ? "within" : "OVER"} ${TARGET}`;
}
