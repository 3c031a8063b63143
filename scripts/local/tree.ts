import type { Branch } from "../../src/api/tree.ts";
import { count, ends, usd } from "./layout.ts";
import type { Paint, Style } from "./paint.ts";

/** A tree of tasks, a line each: who it is, how it is, and what it spent of what it may. */
export function treeLines(items: readonly Branch[], paint: Paint): readonly string[] {
  return items.map((branch, n) => {
    const left = `  ${branchLines(items, n)}${nameOf(branch)}`;
    const status = branch.status ?? "queued";
    const state = `${status}${whyOf(branch)}`;
    return paint(STYLES[status], ends(left.padEnd(NAME_WIDTH) + state, spentOf(branch)));
  });
}

const NAME_WIDTH = 34;

const STYLES = {
  queued: "dim",
  running: "cyan",
  waiting_approval: "yellow",
  completed: "green",
  failed: "red",
  canceled: "red",
} as const satisfies Record<NonNullable<Branch["status"]>, Style>;

function nameOf({ agent, tool }: Branch): string {
  return agent ?? tool?.replace(/^ask_/, "").replaceAll("_", "-") ?? "";
}

function whyOf({ error }: Branch): string {
  return error === undefined ? "" : ` (${error})`;
}

function spentOf({ budget }: Branch): string {
  if (budget === undefined) return "not made yet";
  const { spent, limit } = budget;
  return `${count(spent.turns, "turn")}, ${spent.tokens.toLocaleString("en-US")} of ${limit.tokens.toLocaleString("en-US")} tokens, ${usd(spent.costMicroUsd)}`;
}

/** The strokes that lead to the n-th: a bar for each generation that goes on below it. */
function branchLines(items: readonly Branch[], n: number): string {
  const depth = items[n]?.depth ?? 0;
  const bars = Array.from({ length: depth }, (_, level) => {
    const goesOn = goesOnAt(items, n, level + 1);
    if (level === depth - 1) return goesOn ? "├─ " : "└─ ";
    return goesOn ? "│  " : "   ";
  });
  return bars.join("");
}

/** Whether another of this generation follows before the tree goes back above it. */
function goesOnAt(items: readonly Branch[], n: number, depth: number): boolean {
  const next = items.slice(n + 1).find((branch) => branch.depth <= depth);
  return next?.depth === depth;
}
