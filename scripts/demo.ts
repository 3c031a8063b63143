/**
 * `npm run demo`: the sample task with its approvals answered. With `--kill` the runtime is killed in the middle of the refund and
 * started again. Ends with what the shop itself has on record, and fails unless everything took effect exactly once.
 * `npm run demo -- --team`: the sample's team at work, as a tree (`local/team.ts`).
 */
import type { Approval } from "../src/contracts/approval.ts";
import type { TaskStatus } from "../src/contracts/task.ts";
import { answerLink, Client } from "./local/client.ts";
import { killInTheRefund } from "./local/kill.ts";
import { judgeLedger, ledgerLines } from "./local/ledger.ts";
import { row } from "./local/layout.ts";
import { givenOptions } from "./local/option.ts";
import { type Sample, follow, startSample } from "./local/sample.ts";
import { type Course, runScript } from "./local/script.ts";
import { onRecord } from "./local/shop.ts";
import { runTeam } from "./local/team.ts";

/** How long the shop keeps the runtime waiting for its answer to a refund that it has booked. Less than the tool's time-out. */
const REFUND_DELAY_MS = 8_000;

/** What may be given together. */
const OPTIONS = [["--kill"], ["--team"], ["--team", "--fail"], ["--team", "--hang"]] as const;

await runScript(main, { endedEarly: 130 });

async function main(course: Course): Promise<number> {
  const given = givenOptions(process.argv.slice(2), OPTIONS);
  return given.has("--team") ? await runTeam(course, given) : await runSupport(course, given.has("--kill"));
}

async function runSupport(course: Course, kill: boolean): Promise<number> {
  const vars = kill ? { SHOP_REFUND_DELAY_MS: String(REFUND_DELAY_MS) } : {};
  const sample = await startSample(course, { vars });
  let runtime = Promise.resolve(sample.runtime);
  await follow(sample, course.signal, async (approval) => {
    await answer(sample, approval);
    if (!kill || !isRefund(approval)) return;
    runtime = killInTheRefund(sample);
    runtime.catch(() => {}); // Awaited below; the timeline goes on meanwhile.
  });
  const { status } = await sample.client.task(sample.task.id);
  await (await runtime).stop();
  return await conclude(sample, status, kill);
}

/** The refund by its signed link, as a person would; everything else with the approver's own key. */
async function answer({ client, runtime, keys }: Sample, approval: Approval): Promise<void> {
  if (isRefund(approval)) {
    tell("the demo, as the approver, sends the form of the signed link");
    await answerLink(await client.linkTo(approval.id), "approve");
  } else {
    tell("the demo answers by the API, with the approver's key");
    await new Client(runtime.url, keys.approverKey).decide(approval.id, { decision: "approve" });
  }
}

/** What counts is what the shop has on record, with no runtime left that could say otherwise. */
async function conclude(sample: Sample, status: TaskStatus, killed: boolean): Promise<number> {
  const { ledger, refundedCents } = await onRecord(sample.shop, sample.order);
  for (const line of ledgerLines(ledger)) console.log(line);
  const verdict = judgeLedger({ ledger, refundedCents, paidCents: sample.order.paidCents, status, killed });
  console.log();
  console.log(sample.paint(verdict.ok ? "green" : "red", verdict.text));
  return verdict.ok ? 0 : 1;
}

function isRefund({ question }: Approval): boolean {
  return question.kind === "call" && question.tool === "refund_order";
}

function tell(text: string): void {
  for (const line of row("", text)) console.log(line);
}
