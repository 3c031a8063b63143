import { z } from "zod";
import { defineTool } from "../../define.ts";
import { type ToolCall, ToolError } from "../definition.ts";
import { Customer, Note, Order, customerByEmail, notesOf, orderById, ordersOf } from "./shop-reads.ts";
import { type Asker, addNote, refund, sendMessage } from "./shop-writes.ts";

/** The sample's knob: how long the shop waits between booking a refund and answering, so that a demo can kill the runtime in between. */
type ShopEnv = Cloudflare.Env & { readonly SHOP_REFUND_DELAY_MS?: string };

const OrderId = z.string().min(1).max(64).describe("The order's id, such as ord_1a2b3c4d.");
const CustomerId = z.string().min(1).max(64).describe("The customer's id, such as cus_1a2b3c4d.");

export const findCustomer = defineTool({
  name: "find_customer",
  description: "Finds the customer with an e-mail address.",
  effect: "read",
  input: z.strictObject({ email: z.string().min(3).max(254) }),
  output: Customer,
  run: async ({ email }, { env, tenant }) =>
    (await customerByEmail(env.DB, tenant, email)) ??
    notFound(`There is no customer with the address ${email}.`),
});

export const listOrders = defineTool({
  name: "list_orders",
  description: "Lists the newest orders of a customer, newest first, at most 20.",
  effect: "read",
  input: z.strictObject({ customerId: CustomerId }),
  output: z.strictObject({ orders: z.array(Order).readonly() }),
  run: async ({ customerId }, { env, tenant }) => ({ orders: await ordersOf(env.DB, tenant, customerId) }),
});

export const getOrder = defineTool({
  name: "get_order",
  description: "Shows one order with its payment, its refunds so far and its notes. Money is in cents.",
  effect: "read",
  input: z.strictObject({ orderId: OrderId }),
  output: Order.extend({ notes: z.array(Note).readonly() }),
  run: async ({ orderId }, { env, tenant }) => {
    const order = await orderById(env.DB, tenant, orderId);
    if (order === null) return notFound(`There is no order ${orderId}.`);
    return { ...order, notes: await notesOf(env.DB, tenant, orderId) };
  },
});

export const addOrderNote = defineTool({
  name: "add_order_note",
  description: "Adds an internal note to an order. Customers do not see it.",
  effect: "reversible",
  recovery: "key",
  input: z.strictObject({ orderId: OrderId, text: z.string().min(1).max(2_000) }),
  output: z.strictObject({ noteId: z.string() }),
  run: async (note, call) => ({ noteId: await addNote(asker(call), note) }),
});

export const refundOrder = defineTool({
  name: "refund_order",
  description:
    "Refunds a delivered order, in part or in full, to its original payment method. It cannot be taken back.",
  effect: "irreversible",
  categories: ["money"],
  recovery: "key",
  input: z.strictObject({
    orderId: OrderId,
    amountCents: z.int().positive(),
    reason: z.string().min(1).max(500),
  }),
  output: z.strictObject({ refundId: z.string(), orderId: z.string(), amountCents: z.int() }),
  run: async (order, call: ToolCall<ShopEnv>) => {
    const refundId = await refund(asker(call), order);
    await pause(Number(call.env.SHOP_REFUND_DELAY_MS ?? 0));
    return { refundId, orderId: order.orderId, amountCents: order.amountCents };
  },
});

export const sendCustomerMessage = defineTool({
  name: "send_message",
  description: "Sends an e-mail to a customer.",
  effect: "irreversible",
  categories: ["external"],
  recovery: "key",
  input: z.strictObject({
    customerId: CustomerId,
    subject: z.string().min(1).max(200),
    body: z.string().min(1).max(10_000),
  }),
  output: z.strictObject({ messageId: z.string() }),
  run: async (message, call) => ({ messageId: await sendMessage(asker(call), message) }),
});

/** The call's id is the idempotency key, whatever attempt it is. */
function asker({ env, tenant, id }: ToolCall): Asker {
  return { db: env.DB, tenant, key: id, nowMs: Date.now() };
}

function notFound(message: string): never {
  throw new ToolError("not_found", message);
}

function pause(ms: number): Promise<void> {
  return ms > 0 ? new Promise((resolve) => setTimeout(resolve, ms)) : Promise.resolve();
}
