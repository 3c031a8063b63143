/**
 * `npm run demo`: the sample task with its approvals answered. With `--kill` the runtime is killed in the middle of the refund and
 * started again. Ends with what the shop itself has on record, and fails unless everything took effect exactly once.
 */
import type { Approval } from "../src/contracts/approval.ts";
import { answerLink, Client } from "./local/client.ts";
import { killInTheRefund } from "./local/kill.ts";
import { judgeLedger, ledgerLines } from "./local/ledger.ts";
import { row } from "./local/layout.ts";
import { givenOption } from "./local/option.ts";
import { type Sample, follow, startSample } from "./local/sample.ts";
import { type Course, runScript } from "./local/script.ts";

/** How long the shop keeps the runtime waiting for its answer to a refund that it has booked. Less than the tool's time-out. */
const REFUND_DELAY_MS = 8_000;

await runScript(main, { endedEarly: 130 });

async function main(course: Course): Promise<number> {
  const kill = givenOption(process.argv.slice(2), "--kill");
  const sample = await startSample(course, kill ? { SHOP_REFUND_DELAY_MS: String(REFUND_DELAY_MS) } : {});
  let killing = Promise.resolve();
  await follow(sample, course.signal, async (approval) => {
    await answer(sample, approval);
    if (!kill || !isRefund(approval)) return;
    killing = killInTheRefund(sample);
    killing.catch(() => {}); // Awaited below; the timeline goes on meanwhile.
  });
  await killing;
  return await conclude(sample, kill);
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

async function conclude(sample: Sample, killed: boolean): Promise<number> {
  const { status } = await sample.client.task(sample.task.id);
  const ledger = await sample.shop.ledger(sample.order);
  const refundedCents = await sample.shop.refundedCents(sample.order);
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
