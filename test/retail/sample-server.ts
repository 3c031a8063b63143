import { expect } from "vitest";
import { retailClient, type ArrivalView, type RetailClient, type ToolRequest } from "./client.ts";
import { sampleShop } from "./sample-shop.ts";
import { startRetailServer } from "./server.ts";

/** A server of the sample shop's, which a test opens with `await using` and so closes at its end. */
export interface SampleServer extends RetailClient, AsyncDisposable {
  /** Asks until the arrivals of a run are as wanted; fails with the last ones seen. */
  arrivalsWhen(
    wanted: (arrivals: readonly ArrivalView[]) => boolean,
    run?: string,
  ): Promise<readonly ArrivalView[]>;
}

export async function openSampleServer(): Promise<SampleServer> {
  const server = await startRetailServer({ database: sampleShop });
  const client = retailClient(server.port);
  return {
    ...client,
    async arrivalsWhen(wanted, run = RUN) {
      const look = async (): Promise<readonly ArrivalView[]> => (await client.arrivals(run)).arrivals;
      await expect.poll(look, { timeout: 5_000, interval: 10 }).toSatisfy(wanted);
      return look();
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}

export const RUN = "run-1";

export const cancelArgs = { order_id: "#PENDING_BY_GIFT_CARD", reason: "no longer needed" };

/** A call that the sample shop takes once: it changes an order and, by the refund, a customer. */
export const cancelCall: ToolRequest = {
  run: RUN,
  tool: "cancel_pending_order",
  args: cancelArgs,
  key: "call-1",
  task: "task-1",
};

/** That something has come and nothing of it is still being worked on. */
export function allEnded(arrivals: readonly ArrivalView[]): boolean {
  return arrivals.length > 0 && arrivals.every((arrival) => arrival.fate !== "open");
}
