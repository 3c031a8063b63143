import { setTimeout as pause } from "node:timers/promises";
import { row } from "./layout.ts";
import type { Sample } from "./sample.ts";
import { Expected } from "./script.ts";
import { refundIsBooked } from "./shop.ts";

const BOOKED_MS_MAX = 30_000;
const POLL_MS = 20;

/**
 * Kills the runtime when the shop has booked the refund and not yet answered, and starts it again on the same state. From here on
 * nobody helps the task.
 */
export async function killInTheRefund({
  shop,
  order,
  runtime,
  paint,
  restart,
}: Sample): Promise<Sample["runtime"]> {
  await refundBooked(shop, order);
  const { workerd, wrangler } = await runtime.kill();
  const told = (text: string): void => {
    for (const line of row("KILLED", text)) console.log(paint("red", line));
  };
  told(
    `the shop has booked the refund, the runtime has not heard so: SIGKILL to workerd (${workerd.join(", ")}) and wrangler (${wrangler})`,
  );
  const startedMs = performance.now();
  const restarted = await restart();
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
  for (const line of row("restarted", `on the same state, in ${seconds} s; the task goes on by itself`))
    console.log(paint("yellow", line));
  return restarted;
}

async function refundBooked(shop: Sample["shop"], order: Sample["order"]): Promise<void> {
  const giveUpAtMs = performance.now() + BOOKED_MS_MAX;
  while (performance.now() < giveUpAtMs) {
    if (refundIsBooked(shop, order)) return;
    await pause(POLL_MS);
  }
  throw new Expected(`The shop has booked no refund within ${BOOKED_MS_MAX / 1_000} s of its approval.`);
}
