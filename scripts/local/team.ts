import { setTimeout as pause } from "node:timers/promises";
import { orderInvestigation } from "../../src/agents/order-investigation.ts";
import type { Branch } from "../../src/api/tree.ts";
import { row } from "./layout.ts";
import { type Ask, type Sample, startSample } from "./sample.ts";
import type { Course } from "./script.ts";
import { treeLines } from "./tree.ts";

const POLL_MS = 150;

const askTeam: Ask = ({ orderId, customerId }) => ({
  agent: orderInvestigation.manifest.name,
  input: { text: `Where does order ${orderId} stand?`, json: { orderId, customerId } },
});

/** The sample's team on one order, live as a tree. With `--fail` or `--hang` the payment system does so, and the answer has to say it. */
export async function runTeam(course: Course, given: ReadonlySet<string>): Promise<number> {
  const fault = given.has("--fail") ? "fail" : given.has("--hang") ? "hang" : null;
  const vars = fault === null ? {} : { SHOP_PAYMENTS: fault };
  const sample = await startSample(course, { vars, ask: askTeam });
  console.log();
  await watch(sample, course.signal);
  if (course.signal.aborted) return 130;
  return await conclude(sample, fault !== null);
}

/** On a terminal the tree is drawn over itself; elsewhere each line is told when it changes, and all of them at the end. */
async function watch({ client, task, paint }: Sample, signal: AbortSignal): Promise<void> {
  const isTerminal = process.stdout.isTTY === true;
  let shown: readonly string[] = [];
  for (;;) {
    const { items } = await client.tree(task.id);
    const lines = treeLines(items, paint);
    if (isTerminal) redraw(shown, lines);
    else for (const line of changed(shown, lines)) console.log(line);
    shown = lines;
    if (signal.aborted || items.every(isOver)) break;
    await pause(POLL_MS);
  }
  if (!isTerminal) console.log(["", "The tree at its end", ...shown].join("\n"));
}

/** Who is not made by the end of its parent never will be. */
function isOver({ status, depth }: Branch): boolean {
  if (status === undefined) return depth > 0;
  return status === "completed" || status === "failed" || status === "canceled";
}

function redraw(before: readonly string[], lines: readonly string[]): void {
  const up = before.length === 0 ? "" : `\x1b[${before.length}A`;
  process.stdout.write(`${up}${lines.map((line) => `\x1b[2K${line}\n`).join("")}`);
}

function changed(before: readonly string[], lines: readonly string[]): readonly string[] {
  return lines.filter((line) => !before.includes(line));
}

async function conclude({ client, task, paint }: Sample, isFaulty: boolean): Promise<number> {
  const { status, answer = "", missing = [] } = await client.task(task.id);
  console.log();
  for (const line of row("answer", answer)) console.log(line);
  const parts = missing.map(({ tool, why }) => `${tool}: ${why}`).join(", ");
  for (const line of row("missing", parts || "nothing")) console.log(line);
  console.log();
  const isNamed = answer.includes("missing (") && missing.length > 0;
  const isRight = status === "completed" && isNamed === isFaulty;
  const verdict = isFaulty
    ? "The payment system gave nothing; the others' answers stand, and what is missing is named."
    : "Every specialist answered.";
  console.log(
    paint(isRight ? "green" : "red", isRight ? verdict : `WRONG: the task is ${status}: ${answer}`),
  );
  return isRight ? 0 : 1;
}
