import { z } from "zod";
import { defineTool } from "../../define.ts";
import { type ToolCall, ToolError } from "../definition.ts";
import { Refund, SentMessage, messagesTo, orderById, refundsOf } from "./shop-reads.ts";

/** The sample's knob: a payment system that is down, or one that answers nothing, so that a demo can do without it. */
type RecordsEnv = Cloudflare.Env & { readonly SHOP_PAYMENTS?: string };

/** Longer than anybody waits for it. */
const HANG_MS = 60_000;

export const listPayments = defineTool({
  name: "list_payments",
  description:
    "Shows what was paid for an order and every refund of it, as the payment system has it. Money is in cents.",
  effect: "read",
  timeoutMs: 30_000,
  retry: { attemptsMax: 1, delayMsFirst: 250, delayMsMax: 1_000 },
  input: z.strictObject({ orderId: z.string().min(1).max(64) }),
  output: z.strictObject({ paidCents: z.int(), refundedCents: z.int(), refunds: z.array(Refund).readonly() }),
  run: async ({ orderId }, { env, tenant }: ToolCall<RecordsEnv>) => {
    if (env.SHOP_PAYMENTS === "fail") throw new ToolError("unavailable", "The payment system is down.");
    if (env.SHOP_PAYMENTS === "hang") await new Promise((resolve) => setTimeout(resolve, HANG_MS));
    const order = await orderById(env.DB, tenant, orderId);
    if (order === null) throw new ToolError("not_found", `Nothing was paid for ${orderId}.`);
    const { paidCents, refundedCents } = order;
    return { paidCents, refundedCents, refunds: await refundsOf(env.DB, tenant, orderId) };
  },
});

export const listMessages = defineTool({
  name: "list_messages",
  description: "Lists the newest messages that a customer was sent, newest first, at most 20.",
  effect: "read",
  input: z.strictObject({ customerId: z.string().min(1).max(64) }),
  output: z.strictObject({ messages: z.array(SentMessage).readonly() }),
  run: async ({ customerId }, { env, tenant }) => ({
    messages: await messagesTo(env.DB, tenant, customerId),
  }),
});
